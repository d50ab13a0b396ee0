//! Who has sent a statement.

use crate::decode::{
    cut::{around, last_around},
    object::Object,
};

/// Who has sent a statement.
pub(super) struct Client<'a> {
    /// The account whose rights count.
    account: &'a [u8],
    user: &'a [u8],
    host: &'a [u8],
    address: &'a [u8],
    /// Pairs that stand behind.
    pub(super) rest: &'a [u8],
}

impl<'a> Client<'a> {
    /// Reads `root[ada] @ localhost [127.0.0.1]  Id:    12`.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let (who, rest) = around(text, b"] @ ")?;
        let (account, user) = last_around(who, b'[')?;
        let (host, rest) = around(rest, b"[")?;
        let (address, rest) = around(rest, b"]")?;
        Some(Self {
            account,
            user,
            host: host.trim_ascii(),
            address,
            rest,
        })
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        let client = if self.address.is_empty() {
            self.host
        } else {
            self.address
        };
        let texts = [
            (&b"user"[..], self.user),
            (
                b"account",
                if self.account == self.user {
                    b""
                } else {
                    self.account
                },
            ),
            (b"client", client),
            (
                b"client_host",
                if self.host == client { b"" } else { self.host },
            ),
        ];
        for (key, value) in texts {
            if !value.is_empty() {
                object.text(key, value);
            }
        }
    }
}
