//! Whether a result is the record itself, so that its own bytes can be written.

use jaq_json::{Num, Rc, Val};

/// True if both are spelt the same: the same keys in the same order, and numbers of the
/// same text. (Equal in the language is less: `1.0` equals `1`, in any order of keys.)
pub(super) fn same(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Num(a), Val::Num(b)) => same_number(a, b),
        (Val::TStr(a), Val::TStr(b)) => a == b,
        (Val::Arr(a), Val::Arr(b)) => {
            Rc::ptr_eq(a, b)
                || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Val::Obj(a), Val::Obj(b)) => {
            Rc::ptr_eq(a, b)
                || a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|((k, a), (l, b))| same(k, l) && same(a, b))
        }
        _ => false,
    }
}

fn same_number(a: &Num, b: &Num) -> bool {
    match (a, b) {
        (Num::Int(a), Num::Int(b)) => a == b,
        (Num::BigInt(a), Num::BigInt(b)) => a == b,
        (Num::Dec(a), Num::Dec(b)) => a == b,
        // No record holds a calculated number.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use crate::jq::read::read;

    #[test]
    fn equal_is_not_the_same() {
        let check = |a: &str, b: &str, expect: bool| {
            let [a, b] = [a, b].map(|text| read(text.as_bytes()).expect("a value"));
            assert_eq!(same(&a, &b), expect, "{a} {b}");
        };
        check(r#"{"a":[1,{"b":null}]}"#, r#"{"a":[1,{"b":null}]}"#, true);
        check(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#, false);
        check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false);
        check("1.0", "1", false);
        check("1.0", "1.00", false);
        check("1.10", "1.10", true);
        check("NaN", "NaN", true);
        check("0", "-0", false);
        check("12345678901234567890", "12345678901234567890", true);
        check("12345678901234567890", "12345678901234567891", false);
        check(r#""\ud800""#, r#""\ud801""#, false);
        check("[1]", "[1,2]", false);
        check("true", "false", false);
    }
}
