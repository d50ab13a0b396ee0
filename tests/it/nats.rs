//! NATS JetStream: real servers on ports of their own, and another client that looks at what is
//! there.

mod credentials;
mod held_up;
mod recv;
mod send;

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, pull},
};
use futures_util::StreamExt;

use crate::support::{Dir, Kill, Program, program, wait_for};

/// A server, ended with the test.
struct Server {
    folder: Dir,
    port: u16,
    config: String,
    process: Option<Kill>,
}

/// A message of a stream.
struct Message {
    subject: String,
    id: String,
    text: Vec<u8>,
}

impl Server {
    fn new() -> Self {
        Self::with("")
    }

    /// One with more in its file of settings; `FOLDER` stands for its own.
    fn with(config: &str) -> Self {
        let folder = Dir::new();
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut server = Self {
            config: config.to_owned(),
            folder,
            port,
            process: None,
        };
        server.start();
        server
    }

    fn start(&mut self) {
        let folder = self.folder.path("");
        let folder = folder.to_str().expect("UTF-8");
        let port = self.port;
        let settings = format!(
            "host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: \"{folder}/store\" }}\n{}",
            self.config.replace("FOLDER", folder)
        );
        let settings = self.folder.file("settings", settings);
        let log = self.folder.path("log");
        let open = fs::File::options().create(true).append(true).open(&log);
        let process = Command::new("nats-server")
            .arg("-c")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(open.expect("a file"))
            .spawn()
            .expect("the Debian package nats-server is installed");
        self.process = Some(Kill(process));
        wait_for("nats-server", || {
            let ended = self.process.as_mut().map(|process| process.0.try_wait());
            let words = || fs::read_to_string(&log).unwrap_or_default();
            assert!(matches!(ended, Some(Ok(None))), "{}", words());
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }

    /// As a machine that fails.
    fn stop(&mut self) {
        self.process = None;
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}/LOGS", self.port)
    }

    /// Has somebody else ask something of JetStream.
    fn ask<T>(&self, what: impl AsyncFnOnce(jetstream::Context) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let client = async_nats::connect(format!("127.0.0.1:{}", self.port));
            what(jetstream::new(client.await.expect("a connection"))).await
        })
    }

    /// A stream that is not one of dl-send.
    async fn strange(context: &jetstream::Context, name: &str, subject: &str) {
        let config = jetstream::stream::Config {
            name: name.into(),
            subjects: vec![subject.into()],
            ..Default::default()
        };
        context.create_stream(config).await.expect("a stream");
    }

    /// All that is in the stream, in its order.
    fn messages(&self) -> Vec<Message> {
        self.ask(async |context| {
            let mut stream = context.get_stream("LOGS").await.expect("the stream");
            let count = stream.info().await.expect("words of it").state.messages;
            let config = pull::Config {
                ack_policy: AckPolicy::None,
                ..pull::Config::default()
            };
            let consumer = stream.create_consumer(config).await.expect("a consumer");
            let mut all = Vec::new();
            while (all.len() as u64) < count {
                let batch = consumer.fetch().max_messages(1_000);
                let batch = batch.expires(Duration::from_secs(5)).messages().await;
                let mut batch = batch.expect("a batch");
                while let Some(message) = batch.next().await {
                    let message = message.expect("a message");
                    let id = message.headers.as_ref();
                    let id = id.and_then(|headers| headers.get("Nats-Msg-Id"));
                    all.push(Message {
                        subject: message.subject.to_string(),
                        id: id.map(ToString::to_string).unwrap_or_default(),
                        text: message.payload.to_vec(),
                    });
                }
            }
            all
        })
    }

    /// The records in the stream, in the order of their bytes.
    fn lines(&self) -> Vec<String> {
        let text = |message: Message| String::from_utf8(message.text).expect("text");
        let mut lines: Vec<_> = self.messages().into_iter().map(text).collect();
        lines.sort_unstable();
        lines
    }

    /// How many messages are in the stream; none if there is no stream yet.
    fn count(&self) -> u64 {
        self.ask(async |context| match context.get_stream("LOGS").await {
            Ok(stream) => stream.cached_info().state.messages,
            Err(_) => 0,
        })
    }
}

fn send(place: &str) -> Program {
    program("dl-send").arg(place)
}

/// So many different records of requests that go on beside each other.
fn records(count: usize) -> String {
    let line = |number: usize| {
        let (request, step) = (number / 40 * 8 + number % 8, number % 40 / 8);
        let action = match step {
            0 => "\"action_type\":\"http:request\",\"action_status\":\"started\"",
            4 => "\"action_type\":\"http:request\",\"action_status\":\"succeeded\"",
            _ => "\"message_type\":\"step\"",
        };
        format!(
            "{{\"task_uuid\":\"request-{request}\",\"task_level\":[{}],\
             \"timestamp\":{}.{:03},{action},\"n\":{number}}}\n",
            step + 1,
            1_764_000_000 + number / 1_000,
            number % 1_000,
        )
    };
    (0..count).map(line).collect()
}

/// Lines in the order of their bytes.
fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}
