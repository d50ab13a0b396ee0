//! What fuzz targets drive.

use std::{collections::HashMap, sync::Arc};

use super::{Security, Session, Step};
use crate::zmtp::{
    Clients, CurveClient, CurveServer, Limits, Refusal, SecretKey, SocketType, greeting::greeting,
};

/// Shows arbitrary bytes of a peer to a PULL session, in pieces of the given sizes, and
/// returns the messages' frames. For fuzz targets and properties: it must never panic, and
/// the pieces must make no difference.
pub fn fuzz_peer(bytes: &[u8], pieces: &[usize]) -> Result<Vec<Frames>, Refusal> {
    let mut session = Session::new(SocketType::Pull, Limits::default());
    let mut messages = Vec::new();
    hear(&mut session, bytes, pieces, &mut messages)?;
    Ok(messages)
}

/// Lets `bytes` be what a client of CURVE says: first as they are, behind a greeting, which must
/// bring nobody in; then, behind a handshake of a client that is known, as frames that it seals,
/// in pieces of the given sizes. Each frame is two bytes, its kind and its length, and what is in
/// it: the last of a message, one that more follow, a command, or bytes that are not sealed.
///
/// # Panics
///
/// If what comes out is not what was sealed: never. And if the system has no random bytes.
pub fn fuzz_curve(bytes: &[u8], pieces: &[usize]) -> Result<(), Refusal> {
    let (server, client) = (SecretKey::generate()?, SecretKey::generate()?);
    let keys = Arc::new(CurveClient {
        server: server.public(),
        secret: client.clone(),
    });
    let known = HashMap::from([(client.public(), None)]);
    let server = Security::Server(Arc::new(CurveServer {
        secret: server,
        clients: Clients::These(known),
    }));
    let open = |ours, security: &Security| {
        Session::secured(ours, &Arc::default(), Limits::default(), security)
    };
    let mut stranger = open(SocketType::Pull, &server).listening();
    let hello = [&greeting("CURVE", false)[..], bytes].concat();
    let _ = hear(&mut stranger, &hello, pieces, &mut Vec::new());
    assert!(!stranger.is_ready(), "somebody without keys has come in");

    let mut server = open(SocketType::Pull, &server).listening();
    let mut client = open(SocketType::Push, &Security::Client(keys));
    while !(server.is_ready() && client.is_ready()) {
        let said = std::mem::take(client.outbox());
        hear(&mut server, &said, &[], &mut Vec::new())?;
        let said = std::mem::take(server.outbox());
        hear(&mut client, &said, &[], &mut Vec::new())?;
    }
    let (mut wire, mut expect, mut message) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = bytes;
    while let Some((&[kind, length], behind)) = rest.split_first_chunk() {
        let (body, behind) = behind.split_at(behind.len().min(length.into()));
        rest = behind;
        match kind % 4 {
            0 | 1 => {
                let more = kind % 4 == 1;
                client.seal(body, more, &mut wire)?;
                message.push(body.to_vec());
                if !more {
                    expect.push(std::mem::take(&mut message));
                }
            }
            2 => {
                client.send_command(body)?;
                wire.append(client.outbox());
            }
            _ => wire.extend_from_slice(body),
        }
    }
    let mut came = Vec::new();
    let heard = hear(&mut server, &wire, pieces, &mut came);
    assert!(expect.starts_with(&came), "not what was sealed");
    assert!(heard.is_err() || rest_is_sealed(bytes, &came, &expect));
    heard
}

/// Whether all that was sealed came, or a frame that was not sealed is awaited to its end.
fn rest_is_sealed(bytes: &[u8], came: &[Frames], expect: &[Frames]) -> bool {
    let mut rest = bytes;
    while let Some((&[kind, length], behind)) = rest.split_first_chunk() {
        if kind % 4 == 3 {
            return true;
        }
        rest = &behind[behind.len().min(length.into())..];
    }
    came == expect
}

type Frames = Vec<Vec<u8>>;

/// Shows bytes to a session, in pieces of the given sizes, and keeps the messages.
fn hear(
    session: &mut Session,
    bytes: &[u8],
    pieces: &[usize],
    came: &mut Vec<Frames>,
) -> Result<(), Refusal> {
    let (mut start, mut end) = (0, 0);
    let mut pieces = pieces.iter().copied();
    while end < bytes.len() {
        let piece = pieces.next().unwrap_or(bytes.len()).max(1);
        end = end.saturating_add(piece).min(bytes.len());
        loop {
            let (step, consumed) = session.next(&bytes[start..end])?;
            start += consumed;
            match step {
                Step::More => break,
                Step::Message(message) => {
                    came.push(message.frames().map(<[u8]>::to_vec).collect());
                }
                Step::Internal | Step::Ready | Step::Ping(_) => {}
            }
        }
    }
    Ok(())
}
