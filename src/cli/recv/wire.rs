//! What the messages of an endpoint are, and how requests are answered.

use super::{Settings, net_args::NetArgs};
use crate::{
    cli::common::LineArgs,
    decode::{
        form::Form,
        format::{self, Decode, Take},
        gelf::Gelf,
        otlp::{Encoding, Otlp, Signal},
        pylog::Pylog,
        syslog::Syslog,
    },
    endpoint::{Listen, Place, Protocol},
    source::net::{Reply, Request},
};

/// Makes records of the messages of one endpoint.
pub(super) enum Wire {
    /// Messages are records already.
    Records,
    /// Of messages.
    Messages(Box<dyn Decode>),
    /// Of forms, at this path.
    Forms(Form, String),
    /// Of OTLP requests, below this path.
    Otlp(Box<Otlp>, String),
}

impl Wire {
    pub(super) fn new(
        listen: &Listen,
        settings: &Settings,
        args: &NetArgs,
        lines: &LineArgs,
    ) -> Self {
        let longest = lines.max_record;
        match listen.protocol {
            Protocol::Ndjson | Protocol::Metrics => Self::Records,
            Protocol::Pylog if matches!(listen.place, Place::Udp { .. }) => {
                Self::Messages(Box::new(Pylog::datagram(longest)))
            }
            Protocol::Pylog => Self::Messages(Box::new(Pylog::stream(longest))),
            Protocol::Gelf => Self::Messages(Box::new(Gelf::new(args.message_bounds(lines)))),
            Protocol::Syslog if matches!(listen.place, Place::Udp { .. }) => {
                Self::Messages(Box::new(Syslog::datagram(settings)))
            }
            Protocol::Syslog => match format::find("syslog") {
                Some(format) => Self::Messages(format.decoder(settings)),
                None => Self::Records,
            },
            Protocol::PylogHttp => Self::Forms(Form::default(), listen.path.clone()),
            Protocol::Otlp => {
                let otlp = Otlp::new(args.body_bounds(), longest);
                Self::Otlp(Box::new(otlp), listen.path.clone())
            }
        }
    }

    /// True if `dl.recv` in a record that comes out is of the decoder's making.
    pub(super) fn marks(&self) -> bool {
        match self {
            Self::Messages(_) | Self::Forms(..) => true,
            Self::Records | Self::Otlp(..) => false,
        }
    }

    /// Makes records of a message.
    pub(super) fn message(&mut self, bytes: &[u8], take: &mut dyn Take) {
        match self {
            Self::Messages(decoder) => decoder.line(bytes, take),
            Self::Records | Self::Forms(..) | Self::Otlp(..) => take.record(bytes),
        }
    }

    /// What of a request becomes records.
    pub(super) fn content<'r>(&self, request: &'r Request, body: &'r [u8]) -> &'r [u8] {
        match self {
            Self::Forms(..) if request.method == "GET" => request.query.as_bytes(),
            _ => body,
        }
    }

    /// Makes records of a request, and fills in the reply. Returns what is wrong with it.
    pub(super) fn request(
        &mut self,
        request: &Request,
        body: &[u8],
        reply: &mut Reply,
        take: &mut dyn Take,
    ) -> Option<String> {
        let mut seen = Seen {
            take,
            rejected: None,
        };
        let content = self.content(request, body);
        let answer = match self {
            Self::Forms(form, path) => form_request(form, path, request, content, &mut seen),
            Self::Otlp(otlp, path) => otlp_request(otlp, path, request, body, &mut seen),
            Self::Records | Self::Messages(_) => Err(refuse(404, "nothing is here")),
        };
        let refused;
        (*reply, refused) = match answer {
            Ok(reply) => (reply, None),
            Err(reply) => {
                let words = String::from_utf8_lossy(&reply.body);
                let words = format!("{} (answered with {})", words.trim_end(), reply.status);
                // What nobody reads may have been a record.
                if !content.is_empty() {
                    seen.reject(content, &words);
                }
                (reply, Some(words))
            }
        };
        refused.or(seen.rejected)
    }
}

fn refuse(status: u16, words: &str) -> Reply {
    Reply::text(status, words)
}

fn form_request(
    form: &mut Form,
    path: &str,
    request: &Request,
    fields: &[u8],
    seen: &mut Seen<'_>,
) -> Result<Reply, Reply> {
    if !path.is_empty() && request.path.trim_end_matches('/') != path {
        return Err(refuse(404, &format!("log records are taken at {path}")));
    }
    if request.from_browser {
        // Any page may have a form that is sent to a port of its reader's own host.
        return Err(refuse(403, "log records are not taken from web pages"));
    }
    match request.method.as_str() {
        "POST" if !is_form(request) => {
            let words = "expected application/x-www-form-urlencoded, as HTTPHandler sends it";
            return Err(refuse(415, words));
        }
        "GET" | "POST" => {}
        _ => {
            return Err(Reply {
                allow: "GET, POST",
                ..refuse(405, "expected GET or POST")
            });
        }
    }
    form.line(fields, seen);
    Ok(match &seen.rejected {
        None => Reply::default(),
        Some(reason) => refuse(400, reason),
    })
}

fn is_form(request: &Request) -> bool {
    matches!(
        request.content_type.as_str(),
        "" | "application/x-www-form-urlencoded"
    ) && request.encoding.is_empty()
}

fn otlp_request(
    otlp: &mut Otlp,
    path: &str,
    request: &Request,
    body: &[u8],
    seen: &mut Seen<'_>,
) -> Result<Reply, Reply> {
    let signal = request.path.strip_prefix(path).and_then(Signal::of);
    let Some(signal) = signal else {
        let words = format!("only {path}/v1/logs and {path}/v1/traces are here");
        return Err(refuse(404, &words));
    };
    if request.method != "POST" {
        return Err(Reply {
            allow: "POST",
            ..refuse(405, "expected POST")
        });
    }
    let Some(encoding) = Encoding::of(&request.content_type) else {
        let words = "expected application/x-protobuf or application/json";
        return Err(refuse(415, words));
    };
    if !matches!(request.encoding.as_str(), "" | "gzip" | "deflate") {
        return Err(refuse(415, "expected gzip, deflate or no compression"));
    }
    let answer = otlp.take(signal, encoding, &request.encoding, body, seen);
    Ok(Reply {
        status: answer.status(),
        content_type: encoding.content_type(),
        body: answer.body(signal, encoding),
        ..Reply::default()
    })
}

/// Passes on what a decoder makes, and keeps why it rejected something.
struct Seen<'t> {
    take: &'t mut dyn Take,
    rejected: Option<String>,
}

impl Take for Seen<'_> {
    fn record(&mut self, json: &[u8]) {
        self.take.record(json);
    }

    fn made(&mut self, json: &[u8]) {
        self.take.made(json);
    }

    fn reject(&mut self, bytes: &[u8], reason: &str) {
        self.rejected = Some(reason.to_owned());
        self.take.reject(bytes, reason);
    }

    fn note(&mut self, words: &'static str) {
        self.take.note(words);
    }
}
