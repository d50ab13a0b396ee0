//! Tells for each line which format it is in.
//!
//! A line goes to the first format that it has the look of, in the order of `forms`; while a
//! document or an entry is not complete, lines go on to its format. What looks like nothing is
//! read as logfmt, which takes least for granted.

use super::{
    access,
    below::is_indented,
    compose, cri, docker,
    format::{By, Decode, Format, Looks, Settings, Take, servers},
    journald, json, logfmt, stamped, syslog,
};
use crate::record::without_mark;

pub(super) const FORMAT: Format = Format {
    name: "auto",
    summary: "each line in the format that it looks like",
    joins: true,
    wraps: false,
    by: By::Decoder(|settings| Box::new(Auto::new(settings))),
};

/// What lines may be.
struct Form {
    format: &'static Format,
    looks: Looks,
    /// True if the later lines of a record have the look too, and not only the first.
    every_line: bool,
    /// True if lines below a record are told from what begins another only by how that looks: a traceback goes on in
    /// such text, and lines of it that have no blank in front may be others'.
    is_text: bool,
    /// True for a line that looks like nothing, behind one of the format, if it is of that too.
    goes_on: fn(&[u8]) -> bool,
}

/// A form of which nothing goes on but what looks like it.
const fn form(format: &'static Format, looks: Looks) -> Form {
    Form {
        format,
        looks,
        every_line: false,
        is_text: false,
        goes_on: |_| false,
    }
}

/// In this order: what is looked for first is what nothing else looks like, and text is the last.
fn forms() -> Vec<Form> {
    let servers = servers().map(|(format, server)| Form {
        is_text: true,
        goes_on: if server.goes_on {
            |line| !logfmt::begins(line)
        } else {
            |_| false
        },
        ..form(format, server.looks)
    });
    let before = [
        Form {
            every_line: true,
            ..form(&docker::FORMAT, docker::looks)
        },
        form(&json::FORMAT, json::looks),
        form(&journald::FORMAT, journald::looks),
        Form {
            every_line: true,
            ..form(&cri::FORMAT, cri::looks)
        },
        Form {
            goes_on: stamped::goes_on,
            ..form(&stamped::FORMAT, stamped::looks)
        },
        form(&syslog::FORMAT, syslog::looks),
        form(&access::FORMAT, access::looks),
    ];
    let behind = [
        form(&compose::FORMAT, compose::looks),
        Form {
            is_text: true,
            ..form(&logfmt::FORMAT, |_| true)
        },
    ];
    before.into_iter().chain(servers).chain(behind).collect()
}

struct Auto {
    forms: Vec<Form>,
    decoders: Vec<Box<dyn Decode>>,
    /// The one that the line before went to.
    last: usize,
}

impl Auto {
    fn new(settings: &Settings) -> Self {
        let forms = forms();
        let decoder = |form: &Form| form.format.decoder(settings);
        Self {
            decoders: forms.iter().map(decoder).collect(),
            last: forms.len() - 1,
            forms,
        }
    }

    /// The one that a line has the look of; what has none is text, unless the one before goes on with it.
    fn form(&self, line: &[u8]) -> usize {
        let text = self.forms.len() - 1;
        let mut known = self.forms[..text].iter();
        let form = known.position(|form| (form.looks)(line));
        form.unwrap_or_else(|| {
            let goes_on = (self.forms[self.last].goes_on)(line);
            if goes_on { self.last } else { text }
        })
    }
}

impl Decode for Auto {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let is_open = self.forms[self.last].is_text && !is_indented(line);
        if is_open || !self.is_within() {
            let text = without_mark(line);
            let form = if self.decoders[self.last].awaits(text) {
                self.last
            } else {
                self.form(text)
            };
            let before = std::mem::replace(&mut self.last, form);
            if before != self.last {
                self.decoders[before].rest(take);
            }
        }
        self.decoders[self.last].line(line, take);
    }

    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        self.decoders[self.last].blank(line, take);
    }

    fn passed_over(&mut self, take: &mut dyn Take) {
        // It may have been any of theirs; a record of which it was the first goes on only where lines tell so.
        for (decoder, form) in self.decoders.iter_mut().zip(&self.forms) {
            if form.every_line || decoder.is_holding() {
                decoder.passed_over(take);
            }
        }
    }

    fn pause(&mut self, take: &mut dyn Take) {
        self.decoders[self.last].pause(take);
    }

    fn rest(&mut self, take: &mut dyn Take) {
        self.decoders[self.last].rest(take);
    }

    fn finish(&mut self, take: &mut dyn Take) {
        for decoder in &mut self.decoders {
            decoder.finish(take);
        }
    }

    fn is_within(&self) -> bool {
        self.decoders[self.last].is_within()
    }

    fn holds_last_line(&self) -> bool {
        let mut holding = self.decoders.iter().filter(|decoder| decoder.is_holding());
        self.decoders[self.last].holds_last_line() && holding.nth(1).is_none()
    }

    fn is_holding(&self) -> bool {
        self.decoders.iter().any(|decoder| decoder.is_holding())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    fn sample(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/samples/");
        fs::read(format!("{folder}{name}")).expect("a sample")
    }

    #[test]
    fn files_of_one_format_are_read_as_that_format() {
        for (name, format) in [
            ("go-slog-text.txt", "logfmt"),
            ("go-logrus-text.txt", "logfmt"),
            ("java-logback-pattern.txt", "logfmt"),
            ("rsyslog-5424.txt", "syslog"),
            ("rsyslog-traditional.txt", "syslog"),
            ("journald-short-iso-precise.txt", "syslog"),
            ("docker-json-file.ndjson", "docker"),
            ("journald-export.txt", "journald-export"),
            ("journald-json-pretty.txt", "json"),
            ("journald-json-seq.txt", "json-seq"),
            ("otel-console-spans.txt", "json"),
        ] {
            let sample = sample(name);
            let settings = Settings::default();
            let (auto, named) = (
                decode("auto", &settings, &sample),
                decode(format, &settings, &sample),
            );
            let records = |text: &str| {
                text.lines()
                    .filter(|line| line.starts_with('{'))
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(records(&auto), records(&named), "{name}");
        }
    }

    #[test]
    fn records_stay_as_they_are() {
        for name in [
            "pino.ndjson",
            "eliot.ndjson",
            "structlog.ndjson",
            "distlog-json-bodies.ndjson",
        ] {
            let sample = String::from_utf8(sample(name)).expect("UTF-8");
            assert_eq!(
                decode("auto", &Settings::default(), sample.as_bytes()),
                sample,
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_printed_with_other_quotes_is_no_json() {
        let text = "2026-11-20 12:00:00,125 DEBUG app.orders found order=7
{'id': 7,
 'total': 12}
[{'id': 8}]
{ \"id\": 9 }
{'id': 10}
";
        expect![[r#"
            {"time":"2026-11-20 12:00:00,125","level":"DEBUG","logger":"app.orders","message":"found\n{'id': 7,\n 'total': 12}\n[{'id': 8}]","order":7}
            { "id": 9 }
            rejected (no key=value pair, and no time or level in front): {'id': 10}
        "#]]
        .assert_eq(&decode("auto", &Settings::default(), text.as_bytes()));
    }

    #[test]
    fn formats_may_be_mixed() {
        expect![[r#"
            {"level":30,"msg":"up"}
            {"time":"2026-11-20T12:54:20Z","level":"info","host":"vm","service":"app","process":7,"message":"hello","syslog":{"priority":14,"facility":"user"}}
            {"level":"info","msg":"hi"}
            {"time":"2026-11-20T12:00:01Z","stream":"stderr","message":"a line that is cut in two"}
            {"a":1,"dl":{"recv":{"format":"compose","service":"web-1"}}}
            {"a": [{"b": 2}]}
            {"time":"2026-11-25 12:00:00,123","level":"INFO","logger":"app.db","message":"slow query","dur_ms":12}
            note: syslog times without a year are only in syslog.timestamp; --year YEAR, or --year now, makes times of them
            {"host":"vm","service":"app","process":42,"message":"3164 message","syslog":{"timestamp":"Nov 20 12:54:20"}}
            {"MESSAGE":"x"}
            {"__CURSOR":"1","MESSAGE":"entry"}
            {"time":"2026-11-20T12:00:00Z","stream":"stdout","message":"plain"}
            rejected (no key=value pair, and no time or level in front): what is this
        "#]].assert_eq(&decode(
            "auto",
            &Settings::default(),
            b"{\"level\":30,\"msg\":\"up\"}
2026-11-20T12:00:01Z stderr P a line that is
<14>1 2026-11-20T12:54:20Z vm app 7 - - hello
level=info msg=\"hi\"
2026-11-20T12:00:03Z stderr F  cut in two
web-1  | {\"a\":1}
{
  \"a\": [

    {\"b\": 2}
  ]
}
2026-11-25 12:00:00,123 INFO app.db slow query dur_ms=12
Nov 20 12:54:20 vm app[42]: 3164 message
MESSAGE=x
__CURSOR=1
MESSAGE=entry

{\"log\":\"plain\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00Z\"}
what is this
",
        ));
    }
}
