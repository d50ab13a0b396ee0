//! A server, and how it is asked: a request of HTTP for each statement.

use std::{env, fmt::Write, time::Duration};

use ureq::{
    Agent, Body,
    http::{HeaderName, HeaderValue, Response},
};

use super::fault;
use crate::{endpoint::ClickHouseAt, http, store::Fault, tls::TlsClient};

/// How long a server that does not answer is waited for.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// The same where it may have to look through a whole table first.
pub(super) const MINUTES: Duration = Duration::from_secs(600);

/// How much of an answer is read that is not rows.
const WORDS: u64 = 64 << 10;

/// The fastest level of zstd: records become a tenth even so.
const LEVEL: i32 = 1;

/// A server, its database, and who we are there.
pub(super) struct Server {
    agent: Agent,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What is asked for.
pub(super) struct Ask<'a> {
    /// The statement.
    pub(super) query: &'a str,
    /// What holds for it.
    pub(super) settings: &'a [(&'a str, &'a str)],
    /// What it puts in.
    pub(super) data: Option<&'a [u8]>,
    /// Whether that is compressed.
    pub(super) packed: bool,
    /// How long nothing at all may come.
    pub(super) silence: Duration,
}

impl<'a> Ask<'a> {
    /// A statement, and nothing else.
    pub(super) fn of(query: &'a str) -> Self {
        Self {
            query,
            settings: &[],
            data: None,
            packed: false,
            silence: SILENCE,
        }
    }
}

impl Server {
    /// Gets ready; whether somebody is there is known when something is asked.
    pub(super) fn new(at: &ClickHouseAt, tls: Option<&TlsClient>) -> Result<Self, Fault> {
        let ours = match tls {
            None if at.tls => {
                let read = TlsClient::read(None, None);
                Some(read.map_err(|error| Fault::Lasting(error.to_string()))?)
            }
            tls => tls.cloned(),
        };
        let scheme = if at.tls { "https" } else { "http" };
        let given = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
        let user = at.user.clone().or_else(|| given("CLICKHOUSE_USER"));
        let mut headers = Vec::new();
        for (header, of, text) in [
            ("x-clickhouse-user", "the user", user),
            (
                "x-clickhouse-key",
                "CLICKHOUSE_PASSWORD",
                given("CLICKHOUSE_PASSWORD"),
            ),
        ] {
            let Some(text) = text else { continue };
            let mut value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| {
                Fault::Lasting(format!("{of} has characters that no request can have"))
            })?;
            value.set_sensitive(true);
            headers.push((HeaderName::from_static(header), value));
        }
        Ok(Self {
            agent: http::agent(ours.as_ref(), "distlog"),
            url: format!("{scheme}://{}/?database={}", at.server, at.database),
            headers,
        })
    }

    /// Asks, and reads the answer to its end.
    pub(super) fn told(&self, ask: &Ask<'_>) -> Result<String, Fault> {
        let mut body = self.ask(ask)?;
        let read = body.with_config().limit(WORDS).read_to_vec();
        let read = read.map_err(|error| Fault::Passing(http::words(&error)))?;
        Ok(String::from_utf8_lossy(&read).into_owned())
    }

    /// Asks; what is given back has begun as a success.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Body, Fault> {
        let mut url = self.url.clone();
        let of_the_url = ask.data.map(|_| ("query", ask.query));
        for &(name, value) in ask.settings.iter().chain(&of_the_url) {
            url.push('&');
            url.push_str(name);
            url.push('=');
            encode(value, &mut url);
        }
        let mut request = self
            .agent
            .post(url)
            .config()
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(ask.silence))
            .timeout_per_write(Some(SILENCE))
            .build();
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sent = match ask.data {
            None => request.send(ask.query.as_bytes()),
            Some(data) if ask.packed => {
                let packed = zstd::bulk::compress(data, LEVEL);
                let packed = packed.map_err(|error| Fault::Passing(error.to_string()))?;
                request.header("content-encoding", "zstd").send(&packed)
            }
            Some(data) => request.send(data),
        };
        let answer = sent.map_err(|error| Fault::Passing(http::words(&error)))?;
        understood(answer)
    }
}

/// The body of a success of ClickHouse; somebody else who listens there answers with 200 too.
fn understood(mut answer: Response<Body>) -> Result<Body, Fault> {
    let code = answer.headers().get("x-clickhouse-exception-code");
    if code.is_none() && answer.status().is_success() {
        let mut names = answer.headers().keys().map(HeaderName::as_str);
        return if names.any(|name| name.starts_with("x-clickhouse-")) {
            Ok(answer.into_body())
        } else {
            let words = "what answers there is not the HTTP interface of ClickHouse";
            Err(Fault::Lasting(words.into()))
        };
    }
    let code = code.and_then(|code| code.to_str().ok()?.parse().ok());
    let body = answer.body_mut().with_config().limit(WORDS).read_to_vec();
    // A longer one says nothing that would be told.
    let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    Err(fault::said(code, answer.status().as_u16(), &body))
}

/// A text as a part of an address.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
