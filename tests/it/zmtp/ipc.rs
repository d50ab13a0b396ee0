//! The path of an `ipc` address: live, stale, or not ours.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
};

use distlog::zmtp::{Address, Error, Pull, PullOptions};

use super::support::{Collector, Python};

fn bind(path: &Path) -> Result<Pull, Error> {
    Pull::bind(&[Address::Ipc(path.to_owned())], PullOptions::default())
}

fn refused(path: &Path) -> String {
    bind(path)
        .expect_err("the path is taken")
        .to_string()
        .replace(&path.display().to_string(), "PATH")
}

#[test]
fn a_live_path_is_never_stolen() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("live");
    let ours = bind(&path).expect("free");
    assert_eq!(refused(&path), "ipc://PATH: address already in use");
    drop(ours);
    bind(&path).expect("free again");
    // libzmq does not know our lock: its socket answers.
    let (_python, _) = Python::pull(&format!("ipc://{}", path.display()), &[]);
    assert_eq!(refused(&path), "ipc://PATH: address already in use");
}

#[test]
fn a_stale_socket_file_is_removed() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("stale");
    // What a killed process leaves: a socket file that nobody listens on, and a free lock.
    drop(UnixListener::bind(&path).expect("free"));
    fs::write(dir.path().join("stale.lock"), "").expect("a file");
    let mut collector =
        Collector::bind(&format!("ipc://{}", path.display()), PullOptions::default());
    let _client = Python::push(&collector.address(), 0, 100, &[]);
    collector.until("all", |seen| seen.messages == 100);
}

#[test]
fn files_that_are_no_sockets_are_left_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("precious");
    fs::write(&path, "data").expect("a file");
    assert_eq!(
        refused(&path),
        "ipc://PATH: the path exists and is not a socket"
    );
    assert_eq!(fs::read(&path).expect("still there"), b"data");
    let missing = dir.path().join("no/such/dir");
    assert!(
        refused(&missing).ends_with("no such file or directory"),
        "{}",
        refused(&missing)
    );
    assert!(refused(&dir.path().join("x".repeat(108))).starts_with("ipc://PATH: "));
}

#[test]
fn the_file_is_private_and_goes_with_the_socket() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("private");
    let pull = bind(&path).expect("free");
    assert_eq!(
        fs::metadata(&path).expect("bound").permissions().mode() & 0o777,
        0o600
    );
    drop(pull);
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 0);
    let options = PullOptions {
        ipc_mode: 0o660,
        ..PullOptions::default()
    };
    let _pull = Pull::bind(&[Address::Ipc(path.clone())], options).expect("free");
    assert_eq!(
        fs::metadata(&path).expect("bound").permissions().mode() & 0o777,
        0o660
    );
}

#[test]
fn a_tcp_port_in_use_is_named() {
    let first = Collector::tcp();
    let address = first.address();
    let error =
        Pull::bind(std::slice::from_ref(&address), PullOptions::default()).expect_err("in use");
    assert_eq!(
        error.to_string(),
        format!("{address}: address already in use")
    );
}
