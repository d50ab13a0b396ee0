//! Subscriptions, in the form that each version of the protocol knows.

use super::*;

fn greeted(minor: u8, topics: &[&[u8]]) -> Session {
    let topics: Arc<[Vec<u8>]> = topics.iter().map(|topic| topic.to_vec()).collect();
    let security = Security::Null;
    let mut session = Session::secured(SocketType::Sub, &topics, Limits::default(), &security);
    let mut bytes = greeting("NULL", false);
    bytes[11] = minor;
    session.next(&bytes).expect("a greeting");
    session.outbox().clear();
    let ready = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB";
    let (step, _) = session.next(ready).expect("READY");
    assert!(matches!(step, Step::Ready), "{step:?}");
    session
}

#[test]
fn subscriptions_are_messages_in_3_0_and_commands_in_3_1() {
    let mut session = greeted(0, &[b"app.", b""]);
    assert_eq!(session.outbox(), b"\0\x05\x01app.\0\x01\x01");
    let mut session = greeted(1, &[b"app."]);
    assert_eq!(session.outbox(), b"\x04\x0e\x09SUBSCRIBEapp.");
}

#[test]
fn what_nobody_subscribed_to_is_passed_over() {
    let mut session = greeted(1, &[b"app.", b"db"]);
    for (first, wanted) in [("app.x", true), ("app", false), ("db", true), ("", false)] {
        let frames = [
            &[1, u8::try_from(first.len()).expect("short")],
            first.as_bytes(),
            b"\0\x01x",
        ];
        let (step, _) = session
            .next(&frames.concat())
            .map(|(step, n)| (matches!(step, Step::Message(_)), n))
            .expect("a message");
        assert_eq!(step, wanted, "{first}");
    }
}
