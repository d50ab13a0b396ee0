//! How soon the programs speak, and how soon they have read enough.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use super::{AT_ONCE, lone};
use crate::support::{DEADLINE, Kill, Ran, program, wait_for_end};

#[test]
fn the_first_record_comes_out_at_once() {
    for (name, args) in AT_ONCE {
        let mut running = program(name).args(args).start();
        for number in 0..3 {
            running.write(lone(number));
            let line = running.line();
            assert!(line.contains(&format!("{number:08}")), "{name}: {line}");
            if name != "dl-tree" {
                assert!(line.contains(&format!("m{number}")), "{name}: {line}");
            }
        }
        drop(running.stdin.take());
        assert_eq!(
            running.end(),
            Ran {
                stdout: Vec::new(),
                stderr: String::new(),
                status: 0
            }
        );
    }
}

/// Lines that may go on in the next one are not waited with.
#[test]
fn a_record_of_text_comes_out_at_once() {
    for format in ["auto", "logfmt"] {
        let mut running = program("dl-recv").args(&["--format", format, "-"]).start();
        for number in 0..3 {
            running.write(format!(
                "n={number}\nTraceback (most recent call last):\nE: x\n"
            ));
            let exception = "Traceback (most recent call last):\\nE: x";
            let expect = format!("{{\"n\":{number},\"exception\":\"{exception}\"}}\n");
            assert_eq!(running.line(), expect, "{format}");
        }
        drop(running.stdin.take());
        assert_eq!(running.end().status, 0);
    }
}

#[test]
fn the_first_record_comes_out_of_whole_pipelines_at_once() {
    let stages: [&[(&str, &[&str])]; 4] = [
        &[
            ("dl-recv", &["-"]),
            ("dl-filter", &["true"]),
            ("dl-send", &["-"]),
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-fmt", &[]),
        ],
        &[
            ("dl-filter", &["true"]),
            ("dl-filter", &["exists(.task_level)"]),
            ("dl-fmt", &[]),
        ],
        &[
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-filter", &["status != failed"]),
            ("dl-fmt", &["--records", "all"]),
        ],
        &[
            ("dl-tree", &["--live-window", "30s"]),
            ("dl-tree", &["--live-window", "30s", "--flatten"]),
            ("dl-fmt", &[]),
        ],
    ];
    for stages in stages {
        let mut children = Vec::new();
        let mut next = Stdio::piped();
        for (name, args) in stages {
            let mut command = program(name).args(args).command;
            let mut child = command
                .stdin(next)
                .stdout(Stdio::piped())
                .spawn()
                .expect("the program starts");
            next = Stdio::piped();
            let stdout = child.stdout.take().expect("stdout is piped");
            children.push((Kill(child), Some(stdout)));
            if children.len() < stages.len() {
                next = children
                    .last_mut()
                    .and_then(|(_, out)| out.take())
                    .expect("an output")
                    .into();
            }
        }
        let mut stdin = children[0].0.0.stdin.take().expect("stdin is piped");
        let last = children
            .last_mut()
            .and_then(|(_, out)| out.take())
            .expect("an output");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(last).lines() {
                let _ = sender.send(line.expect("text"));
            }
        });
        for number in 0..2 {
            stdin.write_all(lone(number).as_bytes()).expect("it reads");
            let wanted = format!("m{number}");
            let mut seen = String::new();
            while !seen.contains(&wanted) {
                let line = receiver.recv_timeout(DEADLINE);
                seen += &line.unwrap_or_else(|_| panic!("{stages:?}: no {wanted} in {seen}"));
            }
        }
        drop(stdin);
        for (child, _) in &mut children {
            assert_eq!(wait_for_end(child), 0, "{stages:?}");
        }
    }
}

#[test]
fn enough_is_enough_even_if_the_input_stays_open() {
    for jobs in ["1", "3"] {
        let mut running = program("dl-filter")
            .args(&["-m", "1", "-j", jobs, "true"])
            .start();
        running.write("{\"a\":1}\n{\"a\":2}\n");
        let ran = running.end();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"a\":1}\n");
        assert_eq!((ran.stderr.as_str(), ran.status), ("", 0));
    }
}

#[test]
fn nothing_at_all_is_enough_before_there_is_input() {
    let mut running = program("dl-filter").args(&["-m", "0", "true"]).start();
    let stdin = running.stdin.take();
    assert_eq!(
        running.end(),
        Ran {
            stdout: Vec::new(),
            stderr: String::new(),
            status: 0
        }
    );
    drop(stdin);
}
