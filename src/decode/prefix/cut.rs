//! Cuts words, brackets and levels off a text.

use crate::{
    decode::cut::{is_number, last_around, within},
    record::Level,
};

/// A level that a text begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub(super) level: &'a [u8],
    /// True if brackets or a colon set it off.
    pub(super) is_set_off: bool,
    /// True if a blank stands behind it within its brackets.
    pub(super) is_padded: bool,
    /// What stands behind.
    pub(super) rest: &'a [u8],
}

impl<'a> Shown<'a> {
    /// Reads one that is in capitals, in brackets, or has a colon behind it.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        if let Some((inner, rest)) = within(text, b'[') {
            let is_apart = rest
                .first()
                .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b':');
            return is_apart.then_some(Self {
                level: level(inner)?,
                is_set_off: true,
                is_padded: inner.ends_with(b" "),
                rest: rest.strip_prefix(b":").unwrap_or(rest),
            });
        }
        let (first, rest) = word(text);
        // winston's `http` is mostly the protocol.
        let bare = first.strip_suffix(b":").filter(|bare| bare != b"http");
        if bare.is_none() && first.iter().any(u8::is_ascii_lowercase) {
            return None;
        }
        Some(Self {
            level: level(bare.unwrap_or(first))?,
            is_set_off: bare.is_some(),
            is_padded: false,
            rest,
        })
    }
}

/// A text without blanks and a lone dash or bar in front.
pub(super) fn separated(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    match text {
        [b'-' | b'|', rest @ ..] if rest.first().is_none_or(u8::is_ascii_whitespace) => {
            rest.trim_ascii_start()
        }
        _ => text,
    }
}

/// Up to the first blank, and from there.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace);
    text.split_at(end.unwrap_or(text.len()))
}

/// Splits at the first dash that has blanks around it; nothing need follow the second blank.
pub(super) fn split_dash(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_apart = |&at: &usize| {
        let (before, behind) = (text[..at].last(), text.get(at + 1));
        before == Some(&b' ') && behind.is_none_or(|&byte| byte == b' ')
    };
    let at = memchr::memchr_iter(b'-', text).find(is_apart)?;
    Some((&text[..at - 1], text[at + 1..].trim_ascii_start()))
}

/// The file and the line of `file.py:12`.
pub(super) fn source(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (file, line) = last_around(text, b':')?;
    let (_, ending) = last_around(file, b'.')?;
    let is_file = is_name(file)
        && !file.contains(&b':')
        && ending.first().is_some_and(u8::is_ascii_alphabetic);
    (is_file && is_number(line)).then_some((file, line))
}

/// True for the name of a file with code, where a name with a dot may be that of a logger too.
pub(super) fn is_code(file: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 11] = [
        b"c", b"cc", b"cpp", b"go", b"h", b"hpp", b"js", b"py", b"rb", b"rs", b"ts",
    ];
    last_around(file, b'.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// The word, if it means a level. A single letter means too much else, with a number too.
pub(super) fn level(word: &[u8]) -> Option<&[u8]> {
    let word = word.trim_ascii();
    let text = std::str::from_utf8(word).ok()?;
    let letters = word.get(..2)?.iter().all(u8::is_ascii_alphabetic);
    (letters && Level::from_word(text).is_some()).then_some(word)
}

/// True for what may be the name of a logger.
pub(super) fn is_name(word: &[u8]) -> bool {
    let is_part = |byte: &u8| kind(*byte) & (DIGIT | PART | COLON) != 0;
    word.first().is_some_and(|first| *first != b'-') && word.iter().all(is_part)
}

/// What a byte is in a word: nothing, because it ends that; a digit, another part of a name, one of two signs, or something
/// that no name has in it. Each word of some is asked for this, so that a table pays.
pub(super) fn kind(byte: u8) -> u8 {
    KINDS[usize::from(byte)]
}

pub(super) const BLANK: u8 = 1;
pub(super) const DIGIT: u8 = 1 << 1;
pub(super) const PART: u8 = 1 << 2;
pub(super) const COLON: u8 = 1 << 3;
pub(super) const EQUALS: u8 = 1 << 4;
const OTHER: u8 = 1 << 5;

const KINDS: [u8; 256] = {
    let mut kinds = [OTHER; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = match byte {
            _ if byte.is_ascii_whitespace() => BLANK,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. | b'.' | b'_' | b'-' | b'$' | b'/' => PART,
            b':' => COLON,
            b'=' => EQUALS,
            _ => OTHER,
        };
        if byte == u8::MAX {
            break kinds;
        }
        byte += 1;
    }
};

/// True for a name that no word of a sentence looks like: a dot within it.
pub(super) fn is_dotted(name: &[u8]) -> bool {
    let inner = &name[1..name.len().max(2) - 1];
    inner.contains(&b'.') && !name.starts_with(b"/") || name == b"root" || name == b"__main__"
}
