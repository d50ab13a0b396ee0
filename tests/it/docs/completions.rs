//! completions/: what clap gives, and what the shells take.

use std::{io::ErrorKind, process::Command};

use clap_complete::{Shell, generate};

use super::{check, files};

/// The shells, and how each is asked to run a script.
const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "{0}.bash"),
    (Shell::Zsh, "_{0}"),
    (Shell::Fish, "{0}.fish"),
];

#[test]
fn completions_are_what_the_flags_are() {
    for program in distlog::cli::programs() {
        for (shell, name) in SHELLS {
            let mut script = Vec::new();
            let program_name = program.get_name().to_owned();
            generate(shell, &mut program.clone(), &program_name, &mut script);
            let script = String::from_utf8(script).expect("UTF-8");
            check(
                &format!("completions/{}", name.replace("{0}", &program_name)),
                &script,
            );
        }
    }
}

#[test]
fn shells_take_the_completions() {
    for file in files("completions") {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let extension = file.extension().map(std::ffi::OsStr::to_string_lossy);
        let mut shell = match extension.as_deref() {
            Some("bash") => {
                let mut bash = Command::new("bash");
                bash.args(["--noprofile", "--norc", "-euc"])
                    .arg("source \"$0\"; complete -p \"$1\"")
                    .arg(&file)
                    .arg(&*name);
                bash
            }
            Some("fish") => {
                let mut fish = Command::new("fish");
                fish.args(["--no-config", "--no-execute"]).arg(&file);
                fish
            }
            _ => {
                // The script registers itself, for which the completion system has to be there.
                let mut zsh = Command::new("zsh");
                zsh.args(["-fc", "autoload -U compinit; compinit -D; source \"$0\""])
                    .arg(&file);
                zsh
            }
        };
        let output = match shell.output() {
            Ok(output) => output,
            // zsh and fish are not everywhere; bash is.
            Err(error) if error.kind() == ErrorKind::NotFound && shell.get_program() != "bash" => {
                continue;
            }
            Err(error) => panic!("{}: {error}", file.display()),
        };
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && words.is_empty(),
            "{}: {words}",
            file.display()
        );
    }
}
