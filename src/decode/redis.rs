//! The log of Redis and what has come of it: a process and its role, a time, a sign for the level, a message.

use super::{
    below::{Line, Reader},
    cut::digits,
    format::{Format, Server},
    object::Object,
    wall,
};
use crate::record::{Zone, without_mark};

pub(super) const FORMAT: Format = Format::server(
    "redis",
    "the log of Redis and Valkey",
    Server {
        looks,
        reader: |settings| Box::new(Redis(settings.zone)),
        goes_on: true,
    },
);

/// True for a line that is an entry.
fn looks(line: &[u8]) -> bool {
    Entry::read(line).is_some()
}

/// Reads entries, whose times are of that zone.
struct Redis(Option<Zone>);

impl Reader for Redis {
    fn record(&mut self, line: &[u8], object: &mut Object<'_>) -> Result<Line, &'static str> {
        let entry = Entry::read(line)
            .ok_or("no log of Redis: expected PID:ROLE DD Mon YYYY HH:MM:SS.mmm SIGN MESSAGE")?;
        object.text(b"time", wall::shown(entry.time, self.0).as_bytes());
        object.text(b"level", entry.level);
        object.bare(b"process", entry.process);
        object.text(b"role", entry.role);
        object.text(b"message", entry.message);
        // The report of a crash stands without a time below the line that tells of it.
        Ok(Line::Dated)
    }

    fn begins(&self, line: &[u8], _is_apart: bool) -> bool {
        looks(line)
    }
}

/// What an entry tells.
struct Entry<'a> {
    process: &'a [u8],
    role: &'static [u8],
    time: chrono::NaiveDateTime,
    level: &'static [u8],
    message: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let (process, rest) = digits(without_mark(line).trim_ascii_end())?;
        let (role, rest) = match rest {
            [b':', letter, b' ', rest @ ..] => (role(*letter)?, rest),
            _ => return None,
        };
        // The sign stands behind the time, which is four words.
        let end = memchr::memchr_iter(b' ', rest).nth(3)?;
        let time = wall::wall(&rest[..end], "%d %b %Y %H:%M:%S%.f")?;
        let (level, message) = match &rest[end + 1..] {
            [sign] => (level(*sign)?, &[][..]),
            [sign, b' ', message @ ..] => (level(*sign)?, message),
            _ => return None,
        };
        Some(Self {
            process,
            role,
            time,
            level,
            message,
        })
    }
}

fn role(letter: u8) -> Option<&'static [u8]> {
    Some(match letter {
        b'M' => b"master",
        b'S' => b"replica",
        b'C' => b"child",
        b'X' => b"sentinel",
        _ => return None,
    })
}

/// The level that a sign stands for, by the name that the configuration has for it.
fn level(sign: u8) -> Option<&'static [u8]> {
    Some(match sign {
        b'.' => b"debug",
        b'-' => b"verbose",
        b'*' => b"notice",
        b'#' => b"warning",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::{
        decode::format::{Settings, tests::decode},
        record::Zone,
    };

    #[test]
    fn entries_of_redis() {
        let sample = include_bytes!("../../tests/data/samples/redis.txt");
        let check = |format| decode(format, &Settings::default(), sample);
        expect![[r#"
            {"time":"2026-11-30 13:37:26.249","level":"warning","process":19506,"role":"child","message":"oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"}
            {"time":"2026-11-30 13:37:26.249","level":"warning","process":19506,"role":"child","message":"Redis version=7.0.15, bits=64, commit=00000000, modified=0, pid=19506, just started"}
            {"time":"2026-11-30 13:37:26.250","level":"notice","process":19506,"role":"master","message":"monotonic clock: POSIX clock_gettime"}
            {"time":"2026-11-30 13:37:26.255","level":"notice","process":19506,"role":"master","message":"Running mode=standalone, port=5898."}
            {"time":"2026-11-30 13:37:26.255","level":"warning","process":19506,"role":"master","message":"Server initialized"}
            {"time":"2026-11-30 13:37:26.256","level":"notice","process":19506,"role":"master","message":"Ready to accept connections"}
            {"time":"2026-11-30 13:37:27.714","level":"verbose","process":19506,"role":"master","message":"Accepted 127.0.0.1:46626"}
            {"time":"2026-11-30 13:37:27.726","level":"verbose","process":19506,"role":"master","message":"Client closed connection id=3 addr=127.0.0.1:46626 laddr=127.0.0.1:5898 fd=7 name= age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=20474 argv-mem=0 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=37632 events=r cmd=ping user=default redir=-1 resp=2"}
            {"time":"2026-11-30 13:37:27.739","level":"notice","process":19506,"role":"master","message":"Background saving started by pid 19541"}
            {"time":"2026-11-30 13:37:27.762","level":"notice","process":19541,"role":"child","message":"DB saved on disk"}
            {"time":"2026-11-30 13:37:27.763","level":"notice","process":19541,"role":"child","message":"Fork CoW for RDB: current 0 MB, peak 0 MB, average 0 MB"}
            {"time":"2026-11-30 13:37:27.791","level":"notice","process":19506,"role":"master","message":"Background saving terminated with success"}
            {"time":"2026-11-30 13:37:28.790","level":"warning","process":19506,"role":"master","message":"User requested shutdown..."}
            {"time":"2026-11-30 13:37:28.790","level":"warning","process":19506,"role":"master","message":"Redis is now ready to exit, bye bye..."}
        "#]].assert_eq(&check("redis"));
        assert_eq!(check("auto"), check("redis"));
    }

    #[test]
    fn lines_without_a_time_go_on_with_the_message() {
        let settings = Settings {
            zone: Zone::read("Europe/Berlin"),
            ..Settings::default()
        };
        let lines = "1:S 20 Nov 2026 12:00:00.123 . debug
1:X 20 Nov 2026 12:00:00.123 # 
7:M 20 Nov 2026 12:00:00 #
7:M 20 Nov 2026 12:00:00.001 # === REDIS BUG REPORT START: Cut & paste starting from here ===

------ STACK TRACE ------
redis-server *:6379(+0x1)
7:M 20 Nov 2026 12:00:00.002 * last
";
        let check = |format| decode(format, &settings, lines.as_bytes());
        expect![[r#"
            {"time":"2026-11-20T11:00:00.123Z","level":"debug","process":1,"role":"replica","message":"debug"}
            {"time":"2026-11-20T11:00:00.123Z","level":"warning","process":1,"role":"sentinel","message":""}
            {"time":"2026-11-20T11:00:00Z","level":"warning","process":7,"role":"master","message":""}
            {"time":"2026-11-20T11:00:00.001Z","level":"warning","process":7,"role":"master","message":"=== REDIS BUG REPORT START: Cut & paste starting from here ===\n------ STACK TRACE ------\nredis-server *:6379(+0x1)"}
            {"time":"2026-11-20T11:00:00.002Z","level":"notice","process":7,"role":"master","message":"last"}
        "#]].assert_eq(&check("redis"));
        assert_eq!(check("auto"), check("redis"));
    }

    #[test]
    fn redis_in_a_container() {
        let lines = "redis-1  | 1:C 20 Nov 2026 12:00:00.123 * Redis is starting
redis-1  | not in its form
redis-1  | 1:M 20 Nov 2026 12:00:00.124 # WARNING Memory overcommit must be enabled! a=b
";
        expect![[r#"
            {"time":"2026-11-20 12:00:00.123","level":"notice","process":1,"role":"child","message":"Redis is starting","service":"redis-1"}
            {"service":"redis-1","message":"not in its form"}
            {"time":"2026-11-20 12:00:00.124","level":"warning","process":1,"role":"master","message":"WARNING Memory overcommit must be enabled! a=b","service":"redis-1"}
        "#]].assert_eq(&decode("compose", &Settings::default(), lines.as_bytes()));
    }

    #[test]
    fn what_is_no_entry_is_rejected() {
        for line in [
            "oops",
            "1:M 20 Nov 2026 12:00:00.123 ready",
            "1:M 20 Nov 2026 12:00:00.123",
            "1:M 31 Nov 2026 12:00:00.123 * ready",
            "1:Q 20 Nov 2026 12:00:00.123 * ready",
            "M 20 Nov 2026 12:00:00.123 * ready",
        ] {
            let read = decode("redis", &Settings::default(), line.as_bytes());
            assert!(read.starts_with("rejected (no log of Redis"), "{read}");
        }
    }
}
