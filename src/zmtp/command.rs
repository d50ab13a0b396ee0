//! Commands of ZMTP 3.0 and 3.1 (RFC 23 and RFC 37): READY, ERROR, PING, PONG,
//! SUBSCRIBE, CANCEL.

use super::{
    Refusal, SocketType,
    frame::{command_body, write_command},
};

/// A command, taken apart. Slices are the peer's bytes, unchecked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// Ends the NULL handshake; the value of the property `Socket-Type`.
    Ready {
        /// What the peer is.
        socket_type: &'a [u8],
    },
    /// Ends the handshake in failure, with a reason for people.
    Error {
        /// The peer's words.
        reason: &'a [u8],
    },
    /// Wants a PONG with the same context, and gives itself a time to live.
    Ping {
        /// Tenths of a second after which silence means death; 0 for never.
        ttl: u16,
        /// At most 16 bytes, to be sent back.
        context: &'a [u8],
    },
    /// The answer to our PING.
    Pong,
    /// One to subscribe or to cancel that, as a message of ZMTP 3.0 would say it: 1 or 0, and the
    /// topic.
    Subscription(Vec<u8>),
    /// One that we have no use for: ignored.
    Other,
}

impl<'a> Command<'a> {
    /// Reads a command from the body of its frame.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        let (&len, rest) = body.split_first().ok_or(Refusal::Command("empty"))?;
        let (name, data) = rest
            .split_at_checked(len.into())
            .ok_or(Refusal::Command("name cut off"))?;
        match name {
            b"READY" => Ok(Self::Ready {
                socket_type: socket_type(data)?,
            }),
            b"ERROR" => match data.split_first() {
                Some((&len, rest)) if rest.len() >= len.into() => Ok(Self::Error {
                    reason: &rest[..len.into()],
                }),
                _ => Err(Refusal::Command("ERROR cut off")),
            },
            b"PING" => match data.split_first_chunk() {
                // Longer contexts must not come back: RFC 37 allows 16 bytes.
                Some((ttl, context)) if context.len() <= 16 => Ok(Self::Ping {
                    ttl: u16::from_be_bytes(*ttl),
                    context,
                }),
                _ => Err(Refusal::Command("PING of a wrong length")),
            },
            b"PONG" => Ok(Self::Pong),
            b"SUBSCRIBE" => Ok(Self::Subscription([&[1], data].concat())),
            b"CANCEL" => Ok(Self::Subscription([&[0], data].concat())),
            _ => Ok(Self::Other),
        }
    }
}

/// What we tell of ourselves: the one property that is required.
pub(super) fn metadata(ours: SocketType) -> Vec<u8> {
    let mut data = b"\x0bSocket-Type".to_vec();
    data.extend_from_slice(
        &u32::try_from(ours.name().len())
            .unwrap_or_default()
            .to_be_bytes(),
    );
    data.extend_from_slice(ours.name().as_bytes());
    data
}

/// Appends an ERROR; the reason is cut to the 255 bytes that its length octet can say.
pub(super) fn write_error(out: &mut Vec<u8>, reason: &str) {
    let reason = &reason.as_bytes()[..reason.len().min(255)];
    let mut data = vec![u8::try_from(reason.len()).unwrap_or(u8::MAX)];
    data.extend_from_slice(reason);
    write_command(out, b"ERROR", &data);
}

/// The body of a subscription in ZMTP 3.1 (RFC 37).
pub(super) fn subscribe(topic: &[u8]) -> Vec<u8> {
    command_body(b"SUBSCRIBE", topic)
}

/// The body of a PING without context; `ttl` in tenths of a second.
pub(super) fn ping(ttl: u16) -> Vec<u8> {
    command_body(b"PING", &ttl.to_be_bytes())
}

/// The body of the PONG that answers a PING with `context`.
pub(super) fn pong(context: &[u8]) -> Vec<u8> {
    command_body(b"PONG", context)
}

/// Finds `Socket-Type` in READY's metadata: `*(name-length name value-length(4) value)`.
pub(super) fn socket_type(mut data: &[u8]) -> Result<&[u8], Refusal> {
    let mut found = None;
    while !data.is_empty() {
        let (name, value, rest) = property(data).ok_or(Refusal::Command("READY cut off"))?;
        // Names are case-insensitive (RFC 23, "Metadata").
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            found = Some(value);
        }
        data = rest;
    }
    found.ok_or(Refusal::Command("READY without Socket-Type"))
}

fn property(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (&len, rest) = data.split_first()?;
    let (name, rest) = rest.split_at_checked(len.into())?;
    let (len, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    Some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &[u8], expect: &Result<Command<'_>, Refusal>) {
        assert_eq!(&Command::read(body), expect);
    }

    #[test]
    fn commands() {
        check(
            b"\x05READY\x0bsocket-TYPE\0\0\0\x04PUSH",
            &Ok(Command::Ready {
                socket_type: b"PUSH",
            }),
        );
        check(
            b"\x05READY\x01x\0\0\0\0",
            &Err(Refusal::Command("READY without Socket-Type")),
        );
        check(
            b"\x05READY\x0bSocket-Type\0\0\0\x05PUSH",
            &Err(Refusal::Command("READY cut off")),
        );
        check(b"\x05ERROR\x03no!", &Ok(Command::Error { reason: b"no!" }));
        check(b"\x05ERROR\x09no!", &Err(Refusal::Command("ERROR cut off")));
        check(
            b"\x04PING\x00\x0actx",
            &Ok(Command::Ping {
                ttl: 10,
                context: b"ctx",
            }),
        );
        check(
            b"\x04PING\x00",
            &Err(Refusal::Command("PING of a wrong length")),
        );
        check(b"\x04PONG", &Ok(Command::Pong));
        check(
            b"\x09SUBSCRIBEx",
            &Ok(Command::Subscription(b"\x01x".to_vec())),
        );
        check(b"\x06CANCELx", &Ok(Command::Subscription(b"\0x".to_vec())));
        check(b"\x07UNKNOWN", &Ok(Command::Other));
        check(b"\x09SUB", &Err(Refusal::Command("name cut off")));
        check(b"", &Err(Refusal::Command("empty")));
    }
}
