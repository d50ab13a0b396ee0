//! A user's own themes: a colour for each meaning, in the words of git.

use toml::de::DeTable;

use super::{
    Origin,
    file::{File, in_order, kind},
};
use crate::{error::Result, render::Palette};

/// A theme.
#[derive(Clone, Debug)]
pub(super) struct Theme {
    pub(super) name: String,
    pub(super) palette: Palette,
    /// What was written.
    pub(super) entries: Vec<(String, String)>,
    pub(super) origin: Origin,
}

/// Reads all themes.
pub(super) fn read(file: &File<'_>, table: &DeTable<'_>) -> Result<Vec<Theme>> {
    let mut themes = Vec::new();
    for (name, value) in in_order(table) {
        let whole = format!("themes.{}", name.get_ref());
        let Some(entries) = value.get_ref().as_table() else {
            let reason = format!("expected a table, found {}", kind(value.get_ref()));
            let hint = format!("begin it with [{whole}]");
            return Err(file.wrong(&value.span(), &whole, &reason, Some(hint)));
        };
        if Palette::named(name.get_ref()).is_some() {
            let hint = "give it another name, and take this one for its base".to_owned();
            let reason = "this theme is built in";
            return Err(file.wrong(&name.span(), &whole, reason, Some(hint)));
        }
        themes.push(theme(
            file,
            name.get_ref(),
            entries,
            file.origin(&name.span()),
        )?);
    }
    Ok(themes)
}

fn theme(file: &File<'_>, name: &str, entries: &DeTable<'_>, origin: Origin) -> Result<Theme> {
    let mut theme = Theme {
        name: name.to_owned(),
        palette: Palette::colored(),
        entries: Vec::new(),
        origin,
    };
    // The base comes first, wherever it stands.
    let mut members = in_order(entries);
    members.sort_by_key(|(key, _)| key.get_ref() != "base");
    for (key, value) in members {
        let whole = format!("themes.{name}.{}", key.get_ref());
        let wrong =
            |reason: &str, hint: String| file.wrong(&value.span(), &whole, reason, Some(hint));
        let Some(text) = value.get_ref().as_str() else {
            let reason = format!("expected a text in quotes, found {}", kind(value.get_ref()));
            return Err(wrong(&reason, COLOURS.into()));
        };
        if key.get_ref() == "base" {
            theme.palette = Palette::named(text).ok_or_else(|| {
                let reason = format!("no theme of that name is built in: '{text}'");
                wrong(&reason, format!("there are {}", Palette::THEMES.join(", ")))
            })?;
        } else {
            let Some(paint) = theme.palette.of_mut(key.get_ref()) else {
                let known: Vec<_> = ["base"].into_iter().chain(Palette::MEANINGS).collect();
                return Err(file.unknown(key, &whole, &known));
            };
            *paint = anstyle_git::parse(text)
                .map_err(|_| wrong(&format!("no such colour: '{text}'"), COLOURS.into()))?;
        }
        theme
            .entries
            .push((key.get_ref().to_string(), text.to_owned()));
    }
    Ok(theme)
}

/// The words of anstyle-git, which are those of git.
const COLOURS: &str = "colours are as in git: red, 208, #88c0d0, a second one for the background, and \
                       bold, dim, ul, italic, reverse, strike";
