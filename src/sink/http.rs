//! HTTP: batches of lines as requests, each answered.
//!
//! What requests hold and what answers mean is for a [`Compose`] to know. Which of them are tried
//! again is what OTLP/HTTP asks for (specification, "OTLP/HTTP Response" and "Retryable Response
//! Codes").

use std::{
    collections::VecDeque,
    io::Write,
    time::{Duration, SystemTime},
};

use flate2::{Compression, write::GzEncoder};
use ureq::{
    Agent,
    http::{Response, header::RETRY_AFTER},
};

use super::{
    Patience, SinkOptions,
    courier::{Carrier, Courier, Load, TurnedAway},
};
use crate::{
    endpoint::{Listen, Place},
    error::{Error, Result},
    http,
    store::Fault,
};

/// How long a receiver may take for a request: three times as long as exporters wait, since it
/// may be a batch of many.
const ANSWER: Duration = Duration::from_secs(30);

/// How much of an answer is read.
const BODY: u64 = 64 << 10;

/// How many lines are in a batch if nobody says: twice what exporters of OpenTelemetry send.
const LINES: usize = 1_000;

/// The longest that a receiver may ask to be left alone for; beyond it is a mistake.
const LONGEST: Duration = Duration::from_secs(3_600);

/// A request.
pub struct Post {
    /// What stands behind the path of the endpoint.
    pub path: &'static str,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body, not compressed.
    pub body: Vec<u8>,
}

/// Makes requests of lines, and understands answers; this module knows nothing of records.
pub trait Compose: Send {
    /// The requests of some lines; an error says why there are none.
    fn posts(&mut self, lines: &[&[u8]]) -> Result<Vec<Post>, String>;

    /// How many records of a request were not taken, and what there is to say of it.
    fn heard(&mut self, is_success: bool, content_type: &str, body: &[u8]) -> (u64, String);
}

/// A receiver of requests.
pub(super) struct HttpCarrier {
    agent: Agent,
    base: String,
    gzip: bool,
    compose: Box<dyn Compose>,
    /// The batch that is being brought, and what of it has not been answered: what a receiver has
    /// taken is not sent again with what it has not.
    batch: Vec<u8>,
    posts: VecDeque<Post>,
    pause: Duration,
    turned_away: Vec<TurnedAway>,
    words: Vec<String>,
}

/// Gets ready; whether somebody is there is known with the first batch.
pub(super) fn open(listen: &Listen, mut options: SinkOptions) -> Result<Courier<HttpCarrier>> {
    let wire = std::mem::take(&mut options.wire);
    let (Place::Tcp { host, port }, Some(compose)) = (&listen.place, wire.compose) else {
        return Err(Error::Endpoint {
            text: listen.to_string(),
            reason: super::NOT_OUT.into(),
        });
    };
    super::check_connect(listen, host, *port)?;
    let scheme = if listen.tls { "https" } else { "http" };
    let carrier = HttpCarrier {
        agent: http::agent(wire.tls.as_ref(), "dl-send"),
        base: format!("{scheme}://{}{}", listen.place, listen.path),
        gzip: wire.gzip,
        compose,
        batch: Vec::new(),
        posts: VecDeque::new(),
        pause: Duration::ZERO,
        turned_away: Vec::new(),
        words: Vec::new(),
    };
    let batch = options.batch.unwrap_or(LINES);
    let load = Load {
        batch,
        hold: batch,
        eager: false,
    };
    Courier::open(listen.to_string(), carrier, load, options)
}

impl HttpCarrier {
    fn post(&mut self, post: &Post, patience: &mut Patience) -> Result<(), Fault> {
        let time = patience.left().unwrap_or_default().min(ANSWER);
        let request = self
            .agent
            .post(format!("{}{}", self.base, post.path))
            .config()
            .timeout_global(Some(time.max(Duration::from_millis(1))))
            .build()
            .header("content-type", post.content_type);
        let sent = if self.gzip {
            let body = compressed(&post.body);
            request.header("content-encoding", "gzip").send(&body)
        } else {
            request.send(&post.body)
        };
        let mut answer = sent.map_err(|error| Fault::Passing(http::words(&error)))?;
        let status = answer.status();
        let content_type = answer.headers().get("content-type");
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = answer.body_mut().with_config().limit(BODY).read_to_vec();
        // A longer one says nothing that would be told.
        let body = body.unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        let (rejected, said) = self.compose.heard(status.is_success(), kind, &body);
        if status.is_success() {
            self.taken(rejected, said);
            return Ok(());
        }
        let words = match said.lines().next().filter(|said| !said.is_empty()) {
            Some(said) => format!("answered with {}: {said}", status.as_u16()),
            None => format!("answered with {status}"),
        };
        Err(match status.as_u16() {
            429 | 502 | 503 | 504 => {
                self.pause = retry_after(&answer).unwrap_or_default();
                Fault::Passing(words)
            }
            // One of the lines is to blame, or there are too many.
            400 | 413 | 422 => Fault::Refused(words),
            _ => Fault::Lasting(words),
        })
    }

    fn taken(&mut self, rejected: u64, said: String) {
        if rejected > 0 {
            // Which ones is not told.
            self.turned_away.push(TurnedAway {
                lines: self.batch.clone(),
                count: rejected,
                words: if said.is_empty() {
                    "not taken".into()
                } else {
                    said
                },
            });
        } else if let Some(said) = said.lines().next() {
            self.words.push(format!("taken, but: {said}"));
        }
    }
}

impl Carrier for HttpCarrier {
    fn bring(&mut self, lines: &[&[u8]], patience: &mut Patience) -> Result<(), Fault> {
        let batch = lines.join(&b'\n');
        if batch != self.batch {
            self.posts = self.compose.posts(lines).map_err(Fault::Refused)?.into();
            self.batch = batch;
        }
        while let Some(post) = self.posts.pop_front() {
            let posted = self.post(&post, patience);
            if let Err(fault) = posted {
                self.posts.push_front(post);
                return Err(fault);
            }
        }
        // The same lines may come again, as others.
        self.batch.clear();
        Ok(())
    }

    fn pause(&mut self) -> Duration {
        std::mem::take(&mut self.pause)
    }

    fn words(&mut self) -> Vec<String> {
        std::mem::take(&mut self.words)
    }

    fn turned_away(&mut self) -> Option<TurnedAway> {
        self.turned_away.pop()
    }
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Memory takes everything.
    let _ = out.write_all(body);
    out.finish().unwrap_or_default()
}

/// For how long an answer asks to be left alone: a number of seconds, or until a time.
fn retry_after<B>(answer: &Response<B>) -> Option<Duration> {
    let text = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    let time = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let then = SystemTime::from(chrono::DateTime::parse_from_rfc2822(text).ok()?);
        then.duration_since(SystemTime::now()).ok()?
    };
    Some(time.min(LONGEST))
}
