//! The handshake as the server has it.

use std::sync::Arc;

use crypto_box::{SalsaBox, aead::KeyInit};
use crypto_secretbox::XSalsa20Poly1305;

use super::{
    Agreed, Channel, CurveServer, PublicKey,
    boxes::{nonce, open, seal},
    channel::Side,
    keys::{KEY, SecretKey, random},
};
use crate::zmtp::{Refusal, frame::write_command};

/// HELLO: its name, the version 1.0, 72 zeros, the client's short-term key, a nonce, and a box of
/// 64 zeros.
pub(super) const HELLO: usize = 6 + 2 + 72 + KEY + 8 + 80;

/// A cookie: 16 bytes of its nonce, and a box of two keys.
pub(super) const COOKIE: usize = 16 + 16 + 2 * KEY;

/// What is in the box of INITIATE in front of the metadata: the client's key, 16 bytes of a nonce,
/// and a box of two keys.
pub(super) const VOUCH: usize = KEY + 16 + 16 + 2 * KEY;

/// How far it is.
#[derive(Debug)]
enum State {
    Hello,
    /// WELCOME is out.
    Initiate {
        /// Opens the one cookie that it had in it.
        cookie: [u8; KEY],
        /// The last nonce of the client.
        last: u64,
    },
}

/// The handshake with one client.
#[derive(Debug)]
pub(in crate::zmtp) struct ServerHandshake {
    keys: Arc<CurveServer>,
    state: State,
}

impl ServerHandshake {
    pub(in crate::zmtp) fn new(keys: Arc<CurveServer>) -> Self {
        let state = State::Hello;
        Self { keys, state }
    }

    /// Takes a command of the client; the reply is appended to `out`. What it ends in still has
    /// to be answered by READY.
    pub(in crate::zmtp) fn take(
        &mut self,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Agreed>, Refusal> {
        // A cookie is looked at once, whatever comes of it.
        match std::mem::replace(&mut self.state, State::Hello) {
            State::Hello => self.hello(body, out).map(|()| None),
            State::Initiate { cookie, last } => self.initiate(body, &cookie, last).map(Some),
        }
    }

    fn hello(&mut self, body: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        let Some(rest) = body.strip_prefix(b"\x05HELLO") else {
            return Err(Refusal::Curve("expected HELLO"));
        };
        if body.len() != HELLO {
            return Err(Refusal::Curve("a HELLO of a wrong length"));
        }
        if rest[..2] != [1, 0] {
            return Err(Refusal::Curve("a version that is not 1.0"));
        }
        let (client, rest) = array::<KEY>(&rest[2 + 72..])?;
        let (count, boxed) = array::<8>(rest)?;
        let shared = SalsaBox::new(&client.into(), &self.keys.secret.0);
        let opened = open(&shared, &nonce(b"CurveZMQHELLO---", &count), boxed);
        if opened.is_none_or(|text| text != [0; 64]) {
            return Err(Refusal::Curve("a HELLO that is not for our key"));
        }
        let own = SecretKey::generate()?;
        let (key, mark) = (random::<KEY>()?, random::<16>()?);
        let mut welcome = own.public().0.to_vec();
        welcome.extend_from_slice(&mark);
        let inside = [client, own.0.to_bytes()].concat();
        let cipher = XSalsa20Poly1305::new(&key.into());
        seal(&cipher, &nonce(b"COOKIE--", &mark), &inside, &mut welcome);
        let unique = random::<16>()?;
        let mut data = unique.to_vec();
        seal(&shared, &nonce(b"WELCOME-", &unique), &welcome, &mut data);
        write_command(out, b"WELCOME", &data);
        self.state = State::Initiate {
            cookie: key,
            last: u64::from_be_bytes(count),
        };
        Ok(())
    }

    fn initiate(&self, body: &[u8], key: &[u8; KEY], last: u64) -> Result<Agreed, Refusal> {
        let Some(rest) = body.strip_prefix(b"\x08INITIATE") else {
            return Err(Refusal::Curve("expected INITIATE"));
        };
        let wrong = Refusal::Curve("a cookie that is not ours");
        let (cookie, rest) = array::<COOKIE>(rest)?;
        let (count, boxed) = array::<8>(rest)?;
        let cipher = XSalsa20Poly1305::new(key.into());
        let inside = open(&cipher, &nonce(b"COOKIE--", &cookie[..16]), &cookie[16..]);
        let inside = inside.ok_or(wrong)?;
        let (short, own) = array::<KEY>(&inside)?;
        let own = crypto_box::SecretKey::from(array::<KEY>(own)?.0);
        let shared = SalsaBox::new(&short.into(), &own);
        let received = u64::from_be_bytes(count);
        if received <= last {
            return Err(Refusal::Curve("a nonce that was used"));
        }
        let forged = Refusal::Curve("an INITIATE that is not of these keys");
        let text = open(&shared, &nonce(b"CurveZMQINITIATE", &count), boxed).ok_or(forged)?;
        let (client, rest) = array::<KEY>(&text)?;
        let (unique, _) = array::<16>(rest)?;
        let vouch = text.get(KEY + 16..VOUCH).ok_or(SHORT)?;
        // The client's long-term key says that the short-term one is its own, and meant for us.
        let long = SalsaBox::new(&client.into(), &own);
        let vouched = open(&long, &nonce(b"VOUCH---", &unique), vouch);
        let expect = [short, self.keys.secret.public().0].concat();
        if vouched.is_none_or(|vouched| vouched != expect) {
            return Err(Refusal::Curve("a client that does not have its key"));
        }
        let client = PublicKey(client);
        let name = self.keys.clients.name(client);
        let name = name.ok_or_else(|| Refusal::Unlisted(client.to_string()))?;
        Ok(Agreed {
            channel: Box::new(Channel::new(shared, Side::Server, 0, received)),
            metadata: text[VOUCH..].to_vec(),
            client: Some(name),
        })
    }
}

const SHORT: Refusal = Refusal::Curve("a command that is cut off");

/// The first bytes, and the others.
pub(super) fn array<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), Refusal> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or(SHORT)?;
    Ok((*first, rest))
}
