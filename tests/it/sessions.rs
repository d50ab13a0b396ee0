//! Golden transcripts: console sessions in Markdown, run again and compared.
//!
//! In a block marked `console`, `$ ` begins a command for bash, `> ` continues it, `? N` is
//! its exit status if that is not 0, and the rest is what it writes, first to stdout, then to
//! stderr, because their order in time is not certain. The blocks of one file run in one folder, which has the samples of tests/data and what is
//! under `capture.ndjson` in the manuals. `UPDATE=1 cargo nextest run sessions` writes the
//! files anew.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use crate::programs::Sandbox;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The transcripts of a folder below tests/cmd, in order.
fn transcripts(folder: &str) -> Vec<PathBuf> {
    let folder = root().join("tests/cmd").join(folder);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    assert!(!files.is_empty(), "{}: no sessions", folder.display());
    files
}

fn check_folder(folder: &str) {
    for file in transcripts(folder) {
        check_file(&file);
    }
}

fn check_file(file: &Path) {
    let text = fs::read_to_string(file).expect("a text");
    let played = play(&text);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file, played).expect("the folder is writable");
        return;
    }
    let at = text
        .lines()
        .zip(played.lines())
        .position(|(was, is)| was != is);
    if text != played {
        let at = at.unwrap_or_else(|| text.lines().count().min(played.lines().count()));
        let around = |text: &str| {
            text.lines()
                .skip(at.saturating_sub(3))
                .take(12)
                .collect::<Vec<_>>()
                .join("\n")
        };
        panic!(
            "{}:{}: UPDATE=1 writes it anew\n--- expected\n{}\n--- came\n{}\n",
            file.display(),
            at + 1,
            around(&text),
            around(&played)
        );
    }
}

/// The same session with what the commands write now.
fn play(session: &str) -> String {
    let sandbox = Sandbox::new();
    let mut played = String::new();
    let mut in_block = false;
    let mut lines = session.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            in_block = line == "```console";
        }
        if !in_block {
            played += line;
            played.push('\n');
            continue;
        }
        let Some(command) = line.strip_prefix("$ ") else {
            if line.starts_with("```") {
                played += line;
                played.push('\n');
            }
            // Anything else is what a command wrote once.
            continue;
        };
        let mut command = command.to_owned();
        played += line;
        played.push('\n');
        while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
            played += more;
            played.push('\n');
            command.push('\n');
            command += &more[2..];
        }
        let run = sandbox.run(&command);
        if !run.status.success() {
            let _ = writeln!(played, "? {}", run.status.code().unwrap_or(-1));
        }
        for stream in [run.stdout, run.stderr] {
            played += &String::from_utf8_lossy(&stream);
            if !played.ends_with('\n') {
                played.push('\n');
            }
        }
    }
    played
}

#[test]
fn dl_ctl() {
    check_folder("dl-ctl");
}

#[test]
fn dl_filter() {
    check_folder("dl-filter");
}

#[test]
fn dl_fmt() {
    check_folder("dl-fmt");
}

#[test]
fn dl_recv() {
    check_folder("dl-recv");
}

#[test]
fn dl_send() {
    check_folder("dl-send");
}

#[test]
fn dl_tree() {
    check_folder("dl-tree");
}

#[test]
fn pipelines() {
    check_folder("pipelines");
}

#[test]
fn readme() {
    check_file(&root().join("README.md"));
}

#[test]
fn every_flag_is_in_a_session() {
    for program in distlog::cli::programs() {
        let name = program.get_name();
        let sessions: String = transcripts(name)
            .iter()
            .map(|file| fs::read_to_string(file).expect("a text"))
            .collect();
        let commands: Vec<_> = sessions
            .lines()
            .filter(|line| line.starts_with("$ ") || line.starts_with("> "))
            .collect();
        let of_commands = program
            .get_subcommands()
            .flat_map(clap::Command::get_arguments);
        let arguments = program.get_arguments().chain(of_commands);
        for flag in arguments.filter_map(clap::Arg::get_long) {
            let used = commands.iter().any(|command| {
                command
                    .split_whitespace()
                    .any(|word| word.split('=').next() == Some(&format!("--{flag}")))
            });
            assert!(used, "tests/cmd/{name}: no command uses --{flag}");
        }
    }
}
