//! Files of credentials: who is known by a token that somebody has signed whom the server trusts.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};

use super::{Server, send};
use crate::support::{Dir, program};

/// What an issuer says of a subject, in the form of NATS's decentralised authentication: a JWT
/// whose keys are nkeys.
fn token(issuer: &KeyPair, subject: &KeyPair, what: &Value) -> String {
    let claims = json!({
        "jti": subject.public_key(),
        "iat": 1_764_000_000,
        "iss": issuer.public_key(),
        "sub": subject.public_key(),
        "name": "of the test",
        "nats": what,
    });
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = signed.join(".");
    let signature = issuer.sign(signed.as_bytes()).expect("a key");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What a server has to know of an account.
fn account(operator: &KeyPair, account: &KeyPair, has_streams: bool) -> String {
    let streams = if has_streams { -1 } else { 0 };
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
        "conn": -1, "leaf": -1, "mem_storage": streams, "disk_storage": streams, "streams": streams, "consumer": streams,
    });
    let what = json!({"type": "account", "version": 2, "limits": limits,
        "default_permissions": {"pub": {}, "sub": {}}});
    let token = token(operator, account, &what);
    format!("{}: {token}", account.public_key())
}

/// A file as `nsc` writes it.
fn credentials(account: &KeyPair) -> String {
    let user = KeyPair::new_user();
    let what = json!({"type": "user", "version": 2, "pub": {}, "sub": {},
        "subs": -1, "data": -1, "payload": -1});
    format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         ************************* IMPORTANT *************************\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        token(account, &user, &what),
        user.seed().expect("a seed"),
    )
}

#[test]
fn a_file_of_credentials_tells_who_we_are_to_both_programs() {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let (ours, stranger) = (KeyPair::new_account(), KeyPair::new_account());
    let server = Server::with(&format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload {{\n{}\n{}\n}}\n",
        token(
            &operator,
            &operator,
            &json!({"type": "operator", "version": 2})
        ),
        system.public_key(),
        account(&operator, &system, false),
        account(&operator, &ours, true),
    ));
    let dir = Dir::new();
    let file = |name: &str, text: String| dir.file(name, text).display().to_string();
    let good = file("good.creds", credentials(&ours));
    let sender = |file: &str| {
        let sender = send(&server.url()).args(&["--linger", "1s"]);
        sender.env("NATS_CREDS", file).stdin("{\"a\":1}\n")
    };
    sender(&good).check("", "", 0);
    let receiver = program("dl-recv").arg(server.url());
    let receiver = receiver.args(&["--until-end", "--no-stamp"]);
    receiver
        .env("NATS_CREDS", &good)
        .check("{\"a\":1}\n", "", 0);
    for (file, reason) in [
        (
            file("bad.creds", credentials(&stranger)),
            "authorization violation",
        ),
        (file("odd.creds", "no credentials".into()), "NATS_CREDS="),
        (
            dir.path("none.creds").display().to_string(),
            "none.creds: No such file",
        ),
    ] {
        let ran = sender(&file).run();
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{file}: {}", ran.stderr);
    }
}
