//! Where rules come from: the file, and the flags that select before them.

use std::{fs, path::Path};

use super::table::Table;
use crate::{
    cli::{
        Program,
        common::{LineArgs, now},
        filter::FilterArgs,
        say,
    },
    endpoint::Endpoint,
    error::{Error, Result},
    expr::Expr,
    route::Rules,
    sink::{NOT_OUT, is_out},
    zmtp::Address,
};

/// A file of rules is written by hand.
const LARGEST: u64 = 1 << 20;

/// A file of rules, to be read now and again.
pub(super) struct RuleFile<'f> {
    pub(super) path: &'f str,
    pub(super) selection: Expr,
    pub(super) invert: bool,
    /// What no destination may be.
    pub(super) inputs: Vec<Endpoint>,
    pub(super) lines: &'f LineArgs,
}

impl RuleFile<'_> {
    /// Reads and compiles the rules that stand there now.
    pub(super) fn load(&self, version: u64) -> Result<Table> {
        let rules = read(self.path)?;
        warn(self.path, &rules);
        self.refuse_rejects(&rules)?;
        Ok(Table::new(version, rules, &self.selection, self.invert))
    }

    /// Records and rejected lines in one file would be told apart by nobody.
    fn refuse_rejects(&self, rules: &Rules) -> Result<()> {
        let Some(rejects) = self.lines.rejects.as_deref().map(Path::new) else {
            return Ok(());
        };
        let real = |path: &Path| {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok();
            fs::canonicalize(path)
                .ok()
                .or(folder.zip(path.file_name()).map(|(f, n)| f.join(n)))
        };
        for destination in &rules.destinations {
            if let Endpoint::File(path) = &destination.endpoint
                && !path.starts_with("/dev/")
                && (path == rejects || real(path) == real(rejects))
            {
                return Err(Error::Usage(format!(
                    "{}: the file of --rejects is a destination too",
                    path.display()
                )));
            }
        }
        Ok(())
    }
}

/// Says what is allowed and hardly meant.
pub(super) fn warn(path: &str, rules: &Rules) {
    for warning in &rules.warnings {
        say(FilterArgs::NAME, &format!("{path}:{warning} (a warning)"));
    }
}

/// Says why an endpoint cannot be written to, as far as that can be seen without opening it.
fn usable(endpoint: &Endpoint) -> std::result::Result<(), String> {
    match endpoint {
        Endpoint::ZeroMq(address) => {
            let parsed = Address::parse(address);
            parsed.map(drop).map_err(|error| error.to_string())
        }
        Endpoint::File(path) if path.is_dir() => {
            Err(format!("{}: that is a folder", path.display()))
        }
        Endpoint::File(path) => match path.parent() {
            // Folders with times in their names are made when it is time.
            Some(folder)
                if folder != Path::new("")
                    && !folder.is_dir()
                    && !path.to_string_lossy().contains('%') =>
            {
                Err(format!(
                    "{}: there is no folder {}",
                    path.display(),
                    folder.display()
                ))
            }
            _ => Ok(()),
        },
        Endpoint::Nats(_) | Endpoint::Publish(_) => Err(by_exec(endpoint)),
        Endpoint::Listen(listen) if is_out(listen) => Err(by_exec(endpoint)),
        Endpoint::Subscribe(_) | Endpoint::Listen(_) => Err(format!("{endpoint}: {NOT_OUT}")),
        Endpoint::Standard | Endpoint::Exec(_) | Endpoint::Store(_) => Ok(()),
    }
}

fn by_exec(endpoint: &Endpoint) -> String {
    format!("{endpoint}: rules send there with 'exec:dl-send {endpoint}'")
}

/// Reads the rules of a file.
pub(super) fn read(path: &str) -> Result<Rules> {
    if path == "-" {
        return Err(Error::Misused {
            reason: "--rules -: rules are read from a file, because SIGHUP reads them anew".into(),
            hint: "use --rules FILE",
        });
    }
    let fail = |source| Error::File {
        path: path.into(),
        source,
    };
    if fs::metadata(path).map_err(fail)?.len() > LARGEST {
        return Err(Error::Usage(format!("{path}: larger than 1 MiB")));
    }
    let text = fs::read(path).map_err(fail)?;
    let text = String::from_utf8(text)
        .map_err(|error| Error::Usage(format!("{path}: not UTF-8: {}", error.utf8_error())))?;
    let key = |name: &str| fs::read(name).map_err(|error| format!("{name}: {error}"));
    Rules::parse(&text, now(), &key, &usable).map_err(|error| Error::Rules {
        path: path.to_owned(),
        reason: error.to_string(),
        suggestion: error.suggestion().map(str::to_owned),
    })
}
