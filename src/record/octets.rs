//! Messages that are listed as bytes: so the journal writes what is no UTF-8 or has control characters.
//! Who shows a message to people shows what the list stands for; an expression asks about the list.

use std::borrow::Cow;

use super::{
    canonical::Canonical,
    form::Form,
    reader::Record,
    value::{Kind, Value},
};

impl<'a> Record<'a, '_> {
    /// The message as text for people.
    pub fn message(&self) -> Option<Cow<'a, str>> {
        self.first_spot(Canonical::Message, |spot, value| match spot.form {
            Form::Octets if value.kind == Kind::Array => Some(octets(value)),
            form => form.text(value),
        })
    }
}

/// The text of a list of bytes; any other list as it is.
fn octets(value: Value<'_>) -> Cow<'_, str> {
    let text = value.text();
    let list = text
        .strip_prefix('[')
        .and_then(|list| list.strip_suffix(']'));
    let numbers = list.unwrap_or_default().split(',');
    let bytes: Option<Vec<u8>> = numbers.map(|number| number.trim().parse().ok()).collect();
    match bytes {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Canonical, Found, Reader};

    #[test]
    fn the_journal_writes_text_as_bytes() {
        let check = |line: &str, expect: Option<&str>| {
            let mut reader = Reader::default();
            reader.canonical(Canonical::Message);
            let mut found = Found::default();
            let record = reader.read(line.as_bytes(), &mut found).expect("a record");
            assert_eq!(record.message().as_deref(), expect, "{line}");
        };
        check(r#"{"MESSAGE":[98, 195,169,255]}"#, Some("b\u{e9}\u{fffd}"));
        check(r#"{"MESSAGE":"plain"}"#, Some("plain"));
        check(r#"{"MESSAGE":["a","b"]}"#, Some(r#"["a","b"]"#));
        check(r#"{"MESSAGE":[256]}"#, Some("[256]"));
        check(r#"{"MESSAGE":[]}"#, Some("[]"));
        check(r#"{"MESSAGE":null}"#, None);
        // Other producers mean what they write.
        check(r#"{"message":[98]}"#, Some("[98]"));
    }
}
