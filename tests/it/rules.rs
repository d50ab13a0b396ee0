//! dl-filter --rules with real processes: destinations that die, hang or are full, and rules
//! that change while records flow.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use proptest::prelude::*;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{DEADLINE, Dir, Kill, newlines, program, wait_for, wait_for_end};

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn numbers(range: std::ops::Range<u32>) -> String {
    let lines: Vec<_> = range.map(|n| format!("{{\"n\":{n}}}\n")).collect();
    lines.concat()
}

/// A dl-filter whose words are read as they come.
pub(crate) struct Live {
    child: Kill,
    stdin: Option<std::process::ChildStdin>,
    words: Receiver<String>,
}

impl Live {
    pub(crate) fn start(dir: &Dir, args: &[&str]) -> Self {
        let mut child = Kill(
            Command::new(env!("CARGO_BIN_EXE_dl-filter"))
                .args(args)
                .current_dir(dir.path("."))
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts"),
        );
        let stdin = child.0.stdin.take();
        let stderr = BufReader::new(child.0.stderr.take().expect("stderr is piped"));
        let (sender, words) = channel();
        thread::spawn(move || {
            for line in stderr.lines() {
                if sender.send(line.expect("words")).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            stdin,
            words,
        }
    }

    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin.write_all(text.as_bytes()).expect("it reads");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child.0), signal).expect("it runs");
    }

    /// Waits for a line on stderr; others before it are passed over.
    #[track_caller]
    pub(crate) fn hear(&self, words: &str) {
        loop {
            match self.words.recv_timeout(DEADLINE) {
                Ok(line) if line.contains(words) => return,
                Ok(_) => {}
                Err(error) => panic!("'{words}' was not said: {error}"),
            }
        }
    }

    /// Ends the input.
    pub(crate) fn close(&mut self) {
        self.stdin = None;
    }

    /// Closes stdin and waits for the end.
    pub(crate) fn end(mut self) -> i32 {
        self.stdin = None;
        wait_for_end(&mut self.child)
    }
}

#[test]
fn a_processor_that_dies_is_reported_and_started_again_and_nothing_unread_is_lost() {
    let dir = Dir::new();
    let command = format!(
        "read -r line; echo \"$line\" >> {}; exit 3",
        dir.path("got").display()
    );
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: '{}'\n",
            format!("exec:{command}").replace('\'', "''")
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..4))
        .run_and(|ran| {
            // `read` takes its line and no byte more, so each process gets one.
            assert_eq!(text(&dir.path("got")), numbers(0..4), "{}", ran.stderr);
            let said = format!("dl-filter: exec:{command}: exited with status 3");
            assert_eq!(
                ran.stderr
                    .matches(&format!("{said}, starting again\n"))
                    .count(),
                3,
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.ends_with(&format!("{said}\n")), "{}", ran.stderr);
            assert_eq!(ran.status, 2);
        });
}

#[test]
fn the_last_status_of_a_processor_counts() {
    let dir = Dir::new();
    for (command, words, status) in [
        ("cat > /dev/null; exit 3", "exited with status 3", 2),
        ("cat > /dev/null; kill -9 $$", "was killed by signal 9", 2),
        ("cat > /dev/null", "", 0),
    ] {
        let rules = dir.file("rules", format!("rules: []\ndefault: 'exec:{command}'\n"));
        let said = if words.is_empty() {
            String::new()
        } else {
            format!("dl-filter: exec:{command}: {words}\n")
        };
        program("dl-filter")
            .arg("--rules")
            .arg(&rules)
            .stdin(numbers(0..3))
            .check("", &said, status);
    }
}

#[test]
fn a_command_that_cannot_be_run_is_an_error_at_once() {
    program("dl-send")
        .arg("exec:./no/such/command 2> /dev/null")
        .stdin(numbers(0..3))
        .check(
            "",
            "dl-send: exec:./no/such/command 2> /dev/null: exited with status 127: the command cannot be run\n",
            2,
        );
}

#[test]
fn a_processor_that_never_reads_holds_its_writer_up_and_no_memory_grows() {
    let dir = Dir::new();
    dir.file("rules", "rules: []\ndefault: 'exec:exec sleep 1000'\n");
    let mut live = Live::start(&dir, &["--rules", "rules", "--linger", "300ms"]);
    let mut stdin = live.stdin.take().expect("stdin is open");
    let record = format!("{{\"n\":\"{}\"}}\n", "x".repeat(990));
    rustix::io::ioctl_fionbio(&stdin, true).expect("a pipe");
    // As much as goes in: until nothing more does for a while, or far more than may.
    let mut written = 0;
    let mut stalled = std::time::Instant::now();
    while stalled.elapsed() < std::time::Duration::from_millis(500) {
        match stdin.write(record.as_bytes()) {
            Ok(count) => {
                written += count;
                stalled = std::time::Instant::now();
                assert!(written < 64 << 20, "it reads on");
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }
    let status = text(
        &Path::new("/proc")
            .join(live.child.0.id().to_string())
            .join("status"),
    );
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|size| size.trim().strip_suffix(" kB")?.parse::<u32>().ok())
        .expect("a size");
    assert!(peak < 64 << 10, "{peak} kB");
    live.signal(Signal::TERM);
    live.hear("not delivered within 300ms");
    drop(stdin);
    let began = std::time::Instant::now();
    assert_eq!(live.end(), 2);
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_processor_that_does_not_end_is_ended_with_its_children() {
    let dir = Dir::new();
    let pid = dir.path("pid");
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: \"exec:trap '' TERM; sleep 1000 & echo $! > {}; cat > /dev/null; wait\"\n",
            pid.display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .args(&["--linger", "300ms"])
        .stdin(numbers(0..3))
        .run_and(|ran| {
            assert!(
                ran.stderr
                    .ends_with(": did not end within 300ms after its input, and was ended\n"),
                "{}",
                ran.stderr
            );
            assert_eq!(ran.status, 2);
        });
    let process = Path::new("/proc").join(text(&pid).trim());
    wait_for("the end of a child", || {
        // Whoever has adopted it may not have taken note of its end yet.
        fs::read_to_string(process.join("stat")).map_or(true, |stat| stat.contains(") Z "))
    });
}

#[test]
fn sigterm_delivers_what_was_read_and_ends_processors() {
    let dir = Dir::new();
    dir.file(
        "rules",
        "rules: []\ndefault: 'exec:cat > got; echo done >> got'\n",
    );
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&numbers(0..5));
    wait_for("the records", || {
        fs::read_to_string(dir.path("got")).is_ok_and(|got| got == numbers(0..5))
    });
    live.signal(Signal::TERM);
    live.hear("dl-filter: 5 read, 5 written, 0 filtered, 0 rejected");
    assert_eq!(wait_for_end(&mut live.child), 0);
    assert_eq!(text(&dir.path("got")), numbers(0..5) + "done\n");
}

#[test]
fn rules_change_while_records_flow() {
    let dir = Dir::new();
    dir.file(
        "rules",
        "rules:\n- {name: low, when: .n < 5, to: low.log}\ndefault: old.log\n",
    );
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&numbers(3..7));
    wait_for("the records", || {
        fs::read_to_string(dir.path("old.log")).is_ok_and(|got| got == numbers(5..7))
    });
    // The stream is idle: the signal itself must wake the program.
    dir.file(
        "rules",
        "rules:\n- {name: low, when: .n < 6, to: low.log}\ndefault: new.log\n",
    );
    live.signal(Signal::HUP);
    live.hear("dl-filter: rules: 1 rule loaded");
    live.write(&numbers(3..7));
    wait_for("the records", || {
        fs::read_to_string(dir.path("new.log")).is_ok_and(|got| got == numbers(6..7))
    });
    // Wrong rules are told, and the old ones stay.
    for (wrong, words) in [
        (
            "rules:\n- {name: low, when: .n = 6, to: low.log}\n",
            "dl-filter: rules:2:24: rule 'low': when: column 4",
        ),
        (
            "rules: []\ndefault: missing/new.log\n",
            "dl-filter: rules:2:10: missing/new.log: there is no folder missing",
        ),
        (
            "rules: []\ndefault: ./rules\n",
            "dl-filter: rules: the input file is an output file too",
        ),
    ] {
        dir.file("rules", wrong);
        live.signal(Signal::HUP);
        live.hear(words);
        live.hear("dl-filter: the rules stay as they were");
    }
    live.write(&numbers(5..7));
    live.stdin = None;
    live.hear("rule 'low': 6 taken, 6 written");
    live.hear("default: 4 taken, 4 written");
    live.hear("10 read, 10 written, 0 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
    assert_eq!(
        text(&dir.path("low.log")),
        numbers(3..5) + &numbers(3..6) + &numbers(5..6)
    );
    assert_eq!(text(&dir.path("old.log")), numbers(5..7));
    assert_eq!(text(&dir.path("new.log")), numbers(6..7) + &numbers(6..7));
}

#[test]
fn destinations_that_stay_are_not_opened_anew() {
    let dir = Dir::new();
    let rules = |when: &str| {
        format!(
            "rules:\n- {{name: a, when: {when}, to: 'exec:echo begun >> log; cat > /dev/null; echo ended >> log'}}\ndefault: drop\n"
        )
    };
    dir.file("rules", rules("true"));
    let mut live = Live::start(&dir, &["--rules", "rules"]);
    live.write(&numbers(0..2));
    wait_for("the processor", || dir.path("log").exists());
    dir.file("rules", rules(".n > 0"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    live.write(&numbers(0..2));
    // One that is gone gets the end of its input at once.
    dir.file("rules", "rules: []\ndefault: drop\n");
    live.signal(Signal::HUP);
    live.hear("0 rules loaded");
    wait_for("the end of the processor", || {
        text(&dir.path("log")) == "begun\nended\n"
    });
    assert_eq!(live.end(), 0);
}

#[test]
fn a_change_in_a_busy_stream_loses_nothing_and_splits_no_record() {
    let dir = Dir::new();
    let rules =
        |n: u32| format!("rules:\n- {{name: a, to: [a{n}.log, b{n}.log]}}\ndefault: drop\n");
    dir.file("rules", rules(0));
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats", "--jobs", "4"]);
    // Before it is ready for the signal, it would be ended by it.
    wait_for("the destinations", || dir.path("a0.log").exists());
    let mut stdin = live.stdin.take().expect("stdin is open");
    let writer = thread::spawn(move || {
        for block in 0..200 {
            stdin
                .write_all(numbers(block * 1000..block * 1000 + 1000).as_bytes())
                .expect("it reads");
        }
    });
    for n in 1..=5 {
        dir.file("rules", rules(n));
        live.signal(Signal::HUP);
        live.hear("1 rule loaded");
    }
    writer.join().expect("it has written");
    live.hear("200000 read, 200000 written, 0 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
    for copy in ["a", "b"] {
        let all: String = (0..=5)
            .map(|n| text(&dir.path(&format!("{copy}{n}.log"))))
            .collect();
        assert!(all == numbers(0..200_000), "{copy}");
    }
}

#[test]
fn two_rules_to_one_file_keep_the_order_of_the_input() {
    let dir = Dir::new();
    let rules = dir.file(
        "rules",
        format!(
            "rules:\n- {{name: even, when: '.n ~ \"[02468]$\"', to: {0}}}\n- {{name: odd, to: {0}, throttle: 1000000/s}}\n",
            dir.path("out.log").display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .args(&["--jobs", "4"])
        .stdin(numbers(0..60_000))
        .check("", "", 0);
    assert!(text(&dir.path("out.log")) == numbers(0..60_000));
}

#[test]
fn a_destination_that_fails_is_named_and_the_others_are_finished() {
    let dir = Dir::new();
    let out = dir.path("out.log");
    let rules = dir.file(
        "rules",
        format!(
            "rules: []\ndefault: [/dev/full, {0}, 'exec:cat > {0}.copy']\n",
            out.display()
        ),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..3))
        .check(
            "",
            "dl-filter: /dev/full: No space left on device (os error 28)\n",
            2,
        );
    assert_eq!(text(&out), numbers(0..3));
    assert_eq!(text(&dir.path("out.log.copy")), numbers(0..3));
    let rules = dir.file(
        "rules",
        format!("rules: []\ndefault: [{}, missing/x]\n", out.display()),
    );
    program("dl-filter")
        .arg("--rules")
        .arg(&rules)
        .stdin(numbers(0..3))
        .check(
            "",
            &format!(
                "dl-filter: {}:2:{}: missing/x: there is no folder missing\n",
                rules.display(),
                out.display().to_string().len() + 13
            ),
            2,
        );
}

#[test]
fn a_reader_that_leaves_ends_all_with_success() {
    let dir = Dir::new();
    let out = dir.path("out.log");
    dir.file(
        "rules",
        format!("rules: []\ndefault: ['-', {}]\n", out.display()),
    );
    let input = dir.file("in", numbers(0..200_000));
    let command = format!(
        "{} --rules {} {} | head -n 1; echo \"${{PIPESTATUS[0]}}\"",
        env!("CARGO_BIN_EXE_dl-filter"),
        dir.path("rules").display(),
        input.display()
    );
    let ran = Command::new("bash")
        .args(["-c", &command])
        .output()
        .expect("bash");
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "{\"n\":0}\n0\n");
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
    let got = text(&out);
    assert!(!got.is_empty() && numbers(0..200_000).starts_with(&got));
}

/// A rule of the model: which residues it takes, where to, and whether records go on.
#[derive(Clone, Debug)]
struct Model {
    modulus: u32,
    to: Vec<u8>,
    goes_on: bool,
    throttled: bool,
}

fn models() -> impl Strategy<Value = Vec<Model>> {
    let model = (
        1u32..5,
        proptest::collection::btree_set(0u8..4, 0..3),
        any::<bool>(),
        any::<bool>(),
    );
    let model = model.prop_map(|(modulus, to, goes_on, throttled)| Model {
        modulus,
        to: to.into_iter().collect(),
        goes_on,
        throttled,
    });
    proptest::collection::vec(model, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_arrives_is_what_the_naive_model_says(models in models(), default in proptest::option::of(0u8..4), jobs in 1u32..4) {
        let dir = Dir::new();
        let place = |n: u8| dir.path(&format!("{n}.log"));
        let list = |to: &[u8]| {
            let names: Vec<_> = to.iter().map(|&n| place(n).display().to_string()).collect();
            if names.is_empty() { "drop".to_owned() } else { format!("[{}]", names.join(", ")) }
        };
        let mut rules = String::from("rules:\n");
        for (number, model) in models.iter().enumerate() {
            // So high that it never takes any away: it only has to see them in order.
            let throttle = if model.throttled { ", throttle: 100000000/s" } else { "" };
            let _ = writeln!(
 rules,
                "- {{name: r{number}, when: .m{} == 0, to: {}, continue: {}{throttle}}}",
                model.modulus, list(&model.to), model.goes_on
            );
        }
        if models.is_empty() {
            rules = "rules: []\n".into();
        }
        let _ = writeln!(rules, "default: {}", list(default.as_slice()));
        let lines: Vec<_> = (0..300u32)
            .map(|n| format!("{{\"n\":{n},\"m1\":0,\"m2\":{},\"m3\":{},\"m4\":{}}}\n", n % 2, n % 3, n % 4))
            .collect();
        let mut expect: BTreeMap<u8, String> = BTreeMap::new();
        let mut written = 0;
        for (n, line) in (0u32..).zip(&lines) {
            let (mut held, mut any) = (false, false);
            let mut put = |to: &[u8]| {
                for &to in to {
                    expect.entry(to).or_default().push_str(line);
                    any = true;
                }
            };
            for model in &models {
                if n % model.modulus == 0 {
                    put(&model.to);
                    if !model.goes_on {
                        held = true;
                        break;
                    }
                }
            }
            if !held {
                put(default.as_slice());
            }
            written += u32::from(any);
        }
        let file = dir.file("rules", rules);
        program("dl-filter").arg("--rules").arg(&file).args(&["--stats", "--jobs", &jobs.to_string()])
            .stdin(lines.concat())
            .run_and(|ran| {
                let balance = format!("300 read, {written} written, {} filtered, 0 rejected", 300 - written);
                assert!(ran.stderr.contains(&balance), "{} {balance}", ran.stderr);
                assert_eq!(ran.status, 0);
            });
        for n in 0..4 {
            let got = fs::read_to_string(place(n)).unwrap_or_default();
            let want = expect.remove(&n).unwrap_or_default();
            prop_assert!(got == want, "{n}: {} of {} lines", newlines(got.as_bytes()), newlines(want.as_bytes()));
        }
    }
}

#[test]
fn a_throttle_goes_on_with_its_rule_and_tells_its_count_when_that_is_gone() {
    let dir = Dir::new();
    let rules = |name: &str, when: &str| {
        format!(
            "rules:\n- {{name: {name}, when: {when}, to: {name}.log, throttle: 1/h}}\ndefault: rest.log\n"
        )
    };
    let record = |n: u32| format!("{{\"n\":{n},\"time\":\"2026-11-20T12:00:0{n}Z\"}}\n");
    dir.file("rules", rules("a", "exists(.n)"));
    let mut live = Live::start(&dir, &["--rules", "rules", "--stats"]);
    live.write(&(record(1) + &record(2)));
    wait_for("the first record", || {
        fs::read_to_string(dir.path("a.log")).is_ok_and(|got| got == record(1))
    });
    // The same rule but for its expression: its hour is not over.
    dir.file("rules", rules("a", ".n < 4"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    live.write(&(record(3) + &record(4)));
    wait_for("the last record", || {
        fs::read_to_string(dir.path("rest.log")).is_ok_and(|got| got == record(4))
    });
    dir.file("rules", rules("b", "true"));
    live.signal(Signal::HUP);
    live.hear("1 rule loaded");
    let told = text(&dir.path("a.log"));
    assert!(
        told.starts_with(&record(1)) && told.contains("\"rule\":\"a\",\"records\":2,"),
        "{told}"
    );
    assert_eq!(newlines(told.as_bytes()), 2);
    live.stdin = None;
    live.hear("rule 'a': 3 taken, 1 written");
    live.hear("default: 1 taken, 1 written");
    live.hear("rule 'b': 0 taken, 0 written");
    live.hear("4 read, 2 written, 2 filtered, 0 rejected");
    assert_eq!(live.end(), 0);
}
