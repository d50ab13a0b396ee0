//! What is made from the clap definitions, and what the manuals promise.
//!
//! `UPDATE_DOCS=1 cargo nextest run docs` writes man/dl-*.1 and completions/ anew.

mod completions;
mod examples;
mod help;
mod man;
mod own_schemas;
mod promises;
mod settings;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a manual.
fn manual(name: &str) -> String {
    fs::read_to_string(root().join("man").join(name)).expect("a text")
}

/// The display of a manual that stands for a file of that name, and what comes before it.
fn example<'m>(manual: &'m str, name: &str) -> (&'m str, &'m str) {
    let begin = format!(".\\\" file: {name}\n.Bd -literal -offset indent\n");
    let (before, rest) = manual.split_once(&begin).expect("an example");
    let (file, _) = rest.split_once(".Ed\n").expect("an end");
    (before, file)
}

/// Compares a committed file with what it should be, or writes it.
fn check(path: &str, expect: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, expect).expect("the folder is writable");
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    if found != expect {
        let lines = found.lines().zip(expect.lines());
        let same = lines.take_while(|(was, is)| was == is).count();
        panic!(
            "{path} is not what the definitions in src/cli give, from line {}: \
             UPDATE_DOCS=1 cargo nextest run docs",
            same + 1
        );
    }
}

/// The files in a folder of the repository, in order.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(root().join(folder))
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}
