//! The words for stores: `sqlite:PATH?table=NAME`, `postgres://USER@HOST/DATABASE?table=NAME`,
//! `clickhouse://USER@HOST/DATABASE?table=NAME`, `parquet:FOLDER?partition=day`.

use std::fmt;

use super::clickhouse::ClickHouseAt;

/// A table of records in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreAt {
    /// Which database.
    pub kind: StoreKind,
    /// Where it is, in the words of the database.
    pub place: String,
    /// The name of the table: letters, digits and `_`. Files have none.
    pub table: String,
}

/// The databases that are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// A file of SQLite.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres {
        /// What of its table is a partition.
        partition: Partition,
    },
    /// A server of ClickHouse.
    ClickHouse(ClickHouseAt),
    /// Files in a folder.
    Parquet(Layout),
}

/// How files of Parquet are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What has a folder of its own.
    pub partition: Partition,
    /// How they are compressed.
    pub packing: Packing,
    /// How many bytes a file has, about.
    pub size: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            partition: Partition::Hour,
            packing: Packing::Zstd,
            // What Spark gives to a task at a time.
            size: 128 << 20,
        }
    }
}

/// How values are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// By zstd.
    Zstd,
    /// By Snappy.
    Snappy,
    /// Not at all.
    None,
}

/// How a table is divided by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partition {
    /// Not at all.
    None,
    /// A partition for each hour, of files only.
    Hour,
    /// A partition for each day.
    #[default]
    Day,
    /// A partition for each month.
    Month,
}

impl Partition {
    /// The partition of a name; an error says which there are.
    fn read(name: &str, known: &[(&str, Self)]) -> Result<Self, String> {
        let found = known.iter().find(|(known, _)| *known == name);
        found.map(|(_, partition)| *partition).ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            format!("partition={name}: it is {}", names.join(" or "))
        })
    }
}

/// What of a table of PostgreSQL or ClickHouse is a partition.
const OF_TABLES: [(&str, Partition); 3] = [
    ("day", Partition::Day),
    ("month", Partition::Month),
    ("none", Partition::None),
];

/// What has a folder of its own.
const OF_FILES: [(&str, Partition); 3] = [
    ("hour", Partition::Hour),
    ("day", Partition::Day),
    ("none", Partition::None),
];

/// The table if none is named.
const TABLE: &str = "records";

impl StoreAt {
    /// Reads an endpoint; `None` if it has no scheme of a store.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        if let Some(place) = text.strip_prefix("sqlite:") {
            return Some(Self::read(StoreKind::Sqlite, place));
        }
        if let Some(place) = text.strip_prefix("parquet:") {
            return Some(Self::read(StoreKind::Parquet(Layout::default()), place));
        }
        if let Some(read) = ClickHouseAt::parse(text) {
            return Some(read.and_then(|at| Self::read(StoreKind::ClickHouse(at), text)));
        }
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        let (_, options) = rest.split_once('?').unwrap_or_default();
        if user.is_some_and(|user| user.contains(':')) || options.split('&').any(is_password) {
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
        let mut shown = match authority.rsplit_once('@') {
            Some((user, host)) => {
                let user = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{user}@{host}")
            }
            None => format!("{scheme}://{authority}"),
        };
        let (path, options) = path.split_once('?').unwrap_or((path, ""));
        shown.push_str(path);
        let options = options.split('&');
        let options: Vec<_> = options.filter(|option| !is_password(option)).collect();
        if options != [""] && !options.is_empty() {
            shown.push('?');
            shown.push_str(&options.join("&"));
        }
        shown
    }

    fn read(mut kind: StoreKind, text: &str) -> Result<Self, String> {
        let (place, options) = text.rsplit_once('?').unwrap_or((text, ""));
        let (mut table, mut others) = (TABLE.to_owned(), Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match (option.split_once('='), &mut kind) {
                (Some(("partition", name)), StoreKind::Parquet(layout)) => {
                    layout.partition = Partition::read(name, &OF_FILES)?;
                }
                (_, StoreKind::Parquet(_)) => {
                    return Err(format!(
                        "unknown option '{option}' (known is partition=hour, day or none)"
                    ));
                }
                (Some(("table", name)), _) => name.clone_into(&mut table),
                (
                    Some(("partition", name)),
                    StoreKind::Postgres { partition }
                    | StoreKind::ClickHouse(ClickHouseAt { partition, .. }),
                ) => {
                    *partition = Partition::read(name, &OF_TABLES)?;
                }
                (_, StoreKind::ClickHouse(_)) => {
                    return Err(format!(
                        "unknown option '{option}' (known are table=NAME, partition=day, month \
                         or none)"
                    ));
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
        let name = |known: &[(&'static str, Partition)], partition, usual| {
            let mut known = known.iter().filter(|(_, known)| *known != usual);
            known
                .find(|(_, known)| *known == partition)
                .map(|(name, _)| *name)
        };
        let partition = match &self.kind {
            StoreKind::Sqlite => {
                write!(f, "sqlite:{}", self.place)?;
                None
            }
            StoreKind::Parquet(Layout { partition, .. }) => {
                write!(f, "parquet:{}", self.place)?;
                name(&OF_FILES, *partition, Partition::Hour)
            }
            StoreKind::Postgres { .. } => {
                f.write_str(&self.place)?;
                None
            }
            StoreKind::ClickHouse(at) => {
                at.fmt(f)?;
                name(&OF_TABLES, at.partition, Partition::Day)
            }
        };
        let mut mark = if self.place.contains('?') { '&' } else { '?' };
        if self.table != TABLE {
            write!(f, "{mark}table={}", self.table)?;
            mark = '&';
        }
        if let Some(partition) = partition {
            write!(f, "{mark}partition={partition}")?;
        }
        Ok(())
    }
}

/// True for an option of PostgreSQL that has a password in it.
fn is_password(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    matches!(name, "password" | "sslpassword")
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
        check("parquet:lake?partition=hour", Some(Ok("parquet:lake")));
        let days = "parquet:lake?partition=day";
        check(days, Some(Ok(days)));
        check(
            "parquet:lake?partition=month",
            Some(Err("partition=month: it is hour or day or none")),
        );
        check(
            "parquet:lake?table=t",
            Some(Err(
                "unknown option 'table=t' (known is partition=hour, day or none)",
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
        let secret = StoreAt::parse("postgres://ada@db/logs?connect_timeout=3&password=lovelace");
        assert!(secret.is_some_and(|read| read.is_err()));
        for (text, shown) in [
            (
                "postgres://db/logs?connect_timeout=3&password=love",
                "postgres://db/logs?connect_timeout=3",
            ),
            ("postgres://db?password=love", "postgres://db"),
            ("postgres://db/logs?table=t", "postgres://db/logs?table=t"),
        ] {
            assert_eq!(StoreAt::without_password(text), shown);
        }
        let odd = StoreAt::parse("postgres://db/logs?partition=year");
        assert!(odd.is_some_and(|read| read.is_err()));
    }
}
