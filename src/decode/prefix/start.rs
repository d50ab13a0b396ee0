//! What a text begins with, told in one pass for all forms: each is asked only where that stands which it needs.

use super::{
    Prefix,
    cut::{BLANK, COLON, DIGIT, EQUALS, PART, kind, separated},
};

/// What a text begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    /// The text, and what separates it from what stands in front.
    pub(super) whole: &'a [u8],
    /// The text alone.
    pub(super) text: &'a [u8],
    /// Its first word.
    pub(super) first: &'a [u8],
    /// What stands behind that.
    pub(super) rest: &'a [u8],
    marks: u16,
}

/// A form of what stands in front of a message.
pub(super) struct Form {
    /// A text that has none of these marks is not in it.
    at: u16,
    /// True if a time has to stand in front.
    is_timed: bool,
    read: Read,
}

/// Reads what goes on with a prefix that has been read so far, or tells that it is not in this form.
type Read = for<'a> fn(&Prefix<'a>, &Start<'a>) -> Option<Prefix<'a>>;

/// A bracket begins the text.
pub(super) const SQUARE: u16 = 1;
/// A parenthesis does.
pub(super) const ROUND: u16 = 1 << 1;
/// A brace does.
pub(super) const CURLY: u16 = 1 << 2;
/// The first word may be a name.
pub(super) const NAME: u16 = 1 << 3;
/// It is a number.
pub(super) const NUMBER: u16 = 1 << 4;
/// Nothing of this begins the text.
pub(super) const ODD: u16 = 1 << 5;
/// There is a colon in the first word.
pub(super) const WITH_COLON: u16 = 1 << 6;
/// There is an equals sign in it.
pub(super) const WITH_EQUALS: u16 = 1 << 7;
/// No letter begins the next word.
pub(super) const APART: u16 = 1 << 8;
/// A tab stands in front of the text.
pub(super) const TAB: u16 = 1 << 9;
/// A bar does, or begins it.
pub(super) const BAR: u16 = 1 << 10;
/// Each text has one of these marks.
pub(super) const ANY: u16 = u16::MAX;

impl<'a> Start<'a> {
    /// Of a text that follows something else.
    pub(super) fn behind(whole: &'a [u8]) -> Self {
        let mut start = Self::of(separated(whole));
        start.whole = whole;
        if whole.starts_with(b"\t") {
            start.marks |= TAB;
        }
        if whole.trim_ascii_start().starts_with(b"|") {
            start.marks |= BAR;
        }
        start
    }

    pub(super) fn of(text: &'a [u8]) -> Self {
        let mut kinds = 0;
        let is_part = |&&byte: &&u8| {
            let kind = kind(byte);
            kinds |= kind & !BLANK;
            kind != BLANK
        };
        let (first, rest) = text.split_at(text.iter().take_while(is_part).count());
        let mut marks = match first {
            [b'[', ..] => SQUARE,
            [b'(', ..] => ROUND,
            [b'{', ..] => CURLY,
            [] | [b'-', ..] => ODD,
            _ if kinds == DIGIT => NAME | NUMBER,
            _ if kinds & !(DIGIT | PART | COLON) == 0 => NAME,
            _ => ODD,
        };
        if kinds & COLON != 0 {
            marks |= WITH_COLON;
        }
        if kinds & EQUALS != 0 {
            marks |= WITH_EQUALS;
        }
        let next = rest.trim_ascii_start().first();
        if !next.is_some_and(u8::is_ascii_alphabetic) {
            marks |= APART;
        }
        Self {
            whole: text,
            text,
            first,
            rest,
            marks,
        }
    }

    /// True if it has one of these marks.
    pub(super) fn has(&self, marks: u16) -> bool {
        self.marks & marks != 0
    }
}

impl Form {
    /// One of texts with one of these marks.
    pub(super) const fn new(at: u16, read: Read) -> Self {
        Self {
            at,
            is_timed: false,
            read,
        }
    }

    /// The same of one that stands only behind a time.
    pub(super) const fn timed(at: u16, read: Read) -> Self {
        Self {
            is_timed: true,
            ..Self::new(at, read)
        }
    }

    /// Reads what is in one of these forms: the first that fits is taken.
    pub(super) fn read<'a>(
        forms: &[Self],
        prefix: &Prefix<'a>,
        start: &Start<'a>,
    ) -> Option<Prefix<'a>> {
        let is_timed = prefix.is_timed();
        let mut forms = forms.iter();
        forms.find_map(|form| {
            let may_be = start.has(form.at) && (is_timed || !form.is_timed);
            may_be.then(|| (form.read)(prefix, start)).flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_what_stands_there() {
        let check = |text: &str, first: &str, marks: u16| {
            let start = Start::behind(text.as_bytes());
            assert_eq!(start.first, first.as_bytes(), "{text:?}");
            assert_eq!(start.marks, marks, "{text:?}: {:b}", start.marks);
        };
        check(" INFO app.db up", "INFO", NAME);
        check(" - 4711 - up", "4711", NAME | NUMBER | APART);
        check(" [main] INFO", "[main]", SQUARE);
        check("{a.py:12} x", "{a.py:12}", CURLY | WITH_COLON);
        check("(main) [x]", "(main)", ROUND | APART);
        check(" app.db:12: up", "app.db:12:", NAME | WITH_COLON);
        check(" a=1 {}", "a=1", ODD | WITH_EQUALS | APART);
        check("a{b=1}: c", "a{b=1}:", ODD | WITH_COLON | WITH_EQUALS);
        check(" --x é", "--x", ODD | APART);
        check("\u{e9}t\u{e9}\tup", "\u{e9}t\u{e9}", NAME);
        check("\tINFO\tup", "INFO", NAME | TAB);
        check(" | INFO | up", "INFO", NAME | BAR | APART);
        check("|INFO|up", "|INFO|up", ODD | BAR | APART);
        check("  ", "", ODD | APART);
        let start = Start::of(b" - up");
        assert_eq!((start.first, start.text), (&b""[..], &b" - up"[..]));
        assert!(start.has(ANY));
    }
}
