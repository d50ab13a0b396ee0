//! The handshake as the client has it.

use std::sync::Arc;

use crypto_box::SalsaBox;

use super::{
    Agreed, Channel, CurveClient,
    boxes::{nonce, open, seal},
    channel::Side,
    keys::{KEY, SecretKey, random},
    server::{COOKIE, array},
};
use crate::zmtp::{Refusal, frame::write_command};

/// The nonces of our HELLO and INITIATE; messages go on from there.
const HELLO_COUNT: u64 = 1;
const INITIATE_COUNT: u64 = 2;

/// The handshake with one server.
pub(in crate::zmtp) struct ClientHandshake {
    keys: Arc<CurveClient>,
    /// Our short-term key.
    own: SecretKey,
    /// What INITIATE was sealed with, when it is out.
    shared: Option<SalsaBox>,
    /// What we are: the properties of a READY of ZMTP.
    metadata: Vec<u8>,
}

impl std::fmt::Debug for ClientHandshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientHandshake").finish_non_exhaustive()
    }
}

impl ClientHandshake {
    /// Begins: `metadata` is what will be told of us.
    pub(in crate::zmtp) fn new(keys: Arc<CurveClient>, metadata: Vec<u8>) -> Result<Self, Refusal> {
        Ok(Self {
            keys,
            own: SecretKey::generate()?,
            shared: None,
            metadata,
        })
    }

    /// Appends HELLO, once the greetings are done.
    pub(in crate::zmtp) fn begin(&self, out: &mut Vec<u8>) {
        let mut data = vec![0; 2 + 72];
        data[0] = 1;
        data.extend_from_slice(&self.own.public().0);
        let count = HELLO_COUNT.to_be_bytes();
        data.extend_from_slice(&count);
        let shared = SalsaBox::new(&self.keys.server.key(), &self.own.0);
        let nonce = nonce(b"CurveZMQHELLO---", &count);
        seal(&shared, &nonce, &[0; 64], &mut data);
        write_command(out, b"HELLO", &data);
    }

    /// Takes a command of the server; the reply is appended to `out`.
    pub(in crate::zmtp) fn take(
        &mut self,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Agreed>, Refusal> {
        match self.shared.take() {
            None => {
                self.shared = Some(self.welcome(body, out)?);
                Ok(None)
            }
            Some(shared) => ready(shared, body).map(Some),
        }
    }

    fn welcome(&self, body: &[u8], out: &mut Vec<u8>) -> Result<SalsaBox, Refusal> {
        let Some(rest) = body.strip_prefix(b"\x07WELCOME") else {
            return Err(Refusal::Curve("expected WELCOME"));
        };
        let (unique, boxed) = array::<16>(rest)?;
        let shared = SalsaBox::new(&self.keys.server.key(), &self.own.0);
        let text = open(&shared, &nonce(b"WELCOME-", &unique), boxed);
        let text = text.ok_or(Refusal::Curve("a WELCOME that is not of the server's key"))?;
        let (short, rest) = array::<KEY>(&text)?;
        let (cookie, rest) = array::<COOKIE>(rest)?;
        if !rest.is_empty() {
            return Err(Refusal::Curve("a WELCOME of a wrong length"));
        }
        // Our long-term key says that the short-term one is ours, and meant for this server.
        let long = SalsaBox::new(&short.into(), &self.keys.secret.0);
        let unique = random::<16>()?;
        let mut text = self.keys.secret.public().0.to_vec();
        text.extend_from_slice(&unique);
        let vouch = [self.own.public().0, self.keys.server.0].concat();
        seal(&long, &nonce(b"VOUCH---", &unique), &vouch, &mut text);
        text.extend_from_slice(&self.metadata);
        let count = INITIATE_COUNT.to_be_bytes();
        let mut data = [&cookie[..], &count].concat();
        let shared = SalsaBox::new(&short.into(), &self.own.0);
        let nonce = nonce(b"CurveZMQINITIATE", &count);
        seal(&shared, &nonce, &text, &mut data);
        write_command(out, b"INITIATE", &data);
        Ok(shared)
    }
}

fn ready(shared: SalsaBox, body: &[u8]) -> Result<Agreed, Refusal> {
    let Some(rest) = body.strip_prefix(b"\x05READY") else {
        return Err(Refusal::Curve("expected READY"));
    };
    let (count, boxed) = array::<8>(rest)?;
    let text = open(&shared, &nonce(b"CurveZMQREADY---", &count), boxed);
    let metadata = text.ok_or(Refusal::Curve("a READY that is not of these keys"))?;
    let received = u64::from_be_bytes(count);
    Ok(Agreed {
        channel: Box::new(Channel::new(shared, Side::Client, INITIATE_COUNT, received)),
        metadata,
        client: None,
    })
}
