//! Themes: a colour for each meaning.

use anstyle::{Ansi256Color, AnsiColor, Color, Style as Paint};

use crate::{record::Level, tree::Status};

/// A colour for each meaning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Palette {
    /// What is there but should not catch the eye.
    pub dim: Paint,
    /// What should.
    pub strong: Paint,
    /// Names of fields.
    pub key: Paint,
    /// Names of loggers and processes.
    pub name: Paint,
    /// Success.
    pub good: Paint,
    /// Warnings, and what is not finished.
    pub caution: Paint,
    /// Errors and failures.
    pub bad: Paint,
    /// Where the time went.
    pub slow: Paint,
    /// What the user has asked to be made out.
    pub mark: Paint,
}

impl Palette {
    /// The names of themes that [`Palette::named`] knows.
    pub const THEMES: [&str; 4] = ["dark", "light", "colour-blind", "none"];

    /// The names of the meanings, as themes of users have them.
    pub const MEANINGS: [&str; 9] = [
        "dim", "strong", "key", "name", "good", "caution", "bad", "slow", "mark",
    ];

    /// Colours for a dark background.
    pub fn colored() -> Self {
        Self::dark()
    }

    /// The theme of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dark" => Self::dark(),
            "light" => Self::light(),
            "colour-blind" | "color-blind" => Self::colour_blind(),
            "none" => Self::uncoloured(),
            _ => return None,
        })
    }

    /// The paint of a meaning, by its name.
    pub fn of_mut(&mut self, meaning: &str) -> Option<&mut Paint> {
        Some(match meaning {
            "dim" => &mut self.dim,
            "strong" => &mut self.strong,
            "key" => &mut self.key,
            "name" => &mut self.name,
            "good" => &mut self.good,
            "caution" => &mut self.caution,
            "bad" => &mut self.bad,
            "slow" => &mut self.slow,
            "mark" => &mut self.mark,
            _ => return None,
        })
    }

    /// Colours from the terminal's own sixteen, which the user has made readable.
    fn dark() -> Self {
        Self {
            dim: Paint::new().dimmed(),
            strong: Paint::new().bold(),
            key: ansi(AnsiColor::Cyan),
            name: ansi(AnsiColor::Blue),
            good: ansi(AnsiColor::Green),
            caution: ansi(AnsiColor::Yellow),
            bad: ansi(AnsiColor::Red).bold(),
            slow: ansi(AnsiColor::Yellow).bold(),
            mark: ansi(AnsiColor::Black).bg_color(Some(AnsiColor::Yellow.into())),
        }
    }

    /// Colours that can be read on white, where a terminal's yellow, green and cyan cannot, and
    /// what is dimmed is lost on many.
    fn light() -> Self {
        Self {
            dim: fixed(243),
            strong: Paint::new().bold(),
            key: fixed(30),
            name: fixed(25),
            good: fixed(28),
            caution: fixed(130),
            bad: fixed(160).bold(),
            slow: fixed(130).bold(),
            mark: fixed(16).bg_color(Some(Ansi256Color(222).into())),
        }
    }

    /// Blue, orange and vermilion, which nobody takes for each other (Okabe and Ito, 2008), and
    /// what is bad is underlined besides.
    fn colour_blind() -> Self {
        Self {
            dim: Paint::new().dimmed(),
            strong: Paint::new().bold(),
            key: fixed(117),
            name: fixed(175),
            good: fixed(74),
            caution: fixed(214),
            bad: fixed(202).bold().underline(),
            slow: fixed(227).bold(),
            mark: fixed(16).bg_color(Some(Ansi256Color(117).into())),
        }
    }

    /// Bold, faint, underlined and reversed, and no colour.
    fn uncoloured() -> Self {
        let plain = Paint::new();
        Self {
            dim: plain.dimmed(),
            strong: plain.bold(),
            key: plain,
            name: plain,
            good: plain,
            caution: plain.bold(),
            bad: plain.bold().underline(),
            slow: plain.bold(),
            mark: plain.invert(),
        }
    }

    /// The colour of a level.
    pub fn level(&self, level: Option<Level>) -> Paint {
        match level {
            Some(level) if level >= Level::ERROR => self.bad,
            Some(level) if level >= Level::WARNING => self.caution,
            Some(level) if level >= Level::INFO => self.good,
            _ => self.dim,
        }
    }

    /// The colour of a status.
    pub fn status(&self, status: Status) -> Paint {
        match status {
            Status::Succeeded => self.good,
            Status::Failed => self.bad,
            Status::Running => self.caution,
            Status::Unknown => self.dim,
        }
    }
}

fn ansi(color: AnsiColor) -> Paint {
    Paint::new().fg_color(Some(color.into()))
}

/// One of the 256 colours that are the same on each terminal.
fn fixed(number: u8) -> Paint {
    Paint::new().fg_color(Some(Color::Ansi256(number.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn themes_are_known_by_their_names_and_differ() {
        let themes: Vec<_> = Palette::THEMES
            .iter()
            .map(|name| Palette::named(name).expect("a theme"))
            .collect();
        for (at, theme) in themes.iter().enumerate() {
            assert!(!themes[..at].contains(theme), "{}", Palette::THEMES[at]);
        }
        assert_eq!(Palette::named("color-blind"), Some(Palette::colour_blind()));
        assert_eq!(Palette::named("dusk"), None);
        let mut palette = Palette::default();
        for meaning in Palette::MEANINGS {
            *palette.of_mut(meaning).expect("a meaning") = Paint::new().bold();
        }
        assert!(palette.of_mut("ugly").is_none());
        assert_eq!(palette.slow, palette.mark);
    }
}
