//! Lists of objects with a `key` and a `value`, which stand for members where a producer cannot write
//! those: Jaeger's tags, OTLP's attributes.

use super::{
    cursor::Cursor,
    value::{Kind, Value},
};

/// The value under a key of such a list; of equal keys the last one.
pub fn tagged<'a>(list: Value<'a>, key: &str) -> Option<Value<'a>> {
    let mut found = None;
    each_tag(list, |name, value| {
        if name.as_str().is_some_and(|name| name == key) {
            found = Some(value);
        }
    });
    found
}

/// Goes through the keys of such a list, with what stands at each. What is no such object is passed
/// over.
pub fn each_tag<'a>(list: Value<'a>, mut each: impl FnMut(Value<'a>, Value<'a>)) {
    if list.kind != Kind::Array {
        return;
    }
    // The list is well-formed: it stands in a record.
    let _ = Cursor::array(list.raw, |cursor| {
        if !cursor.is_object() {
            return cursor.value().map(drop);
        }
        let (mut key, mut value) = (None, None);
        cursor.members(|name, cursor| {
            let found = cursor.value()?;
            match name {
                b"key" => key = Some(found),
                b"value" => value = Some(found),
                _ => {}
            }
            Ok(())
        })?;
        if let (Some(key), Some(value)) = (key, value) {
            each(key, value);
        }
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys() {
        let check = |list: &str, expect: Option<&str>| {
            let list = Value {
                kind: Kind::Array,
                raw: list.as_bytes(),
            };
            let found = tagged(list, "a").map(|value| value.text().into_owned());
            assert_eq!(found.as_deref(), expect, "{list:?}");
        };
        check("[]", None);
        check(r#"[1,null,{"key":"b","value":1}]"#, None);
        check(r#"[{"key":"a","type":"int64","value":7}]"#, Some("7"));
        check(r#"[{"value":1,"key":"\u0061"}]"#, Some("1"));
        check(
            r#"[{"key":"a","value":1},{"key":"a","value":2},{"key":"a"}]"#,
            Some("2"),
        );
    }
}
