//! The words for stores: `sqlite:PATH?table=NAME`, `postgres://USER@HOST/DATABASE?table=NAME`.

use std::fmt;

/// A table of records in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAt {
    /// Which database.
    pub kind: StoreKind,
    /// Where it is, in the words of the database.
    pub place: String,
    /// The name of the table: letters, digits and `_`.
    pub table: String,
}

/// The databases that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// A file of SQLite.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres {
        /// What of its table is a partition.
        partition: Partition,
    },
}

/// How a table is divided by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// Not at all.
    None,
    /// A partition for each day.
    #[default]
    Day,
    /// A partition for each month.
    Month,
}

impl Partition {
    const ALL: [(&'static str, Self); 3] = [
        ("none", Self::None),
        ("day", Self::Day),
        ("month", Self::Month),
    ];
}

/// The table if none is named.
const TABLE: &str = "records";

impl StoreAt {
    /// Reads an endpoint; `None` if it has no scheme of a store.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        if let Some(place) = text.strip_prefix("sqlite:") {
            return Some(Self::read(StoreKind::Sqlite, place));
        }
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@')
            && user.contains(':')
        {
            return Some(Err(
                "everybody can read a password of the command line; PGPASSWORD or ~/.pgpass has it"
                    .into(),
            ));
        }
        let partition = Partition::default();
        Some(Self::read(StoreKind::Postgres { partition }, text))
    }

    /// An endpoint as it may be shown.
    pub(super) fn without_password(text: &str) -> String {
        let Some((scheme, rest)) = text.split_once("://") else {
            return text.to_owned();
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        match authority.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}@{host}{path}")
            }
            None => text.to_owned(),
        }
    }

    fn read(mut kind: StoreKind, text: &str) -> Result<Self, String> {
        let (place, options) = text.rsplit_once('?').unwrap_or((text, ""));
        let (mut table, mut others) = (TABLE.to_owned(), Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match (option.split_once('='), &mut kind) {
                (Some(("table", name)), _) => name.clone_into(&mut table),
                (Some(("partition", name)), StoreKind::Postgres { partition }) => {
                    let known = Partition::ALL.iter().find(|(known, _)| *known == name);
                    *partition = known
                        .ok_or_else(|| format!("partition={name}: it is day, month or none"))?
                        .1;
                }
                // What else there is, the server's library knows.
                (Some(_), StoreKind::Postgres { .. }) => others.push(option),
                _ => return Err(format!("unknown option '{option}' (known is table=NAME)")),
            }
        }
        if place.is_empty() {
            return Err("the path is missing".into());
        }
        let is_word = table.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && table
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        // A name is part of statements, and of the names of indexes and partitions.
        if !is_word || table.len() > 40 {
            return Err(format!(
                "'{table}' is no name of a table here: small letters, digits and _, 40 at most"
            ));
        }
        let mut place = place.to_owned();
        if !others.is_empty() {
            place = format!("{place}?{}", others.join("&"));
        }
        Ok(Self { kind, place, table })
    }
}

impl fmt::Display for StoreAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            StoreKind::Sqlite => write!(f, "sqlite:{}", self.place)?,
            StoreKind::Postgres { .. } => f.write_str(&self.place)?,
        }
        if self.table != TABLE {
            let mark = if self.place.contains('?') { '&' } else { '?' };
            write!(f, "{mark}table={}", self.table)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_told_by_their_scheme() {
        let check = |text: &str, expect: Option<Result<&str, &str>>| {
            let parsed = StoreAt::parse(text).map(|parsed| parsed.map(|at| at.to_string()));
            let parsed = parsed.as_ref().map(|parsed| parsed.as_deref());
            let parsed = parsed.map(|parsed| parsed.map_err(String::as_str));
            assert_eq!(parsed, expect, "{text}");
        };
        check("sqlite:a.db", Some(Ok("sqlite:a.db")));
        check("sqlite:a.db?table=records", Some(Ok("sqlite:a.db")));
        let other = "sqlite:/x/a.db?table=t_2";
        check(other, Some(Ok(other)));
        check("sqlite:", Some(Err("the path is missing")));
        check(
            "sqlite:a.db?mode=ro",
            Some(Err("unknown option 'mode=ro' (known is table=NAME)")),
        );
        check(
            "sqlite:a.db?table=a;b",
            Some(Err(
                "'a;b' is no name of a table here: small letters, digits and _, 40 at most",
            )),
        );
        check("a.db", None);
    }

    #[test]
    fn options_of_the_server_are_left_to_it() {
        let text = "postgres://ada@db.example/logs?table=t&partition=month&connect_timeout=3";
        let at = StoreAt::parse(text).expect("a store").expect("a good one");
        let partition = Partition::Month;
        assert_eq!(at.kind, StoreKind::Postgres { partition });
        assert_eq!(at.place, "postgres://ada@db.example/logs?connect_timeout=3");
        assert_eq!(
            at.to_string(),
            "postgres://ada@db.example/logs?connect_timeout=3&table=t"
        );
        let secret = StoreAt::parse("postgres://ada:lovelace@db/logs");
        assert!(secret.is_some_and(|read| read.is_err()));
        assert_eq!(
            StoreAt::without_password("postgres://ada:love@lace@db/logs"),
            "postgres://ada@db/logs"
        );
        let odd = StoreAt::parse("postgres://db/logs?partition=year");
        assert!(odd.is_some_and(|read| read.is_err()));
    }
}
