//! `dl-recv --merge` beside a naive stable sort: sorted files and others, of any size against the
//! memory, in several forms.

mod sorted;

use std::{
    fmt::Write,
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
};

use proptest::prelude::*;

use crate::{
    rng::Rng,
    support::{Dir, newlines, program},
    tries::tries,
};

/// Lines of one file, each with its time, if it has one.
type Lines = Vec<(Option<i64>, String)>;

/// How the lines of a file follow each other.
#[derive(Clone, Copy, Debug)]
enum Order {
    Sorted,
    /// Some come later than they should.
    Nearly,
    Shuffled,
}

#[derive(Clone, Debug)]
struct Case {
    seed: u64,
    files: Vec<(Order, usize)>,
    /// How many different times there are.
    span: usize,
    /// How long a record is beside its time.
    padding: usize,
    foreign: bool,
}

fn cases() -> impl Strategy<Value = Case> {
    let order = prop_oneof![
        Just(Order::Sorted),
        Just(Order::Nearly),
        Just(Order::Shuffled)
    ];
    let file = (order, prop_oneof![0..20_usize, 500..4_000_usize]);
    (
        any::<u64>(),
        proptest::collection::vec(file, 1..7),
        prop_oneof![Just(1_usize), Just(40), Just(1 << 40)],
        0..300_usize,
        any::<bool>(),
    )
        .prop_map(|(seed, files, span, padding, foreign)| Case {
            seed,
            files,
            span,
            padding,
            foreign,
        })
}

/// A time as one of the producers writes it.
fn written(time: i64, rng: &mut Rng) -> String {
    let (seconds, nanos) = (
        time.div_euclid(1_000_000_000),
        time.rem_euclid(1_000_000_000),
    );
    match rng.below(3) {
        0 => format!("\"ts\":{seconds}.{nanos:09}"),
        1 => {
            let utc = chrono::DateTime::from_timestamp(seconds, 0).expect("in range");
            let local = utc.naive_utc() + chrono::Duration::hours(2);
            format!(
                "\"time\":\"{}.{nanos:09}+02:00\"",
                local.format("%Y-%m-%dT%H:%M:%S")
            )
        }
        _ => format!("\"msg\":\"x\",\"ts\":\"{seconds}.{nanos:09}\""),
    }
}

fn lines(case: &Case, number: usize, rng: &mut Rng) -> Lines {
    let (order, count) = case.files[number];
    let mut times: Vec<_> = (0..count)
        .map(|_| 1_700_000_000_000_000_000 + i64::try_from(rng.below(case.span)).expect("small"))
        .collect();
    match order {
        Order::Shuffled => {}
        Order::Sorted => times.sort_unstable(),
        Order::Nearly => {
            times.sort_unstable();
            for at in 1..times.len() {
                if rng.once_in(50) {
                    times.swap(at - 1, at);
                }
            }
        }
    }
    let mut lines = Lines::new();
    for (line, time) in times.into_iter().enumerate() {
        let padding = rng.below(case.padding + 1);
        let mut record = format!("{{\"n\":\"{number}:{line}\",\"p\":\"{:padding$}\"", "");
        // One in some has no time.
        let time = (!rng.once_in(10)).then_some(time);
        if let Some(time) = time {
            let _ = write!(record, ",{}", written(time, rng));
        }
        record.push('}');
        lines.push((time, record));
        if case.foreign && rng.once_in(20) {
            lines.push((None, format!("  at line {line}")));
        }
    }
    lines
}

/// What must come out: a stable sort by time, where a line without one has that of the line before.
fn expected(files: &[Lines], foreign: bool) -> String {
    let mut all = Vec::new();
    for lines in files {
        let mut before = i64::MIN;
        for (time, line) in lines {
            if line.starts_with('{') || foreign {
                before = time.unwrap_or(before);
                all.push((before, line));
            }
        }
    }
    all.sort_by_key(|(time, _)| *time);
    all.iter()
        .fold(String::new(), |text, (_, line)| text + line + "\n")
}

/// Writes the files, one in some compressed or without its last newline.
fn write(dir: &Dir, files: &[Lines], rng: &mut Rng) -> Vec<PathBuf> {
    let write = |(number, lines): (usize, &Lines)| {
        let mut text = String::new();
        for (_, line) in lines {
            let _ = writeln!(text, "{line}");
            if rng.once_in(100) {
                text.push('\n');
            }
        }
        if rng.once_in(3) {
            text.truncate(text.trim_end().len());
        }
        let path = dir.path(&number.to_string());
        let mut file = File::create(&path).expect("a file");
        if rng.once_in(4) {
            zstd::stream::copy_encode(text.as_bytes(), file, 1).expect("a file");
        } else {
            file.write_all(text.as_bytes()).expect("a file");
        }
        path
    };
    files.iter().enumerate().map(write).collect()
}

proptest! {
    #![proptest_config(tries(40))]
    #[test]
    fn any_files_come_out_as_a_stable_sort_has_them(case in cases(), memory in 1..4_u32) {
        let mut rng = Rng::new(case.seed);
        let files: Vec<_> = (0..case.files.len()).map(|n| lines(&case, n, &mut rng)).collect();
        let dir = Dir::new();
        let paths = write(&dir, &files, &mut rng);
        for pass in [true, false] {
            let foreign = if pass { "pass" } else { "drop" };
            let memory = format!("{}kB", 200 * memory);
            let ran = program("dl-recv")
                .args(&["--merge", "--foreign", foreign, "--memory", &memory])
                .files(&paths)
                .run();
            let expect = expected(&files, pass);
            let came = String::from_utf8(ran.stdout).expect("UTF-8");
            let differs = came.lines().zip(expect.lines()).position(|(a, b)| a != b);
            prop_assert!(came == expect && ran.status == 0, "line {differs:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn more_files_than_may_be_open_are_put_in_order() {
    let dir = Dir::new();
    let paths: Vec<_> = (0..1_200)
        .map(|n| {
            dir.file(
                &n.to_string(),
                format!("{{\"ts\":{}}}\n{{\"ts\":2000}}\n", 1_200 - n),
            )
        })
        .collect();
    let mut expect: String =
        (1..=1_200).fold(String::new(), |text, n| format!("{text}{{\"ts\":{n}}}\n"));
    expect += &"{\"ts\":2000}\n".repeat(1_200);
    program("dl-recv")
        .arg("--merge")
        .files(&paths)
        .check(&expect, "", 0);
}

#[test]
fn equal_times_are_handed_out_in_small_pieces() {
    let dir = Dir::new();
    let one = format!("{{\"ts\":1,\"file\":\"one\",\"p\":\"{:200}\"}}\n", "");
    let two = one.replace("one", "two");
    let files = [
        dir.file("one", one.repeat(30_000)),
        dir.file("two", two.repeat(30_000)),
    ];
    let ran = program("dl-recv").arg("--merge").files(&files).run();
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stdout
            == [one.repeat(30_000), two.repeat(30_000)]
                .concat()
                .into_bytes()
    );
}

#[test]
fn an_output_that_takes_nothing_is_told() {
    let dir = Dir::new();
    let path = dir.file("in", "{\"ts\":2}\n{\"ts\":1}\nno record\n");
    program("dl-recv")
        .args(&["--merge", "-o", "/dev/full", "--stats"])
        .arg(&path)
        .check(
            "",
            &format!(
                "dl-recv: 3 read, 0 written, 0 filtered, 1 rejected, 2 undelivered\n\
                 dl-recv: 1 line rejected, the first at {}:3: not a JSON object: expected '{{' in column 1\n\
                 dl-recv: use --format auto to make records of text, --rejects FILE to keep such lines, --foreign pass to let them through\n\
                 dl-recv: /dev/full: No space left on device (os error 28)\n",
                path.display()
            ),
            2,
        );
}

#[test]
fn what_is_held_when_the_output_takes_no_more_is_told() {
    let dir = Dir::new();
    let one = dir.file("one", "{\"ts\":1}\n{\"ts\":3}\n");
    let two = dir.file("two", "{\"ts\":2}\n{\"ts\":4}\n{\"ts\":5}\n");
    program("dl-recv")
        .args(&["--merge", "--sorted", "-o", "/dev/full", "--stats"])
        .files(&[one, two])
        .check(
            "",
            "dl-recv: 5 read, 0 written, 0 filtered, 0 rejected, 5 undelivered\n\
             dl-recv: /dev/full: No space left on device (os error 28)\n",
            2,
        );
}

#[test]
fn records_in_order_go_on_while_they_come() {
    let dir = Dir::new();
    let file = dir.file("in", "{\"ts\":1}\n{\"ts\":3}\n");
    let mut running = program("dl-recv")
        .args(&["--merge", "--sorted", "--stats", "-"])
        .arg(&file)
        .start();
    for (comes, goes) in [
        ("{\"ts\":0}\n", &["{\"ts\":0}"][..]),
        // What has the time of the next one in the file comes first, because it is named first.
        ("{\"ts\":3}\n", &["{\"ts\":1}", "{\"ts\":3}"]),
    ] {
        running.write(comes);
        for line in goes {
            assert_eq!(running.line().trim_end(), *line);
        }
    }
    // What has come goes out also if reading is ended.
    running.signal(rustix::process::Signal::TERM);
    let ran = running.end();
    assert_eq!(
        (ran.status, &*ran.stdout, &*ran.stderr),
        (
            0,
            &b"{\"ts\":3}\n"[..],
            "dl-recv: 4 read, 4 written, 0 filtered, 0 rejected\n"
        )
    );
}

#[test]
fn records_of_sockets_are_put_in_order_too() {
    use distlog::zmtp::{Address, Push, PushOptions};
    let dir = Dir::new();
    let address = format!("ipc://{}", dir.path("in.sock").display());
    let collector = program("dl-recv")
        .args(&[&address, "--no-stamp", "--merge-window", "300ms"])
        .start();
    let parsed = Address::parse(&address).expect("an address");
    let mut push = Push::connect(&[parsed], PushOptions::default()).expect("a socket");
    for number in [3, 1, 2] {
        let body = format!("{{\"ts\":{number}}}");
        assert!(
            push.try_send(&[b"PLJ", body.as_bytes()])
                .expect("a message")
        );
    }
    crate::support::wait_for("delivery", || {
        push.poll(&mut [], Some(std::time::Duration::from_millis(5)))
            .expect("a poll");
        push.pending() == 0
    });
    let came: Vec<_> = (0..3).map(|_| collector.line()).collect();
    assert_eq!(newlines(came.concat().as_bytes()), 3);
    assert_eq!(came.concat(), "{\"ts\":1}\n{\"ts\":2}\n{\"ts\":3}\n");
}

#[test]
fn times_without_a_zone_are_put_in_order_by_the_one_that_is_told() {
    let dir = Dir::new();
    let (naive, other) = (dir.path("naive"), dir.path("other"));
    let zoneless = "{\"asctime\":\"2026-11-20 13:00:00,500\",\"message\":\"b\"}\n";
    let utc = "{\"time\":\"2026-11-20T12:00:00Z\"}\n{\"time\":\"2026-11-20T12:30:00Z\"}\n";
    std::fs::write(&naive, zoneless).expect("a file");
    std::fs::write(&other, utc).expect("a file");
    let (first, last) = utc.split_at(utc.len() / 2);
    let merged = |args: &[&str]| {
        let files = [naive.clone(), other.clone()];
        let program = program("dl-recv").arg("--merge").args(args);
        program.files(&files)
    };
    let zone = ["--tz", "Europe/Berlin"];
    let expect = [first, zoneless, last].concat();
    merged(&zone).check(&expect, "", 0);
    merged(&["--format", "json", zone[0], zone[1]]).check(&expect, "", 0);
    merged(&[]).check([first, last, zoneless].concat(), "", 0);

    // Where it would change nothing it is refused.
    let alone = |format: &[&str]| {
        let program = program("dl-recv").args(&zone).args(format);
        program.files(std::slice::from_ref(&naive))
    };
    let refusal = "dl-recv: --tz is about times of text and of syslog, and about --merge; JSON stays as it is\n\
                   dl-recv: name a --format or a --pattern, or put the records in order with --merge\n";
    alone(&[]).check("", refusal, 2);
    alone(&["--format", "json"]).check("", refusal, 2);
    alone(&["--format", "auto"]).check(zoneless, "", 0);
}
