//! Exceptions that their producers write as an object, each within the one that it has led to: log4j2's `thrown`, and
//! what Monolog has in its context. They become the text of a stack.

use super::{cursor::Cursor, value::Value};

/// How many causes are looked into, each within another.
const DEEPEST: usize = 16;

/// One exception.
#[derive(Default)]
struct Thrown<'a> {
    kind: Option<String>,
    message: String,
    /// Where it was, the last place first.
    places: Vec<String>,
    /// How many places more it has in common with what it has led to.
    common: Option<String>,
    /// The whole text, if its producer has made one.
    text: Option<String>,
    cause: Option<Value<'a>>,
    is_known: bool,
}

/// The exception as text; `None` if it is not known what stands in the object.
pub(super) fn thrown_text(object: &str) -> Option<String> {
    let mut out = String::new();
    let mut thrown = Thrown::read(object.as_bytes())?;
    for _ in 0..DEEPEST {
        if let Some(text) = thrown.text.filter(|_| out.is_empty()) {
            return Some(text);
        }
        out.push_str(&thrown.kind?);
        if !thrown.message.is_empty() {
            out.push_str(": ");
            out.push_str(&thrown.message);
        }
        for place in &thrown.places {
            out.push_str("\n\tat ");
            out.push_str(place);
        }
        if let Some(common) = thrown.common.filter(|common| common != "0") {
            out.push_str("\n\t... ");
            out.push_str(&common);
            out.push_str(" more");
        }
        let Some(next) = thrown.cause.and_then(|cause| Thrown::read(cause.raw)) else {
            break;
        };
        out.push_str("\nCaused by: ");
        thrown = next;
    }
    Some(out)
}

impl<'a> Thrown<'a> {
    fn read(object: &'a [u8]) -> Option<Self> {
        let mut thrown = Self::default();
        let walked = Cursor::line(object, |key, cursor| {
            let value = cursor.value()?;
            let text = || value.text().into_owned();
            match key {
                b"name" | b"class" => thrown.kind = value.as_str().map(Into::into),
                b"message" => thrown.message = value.as_str().map(Into::into).unwrap_or_default(),
                b"commonElementCount" => {
                    thrown.is_known = true;
                    thrown.common = Some(text());
                }
                b"extendedStackTrace" => {
                    thrown.is_known = true;
                    match value.as_str() {
                        Some(text) => thrown.text = Some(text.into()),
                        None => each(value, |place| thrown.places.extend(java_place(place.raw))),
                    }
                }
                b"file" => {
                    thrown.is_known = true;
                    thrown.places.insert(0, text());
                }
                b"trace" => each(value, |place| thrown.places.push(place.text().into_owned())),
                b"cause" | b"previous" => thrown.cause = Some(value),
                _ => {}
            }
            Ok(())
        });
        (walked.is_ok() && thrown.is_known && thrown.kind.is_some()).then_some(thrown)
    }
}

/// Goes through the elements of a list, if it is one.
fn each<'a>(list: Value<'a>, mut each: impl FnMut(Value<'a>)) {
    let _ = Cursor::array(list.raw, |cursor| {
        each(cursor.value()?);
        Ok(())
    });
}

/// `a.B.run(B.java:7)`.
fn java_place(object: &[u8]) -> Option<String> {
    let (mut class, mut method, mut file, mut line) = Default::default();
    let walked = Cursor::line(object, |key, cursor| {
        let value = cursor.value()?;
        let part: &mut String = match key {
            b"class" => &mut class,
            b"method" => &mut method,
            b"file" => &mut file,
            b"line" => &mut line,
            _ => return Ok(()),
        };
        *part = value.text().into_owned();
        Ok(())
    });
    walked
        .is_ok()
        .then(|| format!("{class}.{method}({file}:{line})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_stacks() {
        let check = |text: &str, expect: &str| {
            assert_eq!(thrown_text(text).as_deref(), Some(expect), "{text}");
        };
        check(
            r#"{"commonElementCount":0,"localizedMessage":"no stock","message":"no stock","name":"java.lang.IllegalStateException","cause":{"commonElementCount":2,"localizedMessage":"deep","message":"deep","name":"java.lang.RuntimeException"},"extendedStackTrace":[{"class":"Shop4","method":"lambda$main$0","file":"Shop4.java","line":8,"exact":false,"location":"l4/","version":"?"},{"class":"java.lang.Thread","method":"run","file":"Thread.java","line":840,"exact":false,"location":"?","version":"?"}]}"#,
            "java.lang.IllegalStateException: no stock\n\tat Shop4.lambda$main$0(Shop4.java:8)\n\tat java.lang.Thread.run(Thread.java:840)\nCaused by: java.lang.RuntimeException: deep\n\t... 2 more",
        );
        check(
            r#"{"commonElementCount":0,"name":"E","extendedStackTrace":"E\n\tat a.B.c(B.java:1)\n"}"#,
            "E\n\tat a.B.c(B.java:1)\n",
        );
        check(
            r#"{"class":"RuntimeException","message":"no stock for 7","code":4,"file":"/srv/shop/mono.php:12","trace":["/srv/shop/mono.php:13"],"previous":{"class":"InvalidArgumentException","message":"deep","code":0,"file":"/srv/shop/mono.php:11"}}"#,
            "RuntimeException: no stock for 7\n\tat /srv/shop/mono.php:12\n\tat /srv/shop/mono.php:13\nCaused by: InvalidArgumentException: deep\n\tat /srv/shop/mono.php:11",
        );
    }

    #[test]
    fn what_is_no_such_object_stays_as_it_is() {
        for text in [
            "{}",
            "{",
            r#"{"name":"E","message":"x"}"#,
            r#"{"class":7,"file":"x"}"#,
            r#"{"file":"x"}"#,
        ] {
            assert_eq!(thrown_text(text), None, "{text}");
        }
    }

    #[test]
    fn causes_of_causes_have_an_end() {
        let mut text = r#"{"class":"E","file":"f"}"#.to_owned();
        for _ in 0..10_000 {
            text = format!(r#"{{"class":"E","file":"f","previous":{text}}}"#);
        }
        let shown = thrown_text(&text).unwrap_or_default();
        assert_eq!(shown.matches('E').count(), DEEPEST);
    }
}
