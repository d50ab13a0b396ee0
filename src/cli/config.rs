//! Settings: what a user wants to have without saying it each time, from a file and from the
//! environment. Which flags can be set is not known here, but by each program.

pub(super) mod file;
mod theme;

use std::{
    env,
    fmt::{self, Write},
    fs, io,
    path::{Path, PathBuf},
};

use self::theme::Theme;
use crate::{
    error::{Error, Result},
    render::Palette,
};

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Number,
    Switch,
    /// Several texts.
    List,
    /// Several texts without commas, which stand between them in a variable.
    Names,
}

/// A flag that can be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The flag without its dashes.
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// What holds if nothing is set.
    pub(super) usual: &'static str,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Variable(String),
    /// The file, as it is shown, and the line in it.
    File(String, usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::File(path, line) => write!(f, "{path}:{line}"),
        }
    }
}

impl Origin {
    /// An error about the value of a key.
    pub(super) fn wrong(&self, key: &str, reason: &str, hint: Option<String>) -> Error {
        match self {
            Self::Variable(name) => Error::Rules {
                path: name.clone(),
                reason: format!(" {reason}"),
                suggestion: hint,
            },
            Self::File(path, line) => Error::Rules {
                path: path.clone(),
                reason: format!("{line}: {key}: {reason}"),
                suggestion: hint,
            },
        }
    }
}

/// A value, as the flag would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) values: Vec<String>,
    pub(super) origin: Origin,
}

/// All settings of a program.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) all: Vec<Setting>,
    themes: Vec<Theme>,
}

impl Settings {
    /// Reads the file and the variables that say something of `keys`, which stand in the table
    /// `program` of the file. A variable counts more than the file.
    pub(super) fn load(program: &str, keys: &[Key]) -> Result<Self> {
        let mut settings = match place() {
            Some((path, required)) => match fs::read_to_string(&path) {
                Ok(text) => file::read(&shown(&path), &text, program, keys)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && !required => {
                    Self::default()
                }
                Err(source) if required => {
                    let path = path.display();
                    return Err(Error::Failed(format!("DISTLOG_CONFIG: {path}: {source}")));
                }
                Err(source) => return Err(Error::File { path, source }),
            },
            None => Self::default(),
        };
        for key in keys {
            let name = format!("DISTLOG_{}", key.name.to_uppercase().replace('-', "_"));
            let Some(value) = env::var_os(&name)
                // An empty command is no pager, and all else that is empty says nothing.
                .filter(|value| !value.is_empty() || key.name == "pager")
            else {
                continue;
            };
            let origin = Origin::Variable(name);
            let Ok(value) = value.into_string() else {
                return Err(origin.wrong(key.name, "this is no text", None));
            };
            settings.all.retain(|setting| setting.key != key.name);
            settings.all.push(Setting {
                key: key.name,
                values: match key.form {
                    Form::Names => value.split(',').map(|one| one.trim().to_owned()).collect(),
                    _ => vec![value],
                },
                origin,
            });
        }
        Ok(settings)
    }

    /// The setting of that name.
    pub(super) fn get(&self, key: &str) -> Option<&Setting> {
        self.all.iter().find(|setting| setting.key == key)
    }

    /// The colours of a theme: of the user's own, or of ours.
    pub(super) fn palette(&self, name: &str) -> Option<Palette> {
        let own = self.themes.iter().find(|theme| theme.name == name);
        own.map(|theme| theme.palette.clone())
            .or_else(|| Palette::named(name))
    }

    /// The names of all themes, for messages.
    pub(super) fn theme_names(&self) -> String {
        let own = self.themes.iter().map(|theme| theme.name.as_str());
        let names: Vec<_> = Palette::THEMES.into_iter().chain(own).collect();
        match names.split_last() {
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => String::new(),
        }
    }

    /// Appends the user's own themes as TOML.
    pub(super) fn write_themes(&self, out: &mut String) {
        for theme in &self.themes {
            let _ = write!(
                out,
                "\n[themes.{}]  # {}\n",
                quoted_key(&theme.name),
                theme.origin
            );
            for (key, value) in &theme.entries {
                let _ = writeln!(out, "{key} = {}", quoted(value));
            }
        }
    }
}

/// Where the file is, and whether it has to be there.
fn place() -> Option<(PathBuf, bool)> {
    if let Some(named) = env::var_os("DISTLOG_CONFIG") {
        // An empty name is no file, for who wants none.
        return (!named.is_empty()).then(|| (PathBuf::from(named), true));
    }
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some((folder.join("distlog/config.toml"), false))
}

/// A path as the user would write it.
fn shown(path: &Path) -> String {
    let home = env::var_os("HOME").map(PathBuf::from);
    let below = home.as_ref().and_then(|home| path.strip_prefix(home).ok());
    match below {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// A text as TOML.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key as TOML.
fn quoted_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}
