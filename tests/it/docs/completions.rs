//! completions/: what clap gives, and what the shells take.

use std::process::Command;

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
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let mut shell = if name.ends_with(".bash") {
            let mut bash = Command::new("bash");
            bash.args([
                "--noprofile",
                "--norc",
                "-euc",
                "source \"$0\"; complete -p \"$1\"",
            ]);
            bash.arg(&file).arg(name.trim_end_matches(".bash"));
            bash
        } else if name.ends_with(".fish") {
            let mut fish = Command::new("fish");
            fish.args(["--no-config", "--no-execute"]).arg(&file);
            fish
        } else {
            // autoload -X needs the completion system, which compinit brings.
            let mut zsh = Command::new("zsh");
            zsh.args(["-fc", "autoload -U compinit; compinit -D; source \"$0\""])
                .arg(&file);
            zsh
        };
        match shell.output() {
            Ok(output) => assert!(
                output.status.success() && output.stderr.is_empty(),
                "{name}: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) if name.ends_with(".bash") => panic!("bash: {error}"),
            // zsh and fish are not everywhere; the scripts come from one generator.
            Err(_) => {}
        }
    }
}
