//! Apache's log of errors: a time, a module and a level, who writes it, for which client, and a message.

use std::borrow::Cow;

use chrono::NaiveDateTime;

use super::{
    address::{is_address, with_port},
    below::{Line, Reader},
    cut::{around, digits, is_number},
    format::{Format, Server},
    logfmt::Text,
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "apache",
    "the log of errors that Apache's httpd writes",
    Server {
        looks,
        reader: |settings| Box::new(Apache(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Apache(Option<Zone>);

impl Reader for Apache {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of Apache's errors: expected [TIME] [MODULE:LEVEL] [pid PID] MESSAGE")?;
        entry.write(self.0, object);
        // What a program of CGI writes has nothing in front.
        Ok(Line::Dated)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

/// What an entry tells.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<NaiveDateTime>,
    level: Option<&'a [u8]>,
    verbosity: Option<&'a [u8]>,
    module: Option<&'a [u8]>,
    process: Option<&'a [u8]>,
    thread: Option<&'a [u8]>,
    place: Option<(&'a [u8], &'a [u8])>,
    error: Option<(&'a [u8], &'a [u8])>,
    client: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
    msgid: Option<&'a [u8]>,
    message: &'a [u8],
    referer: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = without_mark(line).trim_ascii_end();
        let mut entry = Self::default();
        // What stands on the terminal before there is a log.
        if line.starts_with(b"AH") {
            entry.message(line);
            return entry.msgid.is_some().then_some(entry);
        }
        let (time, rest) = bracketed(line)?;
        entry.time = Some(wall::wall(time, "%a %b %e %H:%M:%S%.f %Y")?);
        let (level, rest) = bracketed(rest.strip_prefix(b" ")?)?;
        entry.level(level)?;
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let rest = entry.process(rest).unwrap_or(rest);
        let rest = entry.place(rest).unwrap_or(rest);
        let rest = entry.error(rest).unwrap_or(rest);
        let rest = entry.client(rest).unwrap_or(rest);
        entry.message(rest);
        Some(entry)
    }

    /// `core:error`, `error`, or `-:notice` of what is no module.
    fn level(&mut self, text: &'a [u8]) -> Option<()> {
        const LEVELS: [&[u8]; 9] = [
            b"emerg", b"alert", b"crit", b"error", b"warn", b"notice", b"info", b"debug", b"trace",
        ];
        let (module, level) = match around(text, b":") {
            Some((module, level)) => (Some(module), level),
            None => (None, text),
        };
        self.module = module.filter(|module| !matches!(*module, b"-" | b""));
        self.level = Some(level);
        if let Some((digit @ b'1'..=b'8', word)) = level.split_last()
            && word == b"trace"
        {
            self.level = Some(word);
            self.verbosity = Some(std::slice::from_ref(digit));
        }
        LEVELS.contains(&self.level?).then_some(())
    }

    /// `[pid 7:tid 8] ` or `[pid 7] `.
    fn process(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (inner, rest) = bracketed(text)?;
        let (process, behind) = digits(inner.strip_prefix(b"pid ")?)?;
        self.process = Some(process);
        self.thread = behind.strip_prefix(b":tid ").filter(|id| is_number(id));
        Some(rest.strip_prefix(b" ").unwrap_or(rest))
    }

    /// `mod_proxy.c(848): `, which is written at the levels for developers.
    fn place(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (place, rest) = around(text, b"): ")?;
        let (file, line) = around(place, b"(")?;
        let is_place = file.ends_with(b".c") && !file.contains(&b' ') && is_number(line);
        self.place = is_place.then_some((file, line));
        is_place.then_some(rest)
    }

    /// `(111)Connection refused: `.
    fn error(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (number, rest) = around(text.strip_prefix(b"(")?, b")")?;
        let (reason, rest) = around(rest, b": ")?;
        self.error = is_number(number).then_some((number, reason));
        self.error.is_some().then_some(rest)
    }

    /// `[client 10.0.0.9:51234] `, or `[remote …] ` where there is no request yet.
    fn client(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        let (inner, rest) = bracketed(text)?;
        let client = inner
            .strip_prefix(b"client ")
            .or_else(|| inner.strip_prefix(b"remote "))?;
        if let Some((client, port)) = with_port(client) {
            (self.client, self.port) = (Some(client), Some(port));
        } else {
            self.client = Some(client).filter(|client| is_address(client));
        }
        self.client.is_some().then_some(())?;
        Some(rest.strip_prefix(b" ").unwrap_or(rest))
    }

    /// `AH00128: ` and a text, with the page that the client has come from at its end.
    fn message(&mut self, text: &'a [u8]) {
        let id = around(text, b": ").filter(|(id, _)| {
            let number = id.strip_prefix(b"AH");
            number.is_some_and(|number| number.len() == 5 && is_number(number))
        });
        self.msgid = id.map(|(id, _)| id);
        self.message = id.map_or(text, |(_, rest)| rest);
        // It can only be there for a client.
        if let Some((message, referer)) =
            around(self.message, b", referer: ").filter(|_| self.client.is_some())
        {
            (self.message, self.referer) = (message, Some(referer));
        }
    }

    fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        let members = [
            (&b"level"[..], self.level),
            (b"verbosity", self.verbosity),
            (b"logger", self.module),
            (b"process", self.process),
            (b"thread", self.thread),
            (b"filename", self.place.map(|(file, _)| file)),
            (b"lineno", self.place.map(|(_, line)| line)),
            (b"client", self.client),
            (b"port", self.port),
            (b"msgid", self.msgid),
            (b"errno", self.error.map(|(number, _)| number)),
            (b"strerror", self.error.map(|(_, reason)| reason)),
        ];
        for (key, value) in members {
            match value {
                Some(value) if is_number(value) => object.bare(key, value),
                Some(value) => object.text(key, value),
                None => {}
            }
        }
        object.text(b"message", &unescaped(self.message));
        if let Some(referer) = self.referer {
            object.text(b"referer", &unescaped(referer));
        }
    }
}

/// What stands in brackets, and what follows.
fn bracketed(text: &[u8]) -> Option<(&[u8], &[u8])> {
    around(text.strip_prefix(b"[")?, b"]")
}

/// A text as it was before Apache has escaped what clients may have sent.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    Text::Quoted(text).bytes()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        decode::format::{Settings, tests::decode},
        record::Zone,
    };

    #[test]
    fn entries_of_apache() {
        let sample = include_bytes!("../../tests/data/samples/apache-error.txt");
        let check = |format| decode(format, &Settings::default(), sample);
        expect![[r#"
            {"time":"2026-11-30 13:37:55.074559","level":"notice","logger":"mpm_event","process":20243,"thread":20243,"msgid":"AH00489","message":"Apache/2.4.71 (Debian) configured -- resuming normal operations"}
            {"time":"2026-11-30 13:37:55.075525","level":"debug","logger":"proxy","process":20245,"thread":20245,"filename":"proxy_util.c","lineno":2268,"msgid":"AH00925","message":"initializing worker http://127.0.0.1:9/ shared"}
            {"time":"2026-11-30 13:37:57.049038","level":"trace","verbosity":2,"logger":"proxy","process":20247,"thread":20254,"filename":"mod_proxy.c","lineno":848,"client":"127.0.0.1","port":40380,"msgid":"AH03461","message":"attempting to match URI path '/none' against prefix '/api/' for proxying","referer":"https://shop.example/cart, x"}
            {"time":"2026-11-30 13:37:57.049137","level":"info","logger":"core","process":20247,"thread":20254,"client":"127.0.0.1","port":40380,"msgid":"AH00128","message":"File does not exist: /srv/www/none","referer":"https://shop.example/cart, x"}
            {"time":"2026-11-30 13:37:57.070904","level":"error","logger":"authz_core","process":20247,"thread":20256,"client":"127.0.0.1","port":40392,"msgid":"AH01630","message":"client denied by server configuration: /srv/www/private"}
            {"time":"2026-11-30 13:37:57.078094","level":"trace","verbosity":1,"logger":"proxy","process":20247,"thread":20258,"filename":"mod_proxy.c","lineno":969,"client":"127.0.0.1","port":40408,"msgid":"AH03464","message":"URI path '/api/x' matches proxy handler 'proxy:http://127.0.0.1:9/x'"}
            {"time":"2026-11-30 13:37:57.078402","level":"error","logger":"proxy","process":20247,"thread":20258,"msgid":"AH00957","errno":111,"strerror":"Connection refused","message":"http: attempt to connect to 127.0.0.1:9 (127.0.0.1:9) failed"}
            {"time":"2026-11-30 13:37:57.078440","level":"error","logger":"proxy_http","process":20247,"thread":20258,"client":"127.0.0.1","port":40408,"msgid":"AH01114","message":"HTTP: failed to make connection to backend: 127.0.0.1"}
            {"time":"2026-11-30 13:37:57.359351","level":"info","logger":"core","process":20247,"thread":20267,"client":"127.0.0.1","port":40436,"msgid":"AH00128","message":"File does not exist: /srv/www/\"q\""}
            {"time":"2026-11-30 13:37:57.386748","level":"notice","logger":"mpm_event","process":20243,"thread":20243,"msgid":"AH00491","message":"caught SIGTERM, shutting down"}
        "#]].assert_eq(&check("apache"));
        assert_eq!(check("auto"), check("apache"));
    }

    #[test]
    fn what_else_entries_tell() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = br"[Fri Nov 20 12:00:00 2026] [error] [client 10.0.0.9] File does not exist: /x
[Fri Nov 20 12:00:00.5 2026] [authz_core:error] [pid 7:tid 8] (13)Permission denied: [client ::1:51234] AH00035: access to /x denied, referer: https://a.example/, b
[Fri Nov 20 12:00:00.5 2026] [wsgi:error] [pid 7:tid 8] [remote 10.0.0.9:51234] a\tb\\c \xff
[Fri Nov 20 12:00:00.5 2026] [-:notice] [pid 7] no module, referer: x
[Fri Nov 20 12:00:00.5 2026] [cgi:error] [pid 7] [client 10.0.0.9:51234] AH01215: first
second line
AH00558: httpd: Could not reliably determine the server's fully qualified domain name
[Fri Nov 20 12:00:00.5 2026] [core:trace8] [pid 7] core.c(7): x
";
        let check = |format| decode(format, &settings, lines);
        expect![[r#"
            {"time":"2026-11-20T11:00:00Z","level":"error","client":"10.0.0.9","message":"File does not exist: /x"}
            {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"authz_core","process":7,"thread":8,"client":"::1","port":51234,"msgid":"AH00035","errno":13,"strerror":"Permission denied","message":"access to /x denied","referer":"https://a.example/, b"}
            {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"wsgi","process":7,"thread":8,"client":"10.0.0.9","port":51234,"message":"a\tb\\c �","dl":{"recv":{"invalid_utf8":true}}}
            {"time":"2026-11-20T11:00:00.500Z","level":"notice","process":7,"message":"no module, referer: x"}
            {"time":"2026-11-20T11:00:00.500Z","level":"error","logger":"cgi","process":7,"client":"10.0.0.9","port":51234,"msgid":"AH01215","message":"first\nsecond line"}
            {"msgid":"AH00558","message":"httpd: Could not reliably determine the server's fully qualified domain name"}
            {"time":"2026-11-20T11:00:00.500Z","level":"trace","verbosity":8,"logger":"core","process":7,"filename":"core.c","lineno":7,"message":"x"}
        "#]].assert_eq(&check("apache"));
        assert_eq!(check("auto"), check("apache"));
    }

    #[test]
    fn apache_in_a_container() {
        let lines = "web-1  | AH00558: httpd: Could not determine the name
web-1  | [Fri Nov 20 12:00:00.5 2026] [core:notice] [pid 7:tid 8] AH00094: Command line: 'httpd -D FOREGROUND'
web-1  | 10.0.0.9 - - [20/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 45
";
        expect![[r#"
            {"service":"web-1","msgid":"AH00558","message":"httpd: Could not determine the name"}
            {"time":"2026-11-20 12:00:00.500","level":"notice","logger":"core","process":7,"thread":8,"msgid":"AH00094","message":"Command line: 'httpd -D FOREGROUND'","service":"web-1"}
            {"time":"2026-11-20T12:00:00+00:00","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/1.1","status":200,"bytes":45,"service":"web-1"}
        "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        for line in [
            "oops",
            "[Thu Nov 20 12:00:00 2026] [core:error] x",
            "[Fri Nov 20 12:00:00 2026] [core:7] x",
            "[Fri Nov 20 12:00:00 2026] x",
            "[Fri Nov 20 12:00:00 2026 [error] x",
            "AH00: x",
        ] {
            let read = decode("apache", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no log of Apache"), "{read}");
        }
    }
}
