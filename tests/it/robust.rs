//! dl-filter over input that is broken, hostile or huge: what is good comes out, what is not is
//! counted, and the memory stays what it was.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::{Dir, Kill, program, wait_for};

/// What a run says of its lines: read, written, filtered, rejected.
fn stats(stderr: &str) -> [u64; 4] {
    let line = stderr.lines().find(|line| line.contains(" read, "));
    let line = line.unwrap_or_else(|| panic!("no sum in {stderr}"));
    let numbers: Vec<u64> = line
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    numbers.try_into().expect("four numbers")
}

/// Lines and whether each is a record that expressions below select (`Some(true)`), one that
/// they do not, or none at all.
fn broken() -> Vec<(Vec<u8>, Option<bool>)> {
    let deep = |depth: usize, open: &str, close: &str| {
        format!(
            "{{\"a\":{}0{},\"k\":1}}",
            open.repeat(depth),
            close.repeat(depth)
        )
        .into_bytes()
    };
    let unclosed = format!("{{\"k\":1,\"a\":{}", "[".repeat(100_000)).into_bytes();
    let mut lines: Vec<(Vec<u8>, Option<bool>)> = vec![
        (b"{\"k\":1}".into(), Some(true)),
        (b"{\"k\":1,\"a\":}".into(), None),
        (b"{\"k\":2}".into(), Some(false)),
        (b"\xFF\xFE{\"k\":1}".into(), None),
        (b"{\"k\":1,\"s\":\"\xFF\xC3\x28\x80\"}".into(), Some(true)),
        (b"{\"\xE9\xE9\":\"\xC0\",\"k\":1}".into(), Some(true)),
        (b"{\"k\":\"\xFF1\"}".into(), Some(false)),
        (b"{\"k\":1,\"s\":\"\0\0\"}".into(), Some(true)),
        (b"{\"k\":1\0}".into(), None),
        (b"\0\0\0\0\0\0\0\0{\"k\":1}".into(), None),
        (b"{\"k\":1}\0".into(), None),
        (vec![0; 5_000], None),
        (b"{\"\0\":1,\"k\":1}".into(), Some(true)),
        (deep(100_000, "[", "]"), Some(true)),
        (deep(100_000, "{\"a\":", "}"), Some(true)),
        (deep(100_000, "[{\"k\":2,\"a\":", "}]"), Some(true)),
        (deep(100_000, "[", "}"), None),
        (unclosed, None),
        (
            format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(),
            None,
        ),
        (b"}{".into(), None),
        (b"\"{\\\"k\\\":1}\"".into(), None),
        (b"{\"k\":1,\"s\":\"\\".into(), None),
        (b"{\"k\":1}{\"k\":1}".into(), None),
        (b"{\"k\":1,\"s\":\"unclosed".into(), None),
        (b"{\"k\":1}\r".into(), Some(true)),
        (b"{\"j\":1}".into(), Some(false)),
        (b"{\"k\":3}".into(), Some(false)),
    ];
    // A record follows upon each that is none, so that nothing swallows its neighbour.
    lines = lines
        .into_iter()
        .flat_map(|line| [line, (b"{\"k\":1,\"next\":true}".to_vec(), Some(true))])
        .collect();
    // The end is cut off.
    lines.push((b"{\"k\":1,\"cut\":\"o".into(), None));
    lines
}

/// The lines that are wanted, each with its newline.
fn lines_with(lines: &[(Vec<u8>, Option<bool>)], wanted: &[Option<bool>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (line, kind) in lines {
        if wanted.contains(kind) {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }
    out
}

fn file_of(lines: &[(Vec<u8>, Option<bool>)]) -> Vec<u8> {
    let mut bytes = lines_with(lines, &[None, Some(true), Some(false)]);
    bytes.pop();
    bytes
}

#[test]
fn what_is_good_comes_out_between_what_is_broken() {
    let dir = Dir::new();
    let lines = broken();
    let file = dir.file("broken", file_of(&lines));
    let rejected = lines.iter().filter(|(_, kind)| kind.is_none()).count() as u64;
    let check = |expression: &[&str], wanted: &[Option<bool>]| {
        let expect = lines_with(&lines, wanted);
        let kept = dir.path("rejects");
        let ran = program("dl-filter")
            .args(expression)
            .args(&["--stats", "--rejects"])
            .arg(&kept)
            .arg(&file)
            .run();
        assert!(
            ran.stdout == expect,
            "{expression:?}: {} bytes instead of {}",
            ran.stdout.len(),
            expect.len()
        );
        assert_eq!(ran.status, 0, "{expression:?}: {}", ran.stderr);
        let written = crate::support::newlines(&expect) as u64;
        let read = lines.len() as u64;
        assert_eq!(
            stats(&ran.stderr),
            [read, written, read - written - rejected, rejected]
        );
        let rejects = fs::read(&kept).expect("it is there");
        assert!(rejects == lines_with(&lines, &[None]), "{expression:?}");
    };
    let selected = &[Some(true)];
    check(&["true"], &[Some(true), Some(false)]);
    check(&["false"], &[]);
    check(&["k == 1"], selected);
    check(&["k == 1", "-j", "1"], selected);
    check(&["k in (1, x)"], selected);
    check(&["k ~ '^1$'"], selected);
    check(&["k != 1", "-v"], selected);
    check(
        &["k >= 1 and k < 1.5 and not exists(.a[0][0][0].b)"],
        selected,
    );
    check(
        &["k == 1 and .a.a.a.a.a != 1 and a != 7 and a !~ x and level != error"],
        selected,
    );
    check(&["-v", "k == 1"], &[Some(false)]);
}

#[test]
fn a_zero_between_records_is_no_record_and_hides_none() {
    // What a crash leaves in a file on some file systems.
    let mut input = b"{\"a\":1}\n".to_vec();
    input.extend(vec![0; 1 << 20]);
    input.extend(b"\n{\"a\":2}\n");
    let ran = program("dl-filter")
        .args(&["exists(a)", "--stats"])
        .stdin(input)
        .run();
    assert_eq!(ran.stdout, b"{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(stats(&ran.stderr), [3, 2, 0, 1]);
}

/// A line of 100 MB that has `member` at its end.
fn huge(member: &str) -> String {
    let mut line = String::with_capacity(100_000_100);
    line.push_str("{\"text\":\"");
    line.extend(std::iter::repeat_n("error \\u0065rror; ", 100_000_000 / 18));
    line.push_str("\",");
    line.push_str(member);
    line.push('}');
    assert!(line.len() > 99_000_000);
    line
}

#[test]
fn a_line_of_100_mb_is_a_record_like_any_other() {
    let dir = Dir::new();
    let (yes, no) = (huge("\"z\":1"), huge("\"z\":2"));
    let file = dir.file(
        "huge",
        format!("{{\"z\":2}}\n{yes}\n{{\"z\":1}}\n{no}\n{{\"z\":1,\"last\":1}}"),
    );
    let expect = format!("{yes}\n{{\"z\":1}}\n{{\"z\":1,\"last\":1}}\n");
    let ran = program("dl-filter")
        .args(&["z == 1", "--stats"])
        .arg(&file)
        .run();
    assert!(
        ran.stdout == expect.as_bytes(),
        "{} bytes, {}",
        ran.stdout.len(),
        ran.stderr
    );
    assert_eq!((stats(&ran.stderr), ran.status), ([5, 3, 2, 0], 0));
    // Over the limit it is counted, and its neighbours come out.
    let ran = program("dl-filter")
        .args(&["z == 1 or .text ~ error", "--stats", "--max-record", "99MB"])
        .arg(&file)
        .run();
    assert_eq!(ran.stdout, b"{\"z\":1}\n{\"z\":1,\"last\":1}\n");
    assert_eq!((stats(&ran.stderr), ran.status), ([5, 2, 1, 2], 0));
}

#[test]
fn trouble_with_some_inputs_is_no_trouble_for_the_others() {
    let dir = Dir::new();
    let (a, b) = (
        dir.file("a", "{\"k\":1}\n{\"k\":2}"),
        dir.file("b", "{\"k\":1,\"b\":1}\n"),
    );
    let (empty, blank) = (dir.file("empty", ""), dir.file("blank", "\n\n \n"));
    let cut = dir.file("cut", "{\"k\":1,\"c\":1}\n{\"k\":1,");
    let (missing, folder) = (dir.path("missing"), dir.path(""));
    let said = format!(
        "dl-filter: {}: No such file or directory (os error 2)\n\
         dl-filter: {}: is a directory\ndl-filter: name the files in it\n\
         dl-filter: 1 line rejected, the first at {}:2: not a JSON object: expected a key in double quotes in column 8\n\
         dl-filter: use --rejects FILE to keep such lines, --foreign pass to let them through\n",
        missing.display(),
        folder.display(),
        cut.display()
    );
    let files = [&missing, &a, &empty, &folder, &blank, &cut, &b].map(Clone::clone);
    let run = |args: &[&str]| program("dl-filter").args(args).files(&files);
    run(&["k == 1"]).check(
        "{\"k\":1}\n{\"k\":1,\"c\":1}\n{\"k\":1,\"b\":1}\n",
        &said,
        2,
    );
    run(&["k == 1", "-c"]).check("3\n", &said, 2);
    run(&["k == 1", "-c", "--strict", "-e"]).check("3\n", &said, 2);
    let names = format!("{}\n{}\n{}\n", a.display(), cut.display(), b.display());
    let end = said.find("dl-filter: 1 line").expect("it is said");
    let quiet = said[..end].to_owned();
    run(&["k == 1", "--files-with-matches"]).run_and(|ran| {
        // Whether the end of the cut file is read depends on how far its reader had got.
        assert_eq!(String::from_utf8_lossy(&ran.stdout), names);
        assert!(ran.stderr.starts_with(&quiet), "{}", ran.stderr);
        assert_eq!(ran.status, 2);
    });
}

#[test]
fn quiet_ends_at_the_first_record_even_if_the_input_stays_open() {
    let mut running = program("dl-filter").args(&["-q", "k == 1"]).start();
    running.write("{\"k\":2}\n{\"k\":1}\n");
    let ran = running.end();
    assert_eq!(
        (ran.stdout.as_slice(), ran.stderr.as_str(), ran.status),
        (&b""[..], "", 0)
    );
    let mut running = program("dl-filter").args(&["-q", "k == 1"]).start();
    running.write("{\"k\":2}\n");
    drop(running.stdin.take());
    assert_eq!(running.end().status, 1);
}

#[test]
fn an_input_that_stays_open_is_left_for_the_next_once_it_has_matched() {
    let dir = Dir::new();
    let next = dir.file("next", "{\"k\":1}\n");
    let mut running = program("dl-filter")
        .args(&["--files-with-matches", "k == 1", "-"])
        .arg(&next)
        .start();
    running.write("{\"k\":1}\n");
    assert_eq!(running.line(), "<stdin>\n");
    assert_eq!(running.line(), format!("{}\n", next.display()));
    assert_eq!(running.end().status, 0);
}

/// The most memory that a process has had so far, in bytes.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let line = line.expect("Linux tells").trim();
    let kibibytes: u64 = line
        .strip_suffix(" kB")
        .expect("in kB")
        .parse()
        .expect("a number");
    kibibytes << 10
}

/// A file of 300 MB, every hundredth record of which is selected.
fn large(path: &Path) {
    let mut file = File::create(path).expect("a file");
    let text = "order taken, and nothing else to say about it; ".repeat(40);
    let mut block = Vec::new();
    for number in 0..1_000 {
        let level = if number % 100 == 0 { "error" } else { "info" };
        let _ = writeln!(
            block,
            "{{\"level\":\"{level}\",\"n\":{number},\"message\":\"{text}\"}}"
        );
    }
    for _ in 0..=300_000_000 / block.len() {
        file.write_all(&block).expect("room for 300 MB");
    }
}

#[test]
fn memory_stays_below_64_mb_whatever_the_input() {
    const MOST: u64 = 64 << 20;
    let dir = Dir::new();
    let input = dir.path("large");
    large(&input);
    assert!(fs::metadata(&input).expect("a file").len() > 300_000_000);
    for (args, stdin) in [
        (&["level >= error"][..], false),
        (&["true"], true),
        (&["-c", "message ~ 'say.*it'"], false),
    ] {
        let done = dir.path("done");
        let mut filter = Command::new(env!("CARGO_BIN_EXE_dl-filter"));
        filter
            .args(args)
            .stdout(File::create(&done).expect("a file"))
            .stdin(Stdio::piped());
        if !stdin {
            filter.arg(&input).arg("-");
        }
        let mut filter = Kill(filter.spawn().expect("it starts"));
        let mut pipe = filter.0.stdin.take().expect("a pipe");
        if stdin {
            std::io::copy(&mut File::open(&input).expect("a file"), &mut pipe).expect("it reads");
        }
        // Once this has been read, all that came before has.
        pipe.write_all(b"{\"level\":\"error\"}\n")
            .expect("it reads");
        wait_for("dl-filter to have read all", || {
            rustix::io::ioctl_fionread(&pipe).expect("a pipe") == 0
        });
        let bytes = peak(filter.0.id());
        assert!(bytes < MOST, "{args:?}: {bytes} bytes");
        drop(pipe);
        assert_eq!(crate::support::wait_for_end(&mut filter), 0);
        assert!(fs::metadata(&done).expect("a file").len() > 1, "{args:?}");
    }
}
