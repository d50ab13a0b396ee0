//! `-h` fits a screen, `--help` tells all.

use super::super::programs::output;

/// A few lines more than 24: dl-filter's flags do not fit otherwise.
const SCREEN: usize = 36;

#[test]
fn short_help_fits_a_screen() {
    for program in distlog::cli::programs() {
        let help = output(program.get_name(), &["-h"]);
        let lines = help.lines().count();
        assert!(lines <= SCREEN, "{}: {lines} lines", program.get_name());
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn long_help_has_every_flag() {
    for program in distlog::cli::programs() {
        let help = output(program.get_name(), &["--help"]);
        for flag in program.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(
                help.contains(&format!("--{flag}")),
                "{}: --{flag}",
                program.get_name()
            );
        }
    }
}

#[test]
fn the_help_of_commands_has_every_flag_of_theirs() {
    for program in distlog::cli::programs() {
        for command in program.get_subcommands() {
            let help = output(program.get_name(), &[command.get_name(), "--help"]);
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(
                    help.contains(&format!("--{flag}")),
                    "{} {}: --{flag}",
                    program.get_name(),
                    command.get_name()
                );
            }
        }
    }
}
