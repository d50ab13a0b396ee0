//! nginx's log of errors: a time, a level, who writes it, a message, and of what request that is.

use super::{
    below::{Line, Reader},
    cut::{around, digits},
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "nginx",
    "the log of errors that nginx writes",
    Server {
        looks,
        reader: |settings| Box::new(Nginx(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Nginx(Option<Zone>);

impl Reader for Nginx {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line).ok_or(
            "no log of nginx's errors: expected YYYY/MM/DD HH:MM:SS [LEVEL] PID#TID: MESSAGE",
        )?;
        entry.write(self.0, object);
        // What an application tells in FastCGI may have lines.
        Ok(Line::Dated)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

/// What an entry tells.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<chrono::NaiveDateTime>,
    level: &'a [u8],
    process: Option<&'a [u8]>,
    thread: Option<&'a [u8]>,
    connection: Option<&'a [u8]>,
    message: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        const TIME: usize = "2026/11/20 12:00:00".len();
        let line = without_mark(line).trim_ascii_end();
        // What stands on the terminal before there is a log.
        if let Some(rest) = line.strip_prefix(b"nginx: ") {
            let (level, message) = level(rest)?;
            return Some(Self {
                level,
                message,
                ..Self::default()
            });
        }
        // Before all else, what few other lines have.
        if line.get(4) != Some(&b'/') {
            return None;
        }
        let (time, rest) = line.split_at_checked(TIME)?;
        let time = wall::wall(time, "%Y/%m/%d %H:%M:%S")?;
        let (level, rest) = level(rest.strip_prefix(b" ")?)?;
        let (process, rest) = digits(rest)?;
        let (thread, rest) = digits(rest.strip_prefix(b"#")?)?;
        let text = rest.strip_prefix(b": ")?;
        let connection = text.strip_prefix(b"*").and_then(digits);
        let connection =
            connection.and_then(|(number, rest)| Some((number, rest.strip_prefix(b" ")?)));
        Some(Self {
            time: Some(time),
            level,
            process: Some(process),
            thread: Some(thread),
            connection: connection.map(|(number, _)| number),
            message: connection.map_or(text, |(_, rest)| rest),
        })
    }

    fn write(&self, zone: Option<Zone>, object: &mut Object<'_>) {
        if let Some(time) = self.time {
            object.text(b"time", wall::shown(time, zone).as_bytes());
        }
        object.text(b"level", self.level);
        let numbers = [
            (&b"process"[..], self.process),
            (b"thread", self.thread),
            (b"connection", self.connection),
        ];
        for (key, number) in numbers {
            if let Some(number) = number {
                object.bare(key, number);
            }
        }
        let Some(at) = memchr::memmem::find(self.message, b", client: ") else {
            return object.text(b"message", self.message);
        };
        let (message, request) = self.message.split_at(at);
        object.text(b"message", message);
        write_request(request, object);
    }
}

/// `[error] ` in front of a text.
fn level(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const LEVELS: [&[u8]; 8] = [
        b"emerg", b"alert", b"crit", b"error", b"warn", b"notice", b"info", b"debug",
    ];
    let (level, rest) = around(text.strip_prefix(b"[")?, b"] ")?;
    LEVELS.contains(&level).then_some((level, rest))
}

/// What nginx tells of a request, in its order, and the names in records. `host` is a machine there.
const PARTS: [(&[u8], &[u8]); 8] = [
    (b", client: ", b"client"),
    (b", server: ", b"server"),
    (b", login: ", b"login"),
    (b", request: ", b"request"),
    (b", subrequest: ", b"subrequest"),
    (b", upstream: ", b"upstream"),
    (b", host: ", b"http_host"),
    (b", referrer: ", b"referer"),
];

fn write_request(mut rest: &[u8], object: &mut Object<'_>) {
    for (at, (mark, key)) in PARTS.iter().enumerate() {
        let Some(text) = rest.strip_prefix(*mark) else {
            continue;
        };
        let value;
        (value, rest) = if let Some(inner) = text.strip_prefix(b"\"") {
            quoted(inner, &PARTS[at + 1..])
        } else {
            let end = memchr::memmem::find(text, b", ").unwrap_or(text.len());
            text.split_at(end)
        };
        object.text(key, value);
    }
    let rest = rest.strip_prefix(b", ").unwrap_or(rest);
    if !rest.is_empty() {
        object.text(b"rest", rest);
    }
}

/// What stands in front of the quote that is the last or has one of those parts behind it, and what follows. nginx
/// does not escape quotes, and cuts lines off.
fn quoted<'a>(inner: &'a [u8], parts: &[(&[u8], &[u8])]) -> (&'a [u8], &'a [u8]) {
    let ends = |at: &usize| {
        let behind = &inner[at + 1..];
        let mut behind = parts
            .iter()
            .filter_map(|(mark, _)| behind.strip_prefix(*mark));
        behind.any(|value| value.starts_with(b"\""))
    };
    let end = memchr::memchr_iter(b'"', inner)
        .find(ends)
        .or_else(|| memchr::memrchr(b'"', inner));
    match end {
        Some(end) => (&inner[..end], &inner[end + 1..]),
        None => (inner, &[]),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        decode::format::{Settings, tests::decode},
        record::Zone,
    };

    #[test]
    fn entries_of_nginx() {
        let sample = include_bytes!("../../tests/data/samples/nginx-error.txt");
        let check = |format| decode(format, &Settings::default(), sample);
        expect![[r#"
            {"time":"2026-11-30 13:37:28","level":"notice","process":19557,"thread":19557,"message":"nginx/1.22.1"}
            {"time":"2026-11-30 13:37:28","level":"notice","process":19557,"thread":19557,"message":"start worker processes"}
            {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":1,"message":"connect() failed (111: Connection refused) while connecting to upstream","client":"127.0.0.1","server":"shop.example","request":"GET /api/orders/7?a=b HTTP/1.1","upstream":"http://127.0.0.1:9/orders/7?a=b","http_host":"127.0.0.1:5897","referer":"https://shop.example/cart"}
            {"time":"2026-11-30 13:37:29","level":"info","process":19559,"thread":19559,"connection":1,"message":"client 127.0.0.1 closed keepalive connection"}
            {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":3,"message":"open() \"/srv/shop/none\" failed (2: No such file or directory)","client":"127.0.0.1","server":"shop.example","request":"GET /none HTTP/1.1","http_host":"127.0.0.1:5897"}
            {"time":"2026-11-30 13:37:29","level":"error","process":19559,"thread":19559,"connection":7,"message":"client intended to send too large body: 5 bytes","client":"127.0.0.1","server":"shop.example","request":"POST /x HTTP/1.1","http_host":"127.0.0.1:5897"}
            {"time":"2026-11-30 13:37:29","level":"notice","process":19557,"thread":19557,"message":"signal 15 (SIGTERM) received from 19500, exiting"}
            {"time":"2026-11-30 13:37:53","level":"info","process":19996,"thread":19996,"connection":2,"message":"client sent invalid version while reading client request line","client":"127.0.0.1","server":"shop.example","request":"GET / HTTP/9.9.9"}
            {"time":"2026-11-30 13:37:53","level":"error","process":19996,"thread":19996,"connection":4,"message":"open() \"/srv/shop/\"q\"\" failed (2: No such file or directory)","client":"127.0.0.1","server":"shop.example","request":"GET /\"q%22 HTTP/1.1","http_host":"a"}
        "#]].assert_eq(&check("nginx"));
        assert_eq!(check("auto"), check("nginx"));
    }

    #[test]
    fn what_else_entries_tell() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = br#"2026/11/20 12:00:00 [error] 7#8: *17 connect() failed, client: 10.0.0.9, server: _, request: "GET /"x", host: y HTTP/1.1", subrequest: "/auth", upstream: "http://127.0.0.1:9/", host: "a"b", referrer: "https://shop.example/?q="x""
2026/11/20 12:00:00 [info] 7#8: *18 client 10.0.0.9:51234 connected to 0.0.0.0:443
2026/11/20 12:00:00 [error] 7#8: *19 upstream timed out, client: 10.0.0.9, server: 0.0.0.0:443, upstream: "10.1.0.2:5432", bytes from/to client:0/0, bytes from/to upstream:0/0
2026/11/20 12:00:00 [crit] 7#8: *20 SSL_do_handshake() failed while SSL handshaking, client: 10.0.0.9, server: 0.0.0.0:443
2026/11/20 12:00:00 [error] 7#8: *21 cut off, client: 10.0.0.9, server: _, request: "GET /aaaa
2026/11/20 12:00:00 [error] 7#8: *22 FastCGI sent in stderr: "first line
second line" while reading response header from upstream, client: 10.0.0.9, server: _
2026/11/20 12:00:00 [notice] 7#7: *no connection
nginx: [emerg] host not found in upstream "app" in /etc/nginx/nginx.conf:3
"#;
        let check = |format| decode(format, &settings, lines);
        expect![[r#"
            {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":17,"message":"connect() failed","client":"10.0.0.9","server":"_","request":"GET /\"x\", host: y HTTP/1.1","subrequest":"/auth","upstream":"http://127.0.0.1:9/","http_host":"a\"b","referer":"https://shop.example/?q=\"x\""}
            {"time":"2026-11-20T11:00:00Z","level":"info","process":7,"thread":8,"connection":18,"message":"client 10.0.0.9:51234 connected to 0.0.0.0:443"}
            {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":19,"message":"upstream timed out","client":"10.0.0.9","server":"0.0.0.0:443","upstream":"10.1.0.2:5432","rest":"bytes from/to client:0/0, bytes from/to upstream:0/0"}
            {"time":"2026-11-20T11:00:00Z","level":"crit","process":7,"thread":8,"connection":20,"message":"SSL_do_handshake() failed while SSL handshaking","client":"10.0.0.9","server":"0.0.0.0:443"}
            {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":21,"message":"cut off","client":"10.0.0.9","server":"_","request":"GET /aaaa"}
            {"time":"2026-11-20T11:00:00Z","level":"error","process":7,"thread":8,"connection":22,"message":"FastCGI sent in stderr: \"first line\nsecond line\" while reading response header from upstream, client: 10.0.0.9, server: _"}
            {"time":"2026-11-20T11:00:00Z","level":"notice","process":7,"thread":7,"message":"*no connection"}
            {"level":"emerg","message":"host not found in upstream \"app\" in /etc/nginx/nginx.conf:3"}
        "#]].assert_eq(&check("nginx"));
        assert_eq!(check("auto"), check("nginx"));
    }

    #[test]
    fn nginx_in_a_container() {
        let lines = "web-1  | 2026/11/20 12:00:00 [error] 7#8: *17 open() failed, client: 10.0.0.9, server: _
web-1  | Traceback (most recent call last):
web-1  |   File \"a.py\", line 1, in f
web-1  | KeyError: 1
web-1  | 2026/11/20 12:00:00 [notice] 7#8: exiting
";
        expect![[r#"
            {"time":"2026-11-20 12:00:00","level":"error","process":7,"thread":8,"connection":17,"message":"open() failed","client":"10.0.0.9","server":"_","service":"web-1","exception":"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 1"}
            {"time":"2026-11-20 12:00:00","level":"notice","process":7,"thread":8,"message":"exiting","service":"web-1"}
        "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        for line in [
            "oops",
            "2026/11/20 12:00:00 hello",
            "2026/11/20 12:00:00 [7] 7#8: hello",
            "2026/13/20 12:00:00 [info] 7#8: hello",
            "2026/11/20 12:00:00 [info] 7: hello",
            "nginx: configuration file /etc/nginx/nginx.conf test failed",
        ] {
            let read = decode("nginx", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no log of nginx"), "{read}");
        }
    }
}
