//! Keys, and who has which.

use std::{collections::HashMap, fmt, str::FromStr};

use crypto_box::aead::{OsRng, rand_core::RngCore};

use super::z85;
use crate::zmtp::Refusal;

/// Bytes of a key.
pub(super) const KEY: usize = 32;

/// A public key. [`Display`](fmt::Display) and [`FromStr`] are Z85, 40 characters.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct PublicKey(pub(super) [u8; KEY]);

impl PublicKey {
    pub(super) fn key(&self) -> crypto_box::PublicKey {
        self.0.into()
    }
}

impl FromStr for PublicKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        read(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&z85::encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// A secret key. [`FromStr`] reads Z85; nothing writes it. Its memory is wiped.
#[derive(Clone)]
pub struct SecretKey(pub(super) crypto_box::SecretKey);

impl SecretKey {
    /// A new key.
    pub fn generate() -> Result<Self, Refusal> {
        Ok(Self(random::<KEY>()?.into()))
    }

    /// The public key of the pair.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key().to_bytes())
    }
}

impl FromStr for SecretKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        read(text).map(|key| Self(key.into()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

fn read(text: &str) -> Result<[u8; KEY], &'static str> {
    let bytes = z85::decode(text).ok_or("a key is 40 characters of Z85")?;
    bytes
        .try_into()
        .map_err(|_| "a key is 40 characters of Z85")
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    let got = OsRng.try_fill_bytes(&mut bytes);
    got.map_err(|_| Refusal::Curve("the system gives no random bytes"))?;
    Ok(bytes)
}

/// What a server knows.
#[derive(Debug)]
pub struct CurveServer {
    /// Its own key.
    pub secret: SecretKey,
    /// Whom it lets in.
    pub clients: Clients,
}

/// Whom a server lets in.
#[derive(Debug)]
pub enum Clients {
    /// Everybody who knows the server's public key.
    Any,
    /// Those with these keys, and the names that they have here.
    These(HashMap<PublicKey, Option<String>>),
}

impl Clients {
    /// The name of a client that is let in: its key, if it has no other.
    pub(super) fn name(&self, key: PublicKey) -> Option<String> {
        match self {
            Self::Any => Some(key.to_string()),
            Self::These(known) => {
                let name = known.get(&key)?;
                Some(name.clone().unwrap_or_else(|| key.to_string()))
            }
        }
    }
}

/// What a client knows.
#[derive(Debug)]
pub struct CurveClient {
    /// Its own key.
    pub secret: SecretKey,
    /// The key of the server that it wants to talk to.
    pub server: PublicKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_told() {
        // The pair of the example in RFC 26.
        let public = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
        let secret = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
        let read: SecretKey = secret.parse().expect("a key");
        assert_eq!(read.public().to_string(), public);
        assert_eq!(public.parse(), Ok(read.public()));
        assert!(!format!("{read:?}").contains("JTK"));
        for wrong in [
            "",
            "JTKVSB",
            &secret[1..],
            "short but forty characters, with blanks  ",
        ] {
            assert!(wrong.parse::<PublicKey>().is_err(), "{wrong}");
        }
    }
}
