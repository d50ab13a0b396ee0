//! ClickHouse, where the server is none: what dl-send and dl-recv make of answers that are broken,
//! hostile, late, or no. The real one is `tests/py/test_clickhouse.py`, by scripts/test --scale.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::send;
use crate::support::{DEADLINE, Dir, program};

/// A request as it has come.
#[derive(Clone, Debug, Default)]
struct Asked {
    /// The address, and the fields of the head, by lines.
    head: String,
    /// Not compressed any more.
    body: String,
}

impl Asked {
    fn is_insert(&self) -> bool {
        self.head.contains("query=INSERT%20INTO%20records")
    }

    /// What a setting of the address is.
    fn setting(&self, name: &str) -> &str {
        let line = self.head.lines().next().unwrap_or_default();
        let address = line.split(' ').nth(1).unwrap_or_default();
        let mut options = address.split(['?', '&']);
        let found = options.find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default()
    }
}

/// Answers requests as a test wants, each on a connection of its own.
struct Fake {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
}

impl Fake {
    fn new(answer: impl Fn(usize, &Asked) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let fake = Self {
            address: listener.local_addr().expect("an address"),
            asked: Arc::default(),
            over: Arc::default(),
        };
        let (all, over) = (Arc::clone(&fake.asked), Arc::clone(&fake.over));
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
                let Some(asked) = read(&stream) else { continue };
                let mut all = all.lock().expect("a lock");
                // What may be broken off on purpose is.
                let _ = stream.write_all(answer(all.len(), &asked).as_bytes());
                all.push(asked);
            }
        });
        fake
    }

    fn url(&self) -> String {
        format!("clickhouse://ada@{}/logs", self.address)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }

    fn inserts(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(Asked::is_insert).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut asked = Asked::default();
    let mut line = String::new();
    let mut length = 0;
    while {
        line.clear();
        reader.read_line(&mut line).ok()?;
        line.trim_end() != ""
    } {
        asked.head.push_str(&line);
        let lower = line.to_ascii_lowercase();
        if let Some(count) = lower.strip_prefix("content-length: ") {
            length = count.trim().parse().expect("a number");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if asked
        .head
        .to_ascii_lowercase()
        .contains("content-encoding: zstd")
    {
        body = zstd::decode_all(&body[..]).expect("zstd");
    }
    asked.body = String::from_utf8(body).expect("text");
    Some(asked)
}

fn answer(status: u16, head: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\n{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// A success of the server.
fn good(body: &str) -> String {
    answer(200, "X-ClickHouse-Query-Id: 1\r\n", body)
}

/// What a server says that has not done it.
fn exception(code: u32, words: &str) -> String {
    let head = format!("X-ClickHouse-Exception-Code: {code}\r\n");
    let body = format!("Code: {code}. DB::Exception: {words} (version 26.9.1.1)\n");
    answer(500, &head, &body)
}

/// A server whose table is there, and that answers with this when it is asked for records.
fn with_rows(rows: impl Into<String>) -> Fake {
    let rows = rows.into();
    Fake::new(move |number, _| {
        if number == 0 {
            good("1\n")
        } else {
            rows.clone()
        }
    })
}

fn chunked(text: &str, end: &str) -> String {
    let head = "HTTP/1.1 200 OK\r\nX-ClickHouse-Query-Id: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{text}\r\n{end}", text.len())
}

#[test]
fn an_answer_is_whole_or_a_failure() {
    let rows = "r{\"a\":\"\\\\n\"}\nr{\"b\":1}\n";
    let whole = "{\"a\":\"\\n\"}\n{\"b\":1}\n";
    let thrown = "Code: 395. DB::Exception: Value passed to 'throwIf' is non-zero. (THROWN)";
    let close = "HTTP/1.1 200 OK\r\nX-ClickHouse-Query-Id: 1\r\nConnection: close\r\n\r\n";
    let broke = "the answer broke off";
    let words = "Value passed to 'throwIf' is non-zero. (THROWN)";
    let none = String::new();
    for (rows, expect, reason) in [
        (good(&format!("{rows}e\n")), whole, None),
        (chunked(&format!("{rows}e\n"), "0\r\n\r\n"), whole, None),
        (good("e\n"), "", None),
        // An end that is none.
        (good(rows), "{\"a\":\"\\n\"}\n", Some(broke)),
        (good(&none), "", Some(broke)),
        (format!("{close}{rows}"), "{\"a\":\"\\n\"}\n", Some(broke)),
        (chunked(rows, ""), "{\"a\":\"\\n\"}\n", Some(broke)),
        // Words of the server in place of rows, in both ways in which it says them.
        (
            good(&format!("{rows}{thrown}\n")),
            "{\"a\":\"\\n\"}\n",
            Some(words),
        ),
        (
            chunked(&format!("{rows}\r\n__exception__\r\nx\r\n{thrown}\r\n"), ""),
            "{\"a\":\"\\n\"}\n",
            Some(words),
        ),
        (
            exception(241, "memory limit exceeded"),
            "",
            Some("memory limit exceeded"),
        ),
        (answer(200, "", rows), "", Some("what answers there is not")),
        (
            answer(302, "Location: http://127.0.0.1:1/\r\n", ""),
            "",
            Some("answered with 302"),
        ),
    ] {
        let fake = with_rows(rows.as_str());
        let ran = program("dl-recv").arg(fake.url()).run();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), expect, "{rows}");
        let (status, said) = match reason {
            None => (0, String::new()),
            Some(reason) => (2, reason.to_owned()),
        };
        assert_eq!(ran.status, status, "{rows} {}", ran.stderr);
        assert!(ran.stderr.contains(&said), "{rows} {}", ran.stderr);
        let named = format!("dl-recv: {}: ", fake.url());
        assert_eq!(
            ran.stderr.starts_with(&named),
            reason.is_some(),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_question_says_who_asks_and_what_for() {
    let fake = with_rows(good("e\n"));
    let secret = "päss word";
    program("dl-recv")
        .arg(fake.url() + "?table=t_1")
        .args(&["--where", "host == \"o'n\\\\eil\" and level == error"])
        .env("CLICKHOUSE_PASSWORD", secret)
        .env("CLICKHOUSE_USER", "somebody else")
        .check("", "", 0);
    let asked = fake.asked();
    let bodies: Vec<_> = asked.iter().map(|asked| asked.body.as_str()).collect();
    let expect = [
        "EXISTS TABLE t_1",
        "SELECT record FROM t_1 FINAL WHERE ((host IN ('o\\'n\\\\eil')) AND (level IN (17))) \
         ORDER BY time, seq FORMAT CustomSeparated",
    ];
    assert_eq!(bodies, expect);
    for asked in asked {
        assert_eq!(asked.setting("database"), "logs");
        let head = asked.head.to_ascii_lowercase();
        assert!(head.contains("\r\nx-clickhouse-user: ada\r\n"), "{head}");
        assert!(asked.head.contains(&format!(": {secret}\r\n")), "{head}");
        // What stands in the address stands in logs.
        assert!(!asked.head.lines().next().expect("a line").contains("ss"));
    }
}

#[test]
fn a_batch_that_fails_for_a_while_comes_again_by_its_token() {
    let tries = AtomicUsize::new(0);
    let fake = Fake::new(move |_, asked| {
        if !asked.is_insert() {
            return good("1\n");
        }
        match tries.fetch_add(1, Ordering::Relaxed) {
            0 => exception(241, "memory limit exceeded"),
            // An answer that does not come.
            1 => String::new(),
            2 => exception(252, "Too many parts (3001)"),
            3 => answer(503, "", "a proxy"),
            _ => good(""),
        }
    });
    let ran = send(&fake.url()).stdin("{\"a\":1}\n{\"b\":2}\n").run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let url = fake.url();
    let expect = format!(
        "dl-send: {url}: memory limit exceeded; trying again\ndl-send: {url}: there again\n"
    );
    assert_eq!(ran.stderr, expect);
    let inserts = fake.inserts();
    let token = inserts[0].setting("insert_deduplication_token");
    assert!(token.starts_with("distlog-"), "{}", inserts[0].head);
    assert_eq!(inserts.len(), 5);
    for insert in &inserts {
        assert_eq!(insert.setting("insert_deduplication_token"), token);
        assert_eq!(insert.setting("async_insert"), "0");
        assert_eq!(insert.setting("wait_end_of_query"), "1");
        assert_eq!(insert.body.lines().count(), 2);
    }
}

#[test]
fn a_record_that_the_server_refuses_does_not_hold_up_the_others() {
    let fake = Fake::new(|_, asked| match asked.body.as_str() {
        body if asked.is_insert() && body.contains("poison") => {
            exception(469, "Constraint `c` is violated. (VIOLATED_CONSTRAINT)")
        }
        _ if asked.is_insert() => good(""),
        _ => good("1\n"),
    });
    let dir = Dir::new();
    let text: String = (0..50)
        .map(|number| match number {
            17 => "{\"poison\":1}\n".to_owned(),
            _ => format!("{{\"n\":{number}}}\n"),
        })
        .collect();
    let ran = send(&fake.url())
        .args(&["--stats", "--compress", "none", "--rejects"])
        .arg(dir.path("rejects"))
        .stdin(&text)
        .run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let sum = "50 read, 49 written, 0 filtered, 1 rejected";
    assert!(ran.stderr.contains(sum), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Constraint `c` is violated"),
        "{}",
        ran.stderr
    );
    let rejects = fs::read(dir.path("rejects")).expect("a file");
    assert_eq!(rejects, b"{\"poison\":1}\n");
    let all: Vec<_> = fake
        .inserts()
        .iter()
        .map(|asked| asked.body.clone())
        .collect();
    let taken = all.iter().filter(|body| !body.contains("poison"));
    assert_eq!(taken.flat_map(|body| body.lines()).count(), 49);
}

#[test]
fn what_cannot_be_is_told_at_once() {
    for (answered, reason) in [
        (
            exception(516, "ada: Authentication failed. (AUTHENTICATION_FAILED)"),
            "ada: Authentication failed. (AUTHENTICATION_FAILED); USER@ in the address and \
             CLICKHOUSE_PASSWORD say who we are\n",
        ),
        (
            exception(81, "Database logs does not exist. (UNKNOWN_DATABASE)"),
            "Database logs does not exist. (UNKNOWN_DATABASE); CREATE DATABASE makes it\n",
        ),
        (
            answer(200, "", "<html>"),
            "what answers there is not the HTTP interface of ClickHouse\n",
        ),
        // A table is not made by words that come after all was well.
        (good("0\n"), "there is no table 'records'\n"),
    ] {
        let fake = Fake::new(move |_, _| answered.clone());
        let program = if reason.contains("no table") {
            "dl-recv"
        } else {
            "dl-send"
        };
        let ran = crate::support::program(program)
            .arg(fake.url())
            .stdin("{}\n")
            .run();
        assert_eq!(ran.status, 2);
        assert_eq!(ran.stderr, format!("{program}: {}: {reason}", fake.url()));
    }
}

#[test]
fn a_table_is_made_that_is_not_there() {
    let fake = Fake::new(|number, asked| match number {
        0 => good("0\n"),
        1 if !asked.is_insert() => good(""),
        // It is not there if the server says so behind its status.
        2 => good("Code: 241. DB::Exception: too late (MEMORY_LIMIT_EXCEEDED)"),
        _ if asked.is_insert() => good(""),
        _ => good("1\n"),
    });
    let ran = send(&(fake.url() + "?partition=month")).stdin("{}\n").run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("too late"), "{}", ran.stderr);
    let made = &fake.asked()[1].body;
    assert!(
        made.starts_with("CREATE TABLE IF NOT EXISTS records ("),
        "{made}"
    );
    assert!(made.contains("PARTITION BY toYYYYMM(time)"), "{made}");
    assert_eq!(fake.inserts().len(), 2);
}
