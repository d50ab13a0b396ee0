//! Files of CURVE's keys, for the programs that talk ZeroMQ.
//!
//! A key stands on a line by itself, or as pyzmq's and czmq's certificates have it,
//! `public-key = "..."`. Lines that begin with `#` are comments: Z85 has that letter too, but its value
//! is so large that no key begins with it.

use std::{collections::HashMap, fs, path::Path, str::FromStr, sync::Arc};

use crate::{
    error::{Error, Result},
    zmtp::{Clients, CurveClient, CurveServer, PublicKey, SecretKey},
};

/// The value of `--curve-allow` that lets everybody in, as czmq has it.
const ANY: &str = "*";

/// The key pair of a program.
pub(super) fn secret(path: &Path) -> Result<SecretKey> {
    one(path, "secret-key", "secret key")
}

/// The public key of a server.
fn public(path: &Path) -> Result<PublicKey> {
    one(path, "public-key", "public key")
}

/// What a server needs: its key, and whom it lets in.
pub(super) fn server(key: &Path, allow: &Path) -> Result<CurveServer> {
    let clients = if allow == Path::new(ANY) {
        Clients::Any
    } else {
        let place = allow.display();
        let keys = list(&text(allow)?)
            .map_err(|(line, reason)| Error::Failed(format!("{place}:{line}: {reason}")))?;
        if keys.is_empty() {
            let words = format!("{place}: no key in it, so nobody would come in");
            return Err(Error::Failed(words));
        }
        Clients::These(keys)
    };
    Ok(CurveServer {
        secret: secret(key)?,
        clients,
    })
}

/// What a client needs: the server's key, and its own or one that is made for this run.
pub(super) fn client(server: &Path, key: Option<&Path>) -> Result<Arc<CurveClient>> {
    let own = match key {
        Some(path) => secret(path)?,
        None => SecretKey::generate().map_err(|refusal| Error::Failed(refusal.to_string()))?,
    };
    Ok(Arc::new(CurveClient {
        secret: own,
        server: public(server)?,
    }))
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// The one key of a file.
fn one<K: FromStr>(path: &Path, name: &str, what: &str) -> Result<K> {
    let text = text(path)?;
    let mut keys = text.lines().filter_map(|line| key(line, name));
    match (keys.next(), keys.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(Error::Failed(format!(
            "{}: no {what} in it, which is 40 characters of Z85",
            path.display()
        ))),
        (Some(_), Some(_)) => Err(Error::Failed(format!(
            "{}: more than one {what} in it",
            path.display()
        ))),
    }
}

/// The key on a line, by itself or behind its name.
fn key<K: FromStr>(line: &str, name: &str) -> Option<K> {
    let line = line.trim();
    let named = line.strip_prefix(name).map(str::trim_start);
    let named = named.and_then(|rest| rest.strip_prefix('='));
    let bare = named.map_or(line, |rest| rest.trim().trim_matches('"'));
    bare.parse().ok()
}

/// The keys of a list, each with what stands behind it.
fn list(text: &str) -> Result<HashMap<PublicKey, Option<String>>, (usize, &'static str)> {
    let mut keys = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let (first, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let name = Some(rest.trim()).filter(|name| !name.is_empty());
        if let Ok(key) = first.parse() {
            keys.insert(key, name.map(str::to_owned));
        } else if let Some(key) = key(line, "public-key") {
            keys.insert(key, None);
        } else if !(line.is_empty() || line.starts_with('#') || is_of_certificate(line)) {
            let reason = "expected a key, 40 characters of Z85, and a name behind it";
            return Err((number + 1, reason));
        }
    }
    Ok(keys)
}

/// What else is in a certificate of pyzmq or czmq: headings, and metadata between them.
fn is_of_certificate(line: &str) -> bool {
    matches!(line, "metadata" | "curve")
        || line
            .split_once('=')
            .is_some_and(|(name, _)| !name.trim().is_empty() && line.ends_with('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    const OTHER: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

    #[test]
    fn lists_have_keys_names_comments_and_certificates() {
        let text = format!(
            "# who is let in\n\n{KEY}\tapp-7 of the shop\n  {OTHER}\n#{KEY}\n\
             metadata\n    name = \"x\"\ncurve\n    public-key = \"{KEY}\"\n"
        );
        let keys = list(&text).expect("a list");
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[&OTHER.parse().expect("a key")], None);
        let named = list(&format!("{KEY} app")).expect("a list");
        assert_eq!(named[&KEY.parse().expect("a key")].as_deref(), Some("app"));
        let wrong = list(&format!("{KEY}\n{}", &KEY[1..])).expect_err("a short key");
        assert_eq!(wrong.0, 2);
        assert!(list("secret-key").is_err());
    }

    #[test]
    fn one_key_stands_alone_or_has_a_name() {
        for line in [
            KEY.to_owned(),
            format!("  {KEY} "),
            format!("    public-key = \"{KEY}\""),
            format!("public-key={KEY}"),
        ] {
            let found: Option<PublicKey> = key(&line, "public-key");
            assert_eq!(found, KEY.parse().ok(), "{line}");
        }
        let other = format!("secret-key = \"{KEY}\"");
        assert_eq!(key::<PublicKey>(&other, "public-key"), None);
    }
}
