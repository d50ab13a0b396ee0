//! `--jq`: a jq program as a treatment.

use std::fs;

use clap::Args;

use super::stage::{MakeTreat, Treat};
use crate::{
    error::{Error, Result},
    jq::{Program, ProgramError, Runner, Variables},
};

/// Flags of the jq program.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct JqArgs {
    /// Run a jq program on each selected record, and write its results
    ///
    /// EXPR may then be left out. A record that the program gives back as it was is written as
    /// it was, byte for byte; every other result is a line of compact JSON. A record with no
    /// result counts as filtered, and one on which the program fails as rejected.
    #[arg(long, value_name = "PROGRAM", allow_hyphen_values = true, value_parser = program)]
    jq: Option<String>,

    /// Read the jq program from a file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "jq",
        hide_short_help = true
    )]
    jq_file: Option<String>,

    /// Make $NAME a string in the jq program
    #[arg(long, num_args = 2, value_names = ["NAME", "VALUE"], allow_hyphen_values = true, hide_short_help = true)]
    jq_arg: Vec<String>,

    /// Make $NAME what a text of JSON says in the jq program
    #[arg(long, num_args = 2, value_names = ["NAME", "JSON"], allow_hyphen_values = true, hide_short_help = true)]
    jq_argjson: Vec<String>,
}

impl JqArgs {
    /// True if there is a program.
    pub(super) fn is_given(&self) -> bool {
        self.jq.is_some() || self.jq_file.is_some()
    }

    /// The program, compiled, if there is one.
    pub(super) fn treatment(&self) -> Result<Option<MakeTreat<'static>>> {
        let (flag, text) = match (&self.jq, &self.jq_file) {
            (Some(text), _) => ("--jq", text.clone()),
            (None, Some(path)) => {
                let text = fs::read_to_string(path).map_err(|source| Error::File {
                    path: path.into(),
                    source,
                })?;
                (path.as_str(), text)
            }
            (None, None) => return self.refuse_variables(),
        };
        let program = Program::compile(&text, &self.variables()?)
            .map_err(|error| Error::Usage(format!("{flag}: {error}")))?;
        Ok(Some(Box::new(move || Box::new(Jq(program.runner())))))
    }

    fn refuse_variables(&self) -> Result<Option<MakeTreat<'static>>> {
        let flag = if self.jq_arg.is_empty() {
            "--jq-argjson"
        } else {
            "--jq-arg"
        };
        if self.jq_arg.is_empty() && self.jq_argjson.is_empty() {
            return Ok(None);
        }
        Err(Error::Usage(format!(
            "{flag}: there is no program to use it\nuse --jq PROGRAM or --jq-file FILE"
        )))
    }

    fn variables(&self) -> Result<Variables> {
        let mut variables = Variables::default();
        let usage = |flag, error: &ProgramError| Error::Usage(format!("{flag}: {error}"));
        for pair in self.jq_arg.chunks_exact(2) {
            variables
                .string(&pair[0], &pair[1])
                .map_err(|error| usage("--jq-arg", &error))?;
        }
        for pair in self.jq_argjson.chunks_exact(2) {
            variables
                .json(&pair[0], &pair[1])
                .map_err(|error| usage("--jq-argjson", &error))?;
        }
        Ok(variables)
    }
}

/// A program, unless it is an option of jq's, which would take the program's place.
fn program(text: &str) -> std::result::Result<String, String> {
    let is_long = text.strip_prefix("--").is_some_and(|name| {
        let name_like = |c: u8| c.is_ascii_lowercase() || c == b'-';
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.len() < 30
            && name.bytes().all(name_like)
    });
    let short = text.strip_prefix('-').filter(|letters| {
        letters.len() < 4 && letters.bytes().all(|c| b"acejnrsCMRS".contains(&c))
    });
    // No filter has such a name, so that there is nothing to negate.
    let is_option = is_long || short.is_some_and(|letters| !letters.is_empty());
    if is_option {
        return Err(
            "this is an option of jq, and the program follows --jq at once; results are compact lines"
                .to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// A program at work in one worker.
struct Jq(Runner);

impl Treat for Jq {
    fn treat(&mut self, line: &[u8], out: &mut Vec<u8>) -> std::result::Result<(), String> {
        self.0
            .run(line, out)
            .map_err(|reason| format!("jq: {reason}"))
    }
}
