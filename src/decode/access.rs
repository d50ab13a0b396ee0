//! Access logs of web servers, as nginx, Apache and gunicorn write them: the Common Log Format and the Combined one,
//! with the name of a virtual host in front or not, and whatever stands behind.

use chrono::DateTime;

use super::{
    format::{Decode, Format, Take},
    logfmt::{Pairs, Text, closing_quote},
    object::Object,
};

pub(super) const FORMAT: Format = Format {
    name: "access",
    summary: "access logs of web servers: the common and the combined log format",
    joins: false,
    wraps: false,
    decoder: |_| Box::new(Access(Vec::new())),
};

/// True for a line that is an entry.
pub(super) fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

struct Access(Vec<u8>);

impl Decode for Access {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let Some(entry) = Entry::read(line) else {
            return take.reject(
                line,
                "no access log: expected CLIENT - USER [TIME] \"REQUEST\" STATUS BYTES",
            );
        };
        let mut object = Object::begin(&mut self.0);
        entry.write(&mut object);
        object.end();
        take.record(&self.0);
    }
}

/// What a line tells; a dash there tells nothing.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    time: String,
    /// The virtual host, the client, and its name by identd and by the server.
    who: [Option<&'a [u8]>; 4],
    request: &'a [u8],
    status: &'a [u8],
    bytes: &'a [u8],
    referer: Option<&'a [u8]>,
    agent: Option<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Takes a line apart.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let line = line.trim_ascii_end();
        // Before all else, what few other lines have.
        let end = memchr::memmem::find(line, b"] \"")?;
        let start = memchr::memmem::find(&line[..end], b" [")?;
        let words: Vec<_> = line[..start].split(|&byte| byte == b' ').collect();
        let who = match words[..] {
            [client, ident, user] => [None, Some(client), Some(ident), Some(user)],
            [host, client, ident, user] => [host, client, ident, user].map(Some),
            _ => return None,
        };
        let time = std::str::from_utf8(&line[start + 2..end]).ok()?;
        let time = DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").ok()?;
        let (request, rest) = quoted(&line[end + 1..])?;
        let (status, rest) = word(rest)?;
        let (bytes, rest) = word(rest)?;
        let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        if !is_number(status) || !(is_number(bytes) || bytes == b"-") {
            return None;
        }
        let (referer, agent, rest) = match quoted(rest) {
            Some((referer, behind)) => match quoted(behind) {
                Some((agent, rest)) => (Some(referer), Some(agent), rest),
                None => (None, None, rest),
            },
            None => (None, None, rest),
        };
        Some(Self {
            time: time.to_rfc3339(),
            who,
            request,
            status,
            bytes,
            referer,
            agent,
            rest,
        })
    }

    /// Writes what it tells.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.text(b"time", self.time.as_bytes());
        let [host, client, ident, user] = self.who;
        tell(object, b"vhost", host);
        tell(object, b"client", client);
        tell(object, b"ident", ident);
        tell(object, b"user", user);
        let words: Vec<_> = self.request.split(|&byte| byte == b' ').collect();
        match words[..] {
            [method, path, protocol] if protocol.starts_with(b"HTTP/") => {
                tell(object, b"method", Some(method));
                tell(object, b"path", Some(path));
                tell(object, b"protocol", Some(protocol));
            }
            // What no client of the protocol sends.
            _ => tell(object, b"request", Some(self.request)),
        }
        object.bare(b"status", self.status);
        if self.bytes != b"-" {
            object.bare(b"bytes", self.bytes);
        }
        tell(object, b"referer", self.referer);
        tell(object, b"agent", self.agent);
        let mut pairs = Vec::new();
        let words = Pairs::of(self.rest.trim_ascii(), &mut pairs);
        if !words.is_empty() {
            object.text(b"rest", words);
        }
        for pair in &pairs {
            pair.write(None, object);
        }
    }
}

/// Adds what stands between quotes, with escapes, unless it is a dash.
fn tell(object: &mut Object<'_>, key: &[u8], value: Option<&[u8]>) {
    if let Some(value) = value.filter(|value| !matches!(*value, b"-" | b"")) {
        object.text(key, &Text::Quoted(value).bytes());
    }
}

/// What stands between quotes behind a blank, and what follows.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b" \"")?;
    let end = closing_quote(inner)?;
    Some((&inner[..end], &inner[end + 1..]))
}

/// The word behind a blank, and what follows.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" ")?;
    let end = text.iter().position(|&byte| byte == b' ');
    Some(text.split_at(end.unwrap_or(text.len())))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::decode::format::{Settings, tests::decode};

    const LINES: &str = r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326
::1 - - [20/Nov/2026:12:00:00 +0000] "POST /orders/7?a=b HTTP/1.1" 500 - "-" "curl/8.5.0"
shop.example:443 10.0.0.9 - - [20/Nov/2026:12:00:01 +0000] "GET / HTTP/2.0" 200 512 "https://a.example/?q=\"x\"" "Mozilla/5.0 (X11; Linux)" rt=0.120 "10.1.2.3" uid=7
10.0.0.9 - - [20/Nov/2026:12:00:02 +0000] "\x16\x03\x01" 400 157 "-" "-"
10.0.0.9 - - [20/Nov/2026:12:00:03 +0000] "" 408 0 "-" "-" "-" 0.005
"#;

    #[test]
    fn entries_of_servers() {
        let check = |format| decode(format, &Settings::default(), LINES.as_bytes());
        expect![[r#"
            {"time":"2000-10-10T13:55:36-07:00","client":"127.0.0.1","user":"frank","method":"GET","path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326}
            {"time":"2026-11-20T12:00:00+00:00","client":"::1","method":"POST","path":"/orders/7?a=b","protocol":"HTTP/1.1","status":500,"agent":"curl/8.5.0"}
            {"time":"2026-11-20T12:00:01+00:00","vhost":"shop.example:443","client":"10.0.0.9","method":"GET","path":"/","protocol":"HTTP/2.0","status":200,"bytes":512,"referer":"https://a.example/?q=\"x\"","agent":"Mozilla/5.0 (X11; Linux)","rt":0.120,"\"10.1.2.3\"":true,"uid":7}
            {"time":"2026-11-20T12:00:02+00:00","client":"10.0.0.9","request":"\u0016\u0003\u0001","status":400,"bytes":157}
            {"time":"2026-11-20T12:00:03+00:00","client":"10.0.0.9","status":408,"bytes":0,"rest":"\"-\" 0.005"}
        "#]].assert_eq(&check("access"));
        assert_eq!(check("auto"), check("access"));
    }

    #[test]
    fn entries_of_gunicorn_and_nginx() {
        let sample = include_bytes!("../../tests/data/samples/access-combined.txt");
        expect![[r#"
            {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/6","protocol":"HTTP/1.0","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/3","protocol":"HTTP/1.0","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/6","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/3","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:25+00:00","client":"127.0.0.1","method":"POST","path":"/orders/7","protocol":"HTTP/1.1","status":200,"bytes":9,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:36+00:00","client":"127.0.0.1","method":"POST","path":"/orders/901","protocol":"HTTP/1.1","status":500,"bytes":18,"agent":"python-requests/2.34.2"}
            {"time":"2026-11-30T11:24:48+00:00","client":"127.0.0.1","method":"POST","path":"/orders/1777","protocol":"HTTP/1.1","status":500,"bytes":18,"agent":"python-requests/2.34.2"}
        "#]].assert_eq(&decode("access", &Settings::default(), sample));
    }

    #[test]
    fn servers_in_containers_write_them_too() {
        let line = |line: &str| format!("web-1  | {line}\n");
        let text: String = LINES.lines().take(2).map(line).collect();
        let text = text + "web-1  | Traceback (most recent call last):\nweb-1  | KeyError: 1\n";
        expect![[r#"
            {"time":"2000-10-10T13:55:36-07:00","client":"127.0.0.1","user":"frank","method":"GET","path":"/apache_pb.gif","protocol":"HTTP/1.0","status":200,"bytes":2326,"service":"web-1"}
            {"time":"2026-11-20T12:00:00+00:00","client":"::1","method":"POST","path":"/orders/7?a=b","protocol":"HTTP/1.1","status":500,"agent":"curl/8.5.0","service":"web-1"}
            {"service":"web-1","message":"KeyError: 1","exception":"Traceback (most recent call last):\nKeyError: 1"}
        "#]].assert_eq(&decode("compose", &Settings::default(), text.as_bytes()));
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        for line in [
            "oops",
            r#"127.0.0.1 - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
            r#"127.0.0.1 - - [10/Okt/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326"#,
            r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0 200 2326"#,
            r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" OK 2326"#,
            r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200"#,
        ] {
            let read = decode("access", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no access log"), "{read}");
        }
    }
}
