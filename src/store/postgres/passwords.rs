//! Passwords: from where PostgreSQL's own programs take them, and never from the command line.

use std::{env, fs, path::PathBuf};

use postgres::{Config, config::Host};

/// The password for a connection: `PGPASSWORD`, or the first line of the password file that is
/// for it.
pub(super) fn find(config: &Config) -> Option<String> {
    if let Some(password) = env::var("PGPASSWORD").ok().filter(|text| !text.is_empty()) {
        return Some(password);
    }
    let path = env::var_os("PGPASSFILE").map_or_else(
        || env::var_os("HOME").map(|home| PathBuf::from(home).join(".pgpass")),
        |name| Some(PathBuf::from(name)),
    )?;
    let host = match config.get_hosts().first()? {
        Host::Tcp(name) => name.clone(),
        Host::Unix(_) => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let user = config.get_user().unwrap_or_default();
    let database = config.get_dbname().unwrap_or(user);
    let wanted = [&host, &port.to_string(), database, user];
    in_file(&fs::read_to_string(path).ok()?, wanted)
}

/// The password of the first line whose four fields are these, or `*`.
fn in_file(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let mut fields = fields(line).into_iter();
            let fits = wanted.iter().all(|wanted| {
                let field = fields.next();
                field.is_some_and(|field| field == "*" || field == *wanted)
            });
            fields.next().filter(|_| fits)
        })
}

/// What stands between colons; one behind a backslash is a character like others.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' if fields.len() < 5 => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| {
                field.extend(characters.next());
            }),
            other => fields
                .last_mut()
                .into_iter()
                .for_each(|field| field.push(other)),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# a comment\ndb:5432:logs:ada:a\\:b\n*:*:*:ada:second\n*:*:*:*:x:y\n";
        let check = |wanted, expect: Option<&str>| {
            assert_eq!(in_file(text, wanted).as_deref(), expect, "{wanted:?}");
        };
        check(["db", "5432", "logs", "ada"], Some("a:b"));
        check(["db", "5433", "logs", "ada"], Some("second"));
        check(["db", "5432", "logs", "bob"], Some("x:y"));
        assert_eq!(
            in_file("db:5432:logs:ada:a", ["db", "5432", "logs", "bob"]),
            None
        );
    }
}
