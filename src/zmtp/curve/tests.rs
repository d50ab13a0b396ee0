//! Both ends against each other, and ends that do not keep to it.

use std::{collections::HashMap, sync::Arc};

use super::*;
use crate::zmtp::{Limits, Refusal, Security, Session, SocketType, Step, frame::write_command};

/// Keys of a server and of a client that it knows.
struct Keys {
    server: Arc<CurveServer>,
    client: Arc<CurveClient>,
}

fn keys() -> Keys {
    let (server, client) = (SecretKey::generate(), SecretKey::generate());
    let (server, client) = (server.expect("random"), client.expect("random"));
    let known = HashMap::from([(client.public(), Some("app-7".to_owned()))]);
    Keys {
        client: Arc::new(CurveClient {
            secret: client,
            server: server.public(),
        }),
        server: Arc::new(CurveServer {
            secret: server,
            clients: Clients::These(known),
        }),
    }
}

fn limits() -> Limits {
    Limits {
        frame_bytes: 1000,
        message_bytes: 3000,
        parts: 4,
        ..Limits::default()
    }
}

fn session(ours: SocketType, security: &Security) -> Session {
    let topics = [b"app.".to_vec()];
    Session::secured(ours, &Arc::from(topics), limits(), security)
}

fn ends(keys: &Keys) -> (Session, Session) {
    let server = session(
        SocketType::Pull,
        &Security::Server(Arc::clone(&keys.server)),
    );
    let client = session(
        SocketType::Push,
        &Security::Client(Arc::clone(&keys.client)),
    );
    (server, client)
}

/// What an end makes of bytes: messages, or why it refuses them.
fn hear(session: &mut Session, bytes: &[u8]) -> Result<Vec<Vec<Vec<u8>>>, Refusal> {
    let (mut messages, mut start) = (Vec::new(), 0);
    loop {
        let (step, consumed) = session.next(&bytes[start..])?;
        start += consumed;
        match step {
            Step::More => {
                assert_eq!(start, bytes.len(), "something is left");
                return Ok(messages);
            }
            Step::Message(message) => {
                messages.push(message.frames().map(<[u8]>::to_vec).collect());
            }
            Step::Internal | Step::Ready | Step::Ping(_) => {}
        }
    }
}

fn say(session: &mut Session) -> Vec<u8> {
    std::mem::take(session.outbox())
}

/// Lets both talk until neither has more to say.
fn shake(server: &mut Session, client: &mut Session) -> Result<(), Refusal> {
    loop {
        let (to_server, to_client) = (say(client), say(server));
        if to_server.is_empty() && to_client.is_empty() {
            return Ok(());
        }
        hear(server, &to_server)?;
        hear(client, &to_client)?;
    }
}

fn seal(session: &mut Session, frames: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let more = index + 1 < frames.len();
        session.seal(frame, more, &mut bytes).expect("nonces");
    }
    bytes
}

fn shaken() -> (Session, Session) {
    let (mut server, mut client) = ends(&keys());
    shake(&mut server, &mut client).expect("a handshake");
    assert!(server.is_sealed() && client.is_sealed());
    assert_eq!(server.client(), Some("app-7"));
    (server, client)
}

#[test]
fn who_leaves_within_the_greeting_has_seen_the_mechanism_of_a_client_alone() {
    let (server, client) = ends(&keys());
    let left = |session: Session| session.left(true).expect("words").to_string();
    assert!(left(server.listening()).ends_with("left within the greeting"));
    assert!(left(client).ends_with("as a peer does that has no CURVE"));
}

#[test]
fn messages_go_through_and_nothing_of_them_is_seen() {
    let (mut server, mut client) = shaken();
    for frames in [
        &[b"PLJ".as_slice(), b"{\"secret\":1}"][..],
        &[b""],
        &[&[b'x'; 1000], b"", &[b'y'; 256], &[b'z'; 255]],
    ] {
        let bytes = seal(&mut client, frames);
        assert!(memchr::memmem::find(&bytes, b"secret").is_none());
        assert_eq!(
            hear(&mut server, &bytes),
            Ok(vec![frames.iter().map(|f| f.to_vec()).collect()])
        );
        assert_eq!(server.unfinished(), 0);
    }
}

#[test]
fn pings_are_answered_also_between_the_frames_of_a_message() {
    let (mut server, mut client) = shaken();
    let mut bytes = Vec::new();
    client.seal(b"one", true, &mut bytes).expect("nonces");
    client.ping().expect("nonces");
    bytes.append(client.outbox());
    client.seal(b"two", false, &mut bytes).expect("nonces");
    let expect = vec![vec![b"one".to_vec(), b"two".to_vec()]];
    assert_eq!(hear(&mut server, &bytes), Ok(expect));
    let pong = say(&mut server);
    assert!(!pong.is_empty());
    assert_eq!(hear(&mut client, &pong), Ok(Vec::new()));
}

#[test]
fn a_subscriber_tells_its_topics_in_boxes() {
    let Keys { server, client } = keys();
    let mut publisher = session(SocketType::Pub, &Security::Server(server));
    let mut subscriber = session(SocketType::Sub, &Security::Client(client));
    shake(&mut publisher, &mut subscriber).expect("a handshake");
    let frames = |topic: &str| seal_as(&mut publisher, &[topic.as_bytes(), b"{}"]);
    let bytes = ["app.x", "db", "app."].map(frames).concat();
    let came = hear(&mut subscriber, &bytes).expect("messages");
    let topics: Vec<_> = came.iter().map(|message| &message[0][..]).collect();
    assert_eq!(topics, [&b"app.x"[..], b"app."]);
}

fn seal_as(session: &mut Session, frames: &[&[u8]]) -> Vec<u8> {
    seal(session, frames)
}

#[test]
fn limits_are_those_of_what_is_in_the_boxes() {
    let check = |frames: &[&[u8]], expect: Refusal| {
        let (mut server, mut client) = shaken();
        let bytes = seal(&mut client, frames);
        assert_eq!(hear(&mut server, &bytes), Err(expect));
    };
    let (full, over) = (vec![b'x'; 1000], vec![b'x'; 1001]);
    let bytes = 1001 + OVERHEAD as u64;
    let limit = 1000 + OVERHEAD;
    check(&[&over], Refusal::FrameBytes { bytes, limit });
    check(&[&full[..]; 3], Refusal::MessageBytes { limit: 3000 });
    check(&[&b"x"[..]; 5], Refusal::Parts { limit: 4 });
}

#[test]
fn what_is_forged_or_said_again_is_refused() {
    let used = Refusal::Curve("a nonce that was used");
    let forged = Refusal::Curve("a MESSAGE that is not of these keys");
    let (mut server, mut client) = shaken();
    let (first, second) = (seal(&mut client, &[b"1"]), seal(&mut client, &[b"2"]));
    assert!(hear(&mut server, &second).is_ok());
    assert_eq!(hear(&mut server, &first), Err(used.clone()));
    assert_eq!(hear(&mut server, &second), Err(used));
    // A bit of each byte that is turned is seen, whichever refusal it comes to.
    for at in 2..second.len() {
        let (mut server, mut client) = shaken();
        let mut bytes = seal(&mut client, &[b"2"]);
        bytes[at] ^= 1 << (at % 8);
        assert!(hear(&mut server, &bytes).is_err(), "byte {at}");
    }
    // Another connection has other keys, of the same client too.
    let keys = keys();
    let (mut server, mut client) = ends(&keys);
    shake(&mut server, &mut client).expect("a handshake");
    let (mut other, mut another) = ends(&keys);
    shake(&mut other, &mut another).expect("a handshake");
    let bytes = seal(&mut client, &[b"1"]);
    assert_eq!(hear(&mut other, &bytes), Err(forged.clone()));
    // Nor does what the server says come back to it.
    let (mut server, _) = shaken();
    let bytes = seal(&mut server, &[b"1"]);
    let bytes = [
        bytes,
        seal(&mut server, &[b"2"]),
        seal(&mut server, &[b"3"]),
    ]
    .concat();
    assert!(hear(&mut server, &bytes).is_err());
    // And nothing that is not sealed, of a message or a command.
    let (mut server, _) = shaken();
    assert_eq!(
        hear(&mut server, b"\0\x01x"),
        Err(Refusal::Curve("a frame that is no MESSAGE"))
    );
    let (mut server, _) = shaken();
    assert_eq!(
        hear(&mut server, b"\x04\x05\x04PONG"),
        Err(Refusal::Curve("a frame that is no MESSAGE"))
    );
}

/// The commands of a handshake, the greeting in front of the first.
fn handshake(keys: &Keys) -> (Session, [Vec<u8>; 2]) {
    let (mut server, mut client) = ends(keys);
    let greeting = say(&mut client);
    hear(&mut client, &say(&mut server)).expect("a greeting");
    let hello = [greeting, say(&mut client)].concat();
    hear(&mut server, &hello).expect("HELLO");
    hear(&mut client, &say(&mut server)).expect("WELCOME");
    (server, [hello, say(&mut client)])
}

#[test]
fn a_cookie_is_good_once_and_on_its_connection_alone() {
    let keys = keys();
    let (mut server, [hello, initiate]) = handshake(&keys);
    let (mut other, _) = ends(&keys);
    hear(&mut other, &hello).expect("HELLO may come twice, of whoever saw it");
    let wrong = Refusal::Curve("a cookie that is not ours");
    assert_eq!(hear(&mut other, &initiate), Err(wrong));
    assert!(hear(&mut server, &initiate).is_ok());
    assert!(hear(&mut server, &initiate).is_err());
    // Without HELLO there is none.
    let (mut server, _) = ends(&keys);
    let expected = Err(Refusal::Curve("expected HELLO"));
    let bytes = [&hello[..64], &initiate].concat();
    assert_eq!(hear(&mut server, &bytes), expected);
}

#[test]
fn every_byte_of_the_handshake_counts() {
    let keys = keys();
    let (_, [hello, initiate]) = handshake(&keys);
    for at in 64..hello.len() {
        // The padding that makes HELLO as long as WELCOME.
        if (64 + 2 + 8..64 + 2 + 80).contains(&at) {
            continue;
        }
        let (mut server, _) = ends(&keys);
        let mut bytes = hello.clone();
        // Not the highest bit: the curve has no use for that of a key.
        bytes[at] ^= 1 << (at % 7);
        assert!(hear_all(&mut server, &bytes).is_err(), "HELLO, byte {at}");
    }
    for at in 0..initiate.len() {
        let (mut server, [_, mut bytes]) = handshake(&keys);
        bytes[at] ^= 1 << (at % 8);
        assert!(
            hear_all(&mut server, &bytes).is_err(),
            "INITIATE, byte {at}"
        );
    }
}

/// Like [`hear`]; what is not complete never will be, and so is an error too.
fn hear_all(session: &mut Session, bytes: &[u8]) -> Result<(), Option<Refusal>> {
    let mut start = 0;
    loop {
        let (step, consumed) = session.next(&bytes[start..]).map_err(Some)?;
        let more = matches!(step, Step::More);
        start += consumed;
        if more {
            return if start == bytes.len() {
                Ok(())
            } else {
                Err(None)
            };
        }
    }
}

#[test]
fn commands_of_any_length_are_refused_and_nothing_else() {
    let keys = keys();
    for name in [
        &b"HELLO"[..],
        b"INITIATE",
        b"WELCOME",
        b"READY",
        b"MESSAGE",
        b"",
    ] {
        for length in (0..400).step_by(7).chain([160, 168, 176, 194, 248]) {
            let mut bytes = Vec::new();
            write_command(&mut bytes, name, &vec![1; length]);
            let (mut server, [hello, _]) = handshake(&keys);
            assert!(hear(&mut server, &bytes).is_err());
            let (mut server, mut client) = ends(&keys);
            let greeting = say(&mut server);
            assert!(hear(&mut server, &[&hello[..64], &bytes].concat()).is_err());
            assert!(hear(&mut client, &[&greeting[..], &bytes].concat()).is_err());
        }
    }
}

#[test]
fn who_has_other_keys_is_kept_out() {
    let mine = keys();
    let theirs = keys();
    // A client that the server does not know is told so.
    let client = CurveClient {
        secret: SecretKey::generate().expect("random"),
        server: mine.server.secret.public(),
    };
    let key = client.secret.public().to_string();
    let (mut server, _) = ends(&mine);
    let mut client = session(SocketType::Push, &Security::Client(Arc::new(client)));
    assert_eq!(shake(&mut server, &mut client), Err(Refusal::Unlisted(key)));
    let told = hear(&mut client, &say(&mut server));
    let words = "400, our key is not let in".to_owned();
    assert_eq!(told, Err(Refusal::ByPeer(words)));
    // A client that wants to talk to another server.
    let (mut server, _) = ends(&mine);
    let (_, mut client) = ends(&theirs);
    let wrong = Refusal::Curve("a HELLO that is not for our key");
    assert_eq!(shake(&mut server, &mut client), Err(wrong));
    // A server that says it is another one: it cannot even read HELLO, and makes one up.
    let (_, mut client) = ends(&mine);
    let (mut server, mut own) = ends(&theirs);
    let greeting = say(&mut server);
    hear(&mut client, &greeting).expect("a greeting");
    hear(&mut own, &greeting).expect("a greeting");
    hear(&mut server, &say(&mut own)).expect("HELLO");
    let wrong = Refusal::Curve("a WELCOME that is not of the server's key");
    assert_eq!(hear(&mut client, &say(&mut server)), Err(wrong));
    // And everybody comes in where all may.
    let open = CurveServer {
        secret: SecretKey::generate().expect("random"),
        clients: Clients::Any,
    };
    let client = CurveClient {
        secret: SecretKey::generate().expect("random"),
        server: open.secret.public(),
    };
    let key = client.secret.public().to_string();
    let mut server = session(SocketType::Pull, &Security::Server(Arc::new(open)));
    let mut client = session(SocketType::Push, &Security::Client(Arc::new(client)));
    shake(&mut server, &mut client).expect("a handshake");
    assert_eq!(server.client(), Some(&key[..]));
}

#[test]
fn one_without_curve_and_one_with_it_part_at_the_greeting() {
    let keys = keys();
    let check = |security: &Security, peer: &str, ours: &'static str| {
        let other = if peer == "NULL" {
            Security::Null
        } else {
            Security::Client(Arc::clone(&keys.client))
        };
        let greeting = say(&mut session(SocketType::Push, &other));
        let refused = hear(&mut session(SocketType::Pull, security), &greeting);
        let peer = peer.to_owned();
        assert_eq!(refused, Err(Refusal::Mechanism { peer, ours }));
    };
    check(&Security::Server(Arc::clone(&keys.server)), "NULL", "CURVE");
    check(&Security::Null, "CURVE", "NULL");
}

#[test]
fn socket_types_are_checked_before_anybody_is_ready() {
    let Keys { server, client } = keys();
    let mut server = session(SocketType::Pull, &Security::Server(server));
    let mut client = session(SocketType::Pub, &Security::Client(client));
    let refused = shake(&mut server, &mut client);
    assert!(
        matches!(refused, Err(Refusal::SocketType { .. })),
        "{refused:?}"
    );
    assert!(!server.is_ready());
}
