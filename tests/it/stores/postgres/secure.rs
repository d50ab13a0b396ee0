//! TLS, to a server that talks to nobody without it.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use super::{Server, client_at};
use crate::{
    certificates,
    stores::there_and_back,
    support::{Dir, Program, program},
};

/// A server that wants TLS, of `client` also a certificate.
fn server(files: &Dir) -> Server {
    certificates::write(&files.path(""));
    Server::with(|server| {
        let put = |name: &str, text: &str| fs::write(server.data().join(name), text);
        // The key has to be the server's, and nobody else's.
        for name in ["server.pem", "server.key", "ca.pem"] {
            let there = server.data().join(name);
            fs::copy(files.path(name), &there).expect("a file");
            fs::set_permissions(&there, PermissionsExt::from_mode(0o600)).expect("a mode");
            if !server.user.is_empty() {
                let given = Command::new("chown").arg("postgres").arg(&there).status();
                assert!(given.expect("chown runs").success());
            }
        }
        put(
            "pg_hba.conf",
            "local all all trust\n\
             hostssl all client 127.0.0.1/32 cert\n\
             hostssl all all 127.0.0.1/32 trust\n",
        )
        .expect("a file");
        let settings = server.data().join("postgresql.conf");
        let settings_there = fs::read_to_string(&settings).expect("a file");
        let tls = "ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n\
                   ssl_ca_file = 'ca.pem'\n";
        fs::write(&settings, settings_there + tls).expect("a file");
    })
}

/// A program that finds no files at their usual places.
fn without_a_home(name: &str, place: &str, files: &Dir) -> Program {
    let home = files.path("");
    let program = program(name).arg(place);
    let program = program.env("HOME", home.to_str().expect("UTF-8"));
    program.env("PGSSLMODE", "")
}

#[test]
fn tls_is_asked_for_as_of_psql_and_holds_what_it_says() {
    let files = Dir::new();
    let server = server(&files);
    let port = server.port;
    let file = |name: &str| files.path(name).display().to_string();
    let place = |user: &str, options: &str| {
        let options = options
            .replace("CA", &file("ca.pem"))
            .replace("STRANGER", &file("stranger-ca.pem"));
        format!("postgres://{user}@127.0.0.1:{port}/postgres{options}")
    };
    // The address is the same for all names.
    let named = |host: &str, options: &str| {
        let place = place("ada", &format!("?hostaddr=127.0.0.1{options}"));
        place.replace("@127.0.0.1", &format!("@{host}"))
    };
    let go = |place: &str| {
        let sender = without_a_home("dl-send", place, &files);
        sender.args(&["--linger", "5s"]).stdin("{\"a\":1}\n").run()
    };
    let good = |place: &str| {
        let ran = go(place);
        assert_eq!(ran.status, 0, "{place}: {}", ran.stderr);
    };
    let bad = |place: &str, reason: &str| {
        let ran = go(place);
        assert_eq!(ran.status, 2, "{place}: {}", ran.stderr);
        assert!(ran.stderr.contains(reason), "{place}: {}", ran.stderr);
        assert!(!ran.stderr.contains("trying again"), "{}", ran.stderr);
    };
    let stranger = "TLS: the peer's certificate is not of sslrootcert";
    bad(&place("ada", "?sslmode=disable"), "no encryption");
    good(&place("ada", ""));
    good(&place("ada", "?sslmode=require"));
    bad(
        &place("ada", "?sslmode=require&sslrootcert=STRANGER"),
        stranger,
    );
    bad(
        &place("ada", "?sslmode=verify-ca&sslrootcert=STRANGER"),
        stranger,
    );
    bad(
        &place("ada", "?sslmode=verify-full&sslrootcert=STRANGER"),
        stranger,
    );
    bad(&place("ada", "?sslmode=verify-ca"), "sslrootcert=FILE");
    good(&named("db.example", "&sslmode=verify-ca&sslrootcert=CA"));
    let full = "&sslmode=verify-full&sslrootcert=CA";
    bad(
        &named("db.example", full),
        "certificate is for another name",
    );
    good(&named("localhost", full));
    let absent = place("ada", "?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
    bad(&absent, "/nowhere/ca.pem: No such file");
    // What the environment says holds for both programs, and files at their usual places are found.
    let told = without_a_home("dl-recv", &place("ada", ""), &files);
    let told = told.env("PGSSLMODE", "verify-full");
    told.env("PGSSLROOTCERT", &file("ca.pem"))
        .check("{\"a\":1}\n", "", 0);
    fs::create_dir(files.path(".postgresql")).expect("a folder");
    fs::copy(file("ca.pem"), files.path(".postgresql/root.crt")).expect("a file");
    good(&place("ada", "?sslmode=verify-full"));
    there_and_back(&place(
        "ada",
        "?sslmode=verify-full&sslrootcert=CA&table=sealed",
    ));
}

#[test]
fn a_server_knows_us_by_our_certificate() {
    let files = Dir::new();
    let server = server(&files);
    let file = |name: &str| files.path(name).display().to_string();
    let local = format!(
        "postgres://ada@/postgres?host={}&port={}&sslmode=require",
        server.folder.path("").display(),
        server.port
    );
    // Through the socket of a host there is no TLS.
    let sender = without_a_home("dl-send", &local, &files);
    sender.stdin("{\"a\":1}\n").check("", "", 0);
    client_at(&local.replace("&sslmode=require", ""))
        .batch_execute("CREATE ROLE client LOGIN; GRANT SELECT ON records TO client")
        .expect("a role");
    let read = |ours: &str| {
        let place = format!(
            "postgres://client@127.0.0.1:{}/postgres?sslmode=verify-full&sslrootcert={}",
            server.port,
            file("ca.pem")
        );
        let ours = match ours {
            "" => String::new(),
            name => format!(
                "&sslcert={}&sslkey={}",
                file(&format!("{name}.pem")),
                file(&format!("{name}.key"))
            ),
        };
        without_a_home("dl-recv", &(place + &ours), &files).run()
    };
    let ran = read("client");
    assert_eq!(
        (ran.status, &*ran.stdout),
        (0, &b"{\"a\":1}\n"[..]),
        "{}",
        ran.stderr
    );
    for (ours, reason) in [
        ("", "requires a valid client certificate"),
        // It is one of the authority's, for servers only.
        ("server", "TLS: the peer refused us: UnsupportedCertificate"),
        ("stranger", "TLS: the peer refused us: UnknownCA"),
    ] {
        let ran = read(ours);
        assert_eq!((ran.status, ran.stdout.len()), (2, 0), "{ours}");
        assert!(ran.stderr.contains(reason), "{ours}: {}", ran.stderr);
    }
}
