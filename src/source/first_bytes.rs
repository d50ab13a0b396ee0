//! What the first bytes of an input say that all of it is.

use crate::error::Error;

/// What is not plain text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Gzip,
    Zstd,
    /// What is not read, and the command that makes text of it.
    Foreign(&'static str, &'static str),
}

/// What each form begins with.
const FORMS: [(&[u8], Form); 7] = [
    (&[0x1F, 0x8B, 0x08], Form::Gzip),
    (&[0x28, 0xB5, 0x2F, 0xFD], Form::Zstd),
    (
        b"\xFD7zXZ\0",
        Form::Foreign(
            "is compressed by xz, which is not read",
            "pipe it from xz -dc FILE",
        ),
    ),
    // With the size of its blocks that bzip2 has by itself.
    (
        b"BZh91AY&SY",
        Form::Foreign(
            "is compressed by bzip2, which is not read",
            "pipe it from bzip2 -dc FILE",
        ),
    ),
    (
        b"PK\x03\x04",
        Form::Foreign(
            "is an archive of zip, which is not read",
            "pipe it from unzip -p FILE",
        ),
    ),
    (UTF_16[0], Form::Foreign(IN_UTF_16.0, IN_UTF_16.1)),
    (UTF_16[1], Form::Foreign(IN_UTF_16.0, IN_UTF_16.1)),
];

/// Its byte order marks, which no text in UTF-8 has.
const UTF_16: [&[u8]; 2] = [&[0xFF, 0xFE], &[0xFE, 0xFF]];
const IN_UTF_16: (&str, &str) = (
    "is text in UTF-16, and only UTF-8 is read",
    "pipe it from iconv -f UTF-16 -t UTF-8 FILE",
);

/// The form that an input which begins so has.
pub(super) fn form(head: &[u8]) -> Option<Form> {
    let found = FORMS.iter().find(|(magic, _)| *magic == head);
    found.map(|(_, form)| *form)
}

/// True if more bytes may make it one of the forms.
pub(super) fn may_be(head: &[u8]) -> bool {
    FORMS.iter().any(|(magic, _)| magic.starts_with(head))
}

/// Why it is not read.
pub(super) fn refusal(reason: &str, hint: &'static str) -> std::io::Error {
    std::io::Error::other(Error::Misused {
        reason: reason.to_owned(),
        hint,
    })
}
