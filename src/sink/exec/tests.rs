//! Processors that read nothing, a little, or are given nothing.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{shutdown::Shutdown, sink::Wire, zmtp::Security};

/// A sink whose processors follow each other at once, and what it says.
fn sink(command: &str) -> (ExecSink, Arc<Mutex<Vec<String>>>) {
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let options = SinkOptions {
        topic: None,
        security: Security::default(),
        linger: Duration::from_secs(30),
        stdout_taken: false,
        rotation: None,
        retention: None,
        batch: None,
        wire: Wire::default(),
        refuse: None,
        patient: false,
        shutdown: Shutdown::on_signals().expect("signals"),
        say: Box::new(move |words| heard.lock().expect("no panic").push(words)),
    };
    let mut sink = ExecSink::start(command, options).expect("a shell");
    sink.backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(2), 1);
    (sink, said)
}

/// More than a pipe holds.
fn lines(count: usize) -> Vec<u8> {
    b"{\"n\":1234}\n".repeat(count)
}

#[test]
fn who_reads_nothing_is_given_up_after_a_while() {
    for (command, status) in [
        ("exit 3", "exited with status 3"),
        ("true", "exited with status 0"),
        // Half a line does not bring it on: the next one gets it from its beginning.
        ("head -c 3 > /dev/null; exit 3", "exited with status 3"),
    ] {
        let (mut sink, said) = sink(command);
        let error = sink.write(&lines(50_000)).expect_err("nobody reads");
        assert_eq!(
            error.to_string(),
            format!(
                "exec:{command}: {status}, 10 times in a row without having read a line; \
                 50000 records not delivered"
            )
        );
        sink.finish().expect("it has been told");
        assert_eq!(sink.undelivered(), 50_000);
        let said = said.lock().expect("no panic");
        let again = format!("exec:{command}: {status}, starting again");
        assert_eq!(*said, vec![again; 9]);
    }
}

#[test]
fn who_is_given_up_at_the_end_too() {
    let (mut sink, _) = sink("exit 3");
    // It may end before it is written to, or with all of it in its pipe.
    sink.write(&lines(2)).expect("a pipe holds that");
    let error = sink.finish().expect_err("nobody reads");
    let words = error.to_string();
    assert!(
        words.ends_with("a line; 2 records not delivered"),
        "{words}"
    );
    assert_eq!(sink.undelivered(), 2);
}

#[test]
fn who_reads_a_little_goes_on_and_so_does_who_is_given_nothing() {
    // Each takes a line, and there are more lines than processors that may read nothing.
    let (mut reads, said) = sink("read -r line; exit 3");
    reads.write(&lines(25)).expect("a pipe holds that");
    let error = reads.finish().expect_err("the last one failed");
    assert_eq!(
        error.to_string(),
        "exec:read -r line; exit 3: exited with status 3"
    );
    assert_eq!(reads.undelivered(), 0);
    assert_eq!(said.lock().expect("no panic").len(), 24);

    let (mut idle, said) = sink("exit 3");
    while said.lock().expect("no panic").len() < 25 {
        idle.tick().expect("there is nothing to lose");
    }
}
