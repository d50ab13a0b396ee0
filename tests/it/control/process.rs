//! A process that is told its rules, played by the test, and somebody who asks without dl-ctl.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
};

use serde_json::{Value, json};
use zeromq::{ReqSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

use crate::support::{DEADLINE, Dir};

/// A connected process.
pub(super) struct Process {
    id: String,
    lines: BufReader<UnixStream>,
    /// The rules that were told last.
    told: Option<Vec<String>>,
}

impl Process {
    pub(super) fn connect(dir: &Dir, id: &str, host: &str, process: &str) -> Self {
        let mut stream = UnixStream::connect(dir.path("ctl.levels")).expect("it listens");
        stream.set_read_timeout(Some(DEADLINE)).expect("a time");
        let hello = json!({"id": id, "host": host, "process": process, "pid": 7});
        writeln!(stream, "{hello}").expect("it reads");
        Self {
            id: id.to_owned(),
            lines: BufReader::new(stream),
            told: None,
        }
    }

    /// The ids of the rules that it is told now.
    pub(super) fn rules(&mut self) -> Vec<String> {
        let mut line = String::new();
        let count = self.lines.read_line(&mut line).expect("a line in time");
        assert!(count > 0, "it hung up");
        let state: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(state["distlog"], 1);
        let rules = state["rules"].as_array().expect("rules").iter();
        let ids: Vec<_> = rules
            .map(|rule| rule["id"].as_str().expect("an id").to_owned())
            .collect();
        self.told = Some(ids.clone());
        ids
    }

    /// The same, once they are others than before.
    pub(super) fn next_rules(&mut self) -> Vec<String> {
        let before = self.told.clone().unwrap_or_default();
        loop {
            let rules = self.rules();
            if rules != before {
                return rules;
            }
        }
    }

    /// Answers, with a record.
    pub(super) fn answer(&self, dir: &Dir, rule: &str, event: &str) {
        send(dir, &Self::answer_line(&self.id, rule, event));
    }

    pub(super) fn answer_line(id: &str, rule: &str, event: &str) -> String {
        let control = json!({"event": event, "rule": rule, "process_id": id, "loggers": 0});
        json!({"name": "distlog.control", "control": control}).to_string()
    }
}

/// Sends records.
pub(super) fn send(dir: &Dir, lines: &str) {
    let mut stream = UnixStream::connect(dir.path("in")).expect("it listens");
    writeln!(stream, "{lines}").expect("it reads");
}

/// Asks dl-recv something, and gives the reply.
pub(super) fn ask(place: &str, question: &str) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let asked = runtime.block_on(async {
        tokio::time::timeout(DEADLINE, async {
            let mut socket = ReqSocket::new();
            socket.connect(place).await.expect("it listens");
            let question = ZmqMessage::from(question.as_bytes().to_vec());
            socket.send(question).await.expect("it reads");
            socket.recv().await.expect("a reply")
        })
        .await
        .expect("a reply in time")
    });
    serde_json::from_slice(asked.get(0).expect("a frame")).expect("JSON")
}
