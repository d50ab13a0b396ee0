//! Rows as a table, as CSV, as Markdown, as JSON.

use std::{borrow::Cow, fmt};

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, presets,
};
use serde_json::Value;

use super::style::Style;

/// Columns of the terminal from which short columns keep their width.
const ROOMY: usize = 90;

/// The longest word that is cut by the crate, whose time goes with the square of it.
const LONGEST_WORD: usize = 2_000;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Columns that line up.
    Table,
    /// RFC 4180, with a line of heads.
    Csv,
    /// The same with tabs.
    Tsv,
    /// A table of Markdown.
    Markdown,
    /// An object a line.
    Json,
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// For who looks at it; it holds nothing that a terminal would obey.
    pub(super) text: String,
    /// For who reads it by a program.
    pub(super) value: Datum,
}

/// A value as programs read it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    /// One that was made.
    Made(Value),
    /// One that stands in a record.
    Read {
        /// As JSON, in which numbers are spelt as they were.
        json: String,
        /// As text: a string decoded, all else as JSON.
        text: String,
    },
}

impl Datum {
    /// True for a number.
    pub(super) fn is_number(&self) -> bool {
        match self {
            Self::Made(value) => value.is_number(),
            Self::Read { json, .. } => json.starts_with(|c: char| c == '-' || c.is_ascii_digit()),
        }
    }

    /// As text, as a program reads it from a column: nothing for a null.
    fn plain(&self) -> String {
        match self {
            Self::Made(value) => plain(value),
            Self::Read { text, .. } => text.clone(),
        }
    }
}

impl<T: Into<Value>> From<T> for Datum {
    fn from(value: T) -> Self {
        Self::Made(value.into())
    }
}

impl fmt::Display for Datum {
    /// Writes JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(value) => value.fmt(f),
            Self::Read { json, .. } => f.write_str(json),
        }
    }
}

/// Writes rows that have the same columns.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) format: Format,
    pub(super) head: Vec<String>,
    /// The columns whose texts stand at the right.
    pub(super) right: Vec<usize>,
    /// How many columns at the end may hold long texts.
    pub(super) texts: usize,
    /// True once the heads have been written, where they are written once.
    pub(super) begun: bool,
}

impl Grid {
    /// Appends rows. A table has its heads each time, all else once.
    pub(super) fn write(&mut self, rows: &[Vec<Entry>], style: &Style, out: &mut Vec<u8>) {
        let begun = std::mem::replace(&mut self.begun, true);
        match self.format {
            Format::Table => out.extend_from_slice(self.table(rows, style).as_bytes()),
            Format::Csv => self.separated(b',', begun, rows, out),
            Format::Tsv => self.separated(b'\t', begun, rows, out),
            Format::Markdown => self.markdown(begun, rows, out),
            Format::Json => self.json(rows, out),
        }
    }

    fn table(&self, rows: &[Vec<Entry>], style: &Style) -> String {
        let mut grid = Table::new();
        let preset = if style.ascii {
            presets::ASCII_MARKDOWN
        } else {
            presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())
        };
        grid.load_style(preset)
            .set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(u16::try_from(style.width).unwrap_or(u16::MAX))
            .set_header(&self.head);
        for row in rows {
            let cells = row.iter().enumerate().map(|(column, entry)| {
                let cell = Cell::new(in_pieces(&entry.text));
                if self.right.contains(&column) {
                    cell.set_alignment(CellAlignment::Right)
                } else {
                    cell
                }
            });
            grid.add_row(cells);
        }
        // Where there is room, only the last columns are texts that may take several lines.
        if style.width >= ROOMY {
            let short = self.head.len().saturating_sub(self.texts);
            for column in grid.column_iter_mut().take(short) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        format!("{grid}\n")
    }

    fn separated(&self, by: u8, begun: bool, rows: &[Vec<Entry>], out: &mut Vec<u8>) {
        let mut writer = csv::WriterBuilder::new().delimiter(by).from_writer(out);
        let head = (!begun).then(|| self.head.clone());
        let rows = rows
            .iter()
            .map(|row| row.iter().map(|entry| entry.value.plain()).collect());
        for row in head
            .into_iter()
            .chain::<Box<dyn Iterator<Item = Vec<String>>>>(Box::new(rows))
        {
            // Writing into memory does not fail, and all rows are of one length.
            let _ = writer.write_record(row);
        }
        let _ = writer.flush();
    }

    fn markdown(&self, begun: bool, rows: &[Vec<Entry>], out: &mut Vec<u8>) {
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            for cell in cells {
                out.extend_from_slice(b"| ");
                out.extend_from_slice(cell.as_bytes());
                out.push(b' ');
            }
            out.extend_from_slice(b"|\n");
        };
        if !begun {
            line(&mut self.head.iter().map(|head| escaped(head)));
            let columns = 0..self.head.len();
            line(&mut columns.map(|at| {
                if self.right.contains(&at) {
                    "--:"
                } else {
                    ":--"
                }
                .to_owned()
            }));
        }
        for row in rows {
            line(&mut row.iter().map(|entry| escaped(&entry.text)));
        }
    }

    fn json(&self, rows: &[Vec<Entry>], out: &mut Vec<u8>) {
        for row in rows {
            // By hand, because the members have the order of the columns.
            for (at, (head, entry)) in self.head.iter().zip(row).enumerate() {
                out.push(if at == 0 { b'{' } else { b',' });
                let member = format!("{}:{}", Value::from(head.as_str()), entry.value);
                out.extend_from_slice(member.as_bytes());
            }
            out.extend_from_slice(b"}\n");
        }
    }
}

/// A text with a new line within words that are too long, such as an image in a message. Words end
/// where the crate parts them: at no other blank than the plain one.
fn in_pieces(text: &str) -> Cow<'_, str> {
    let ends_word = |letter: char| matches!(letter, ' ' | '\n');
    let mut words = text.split(ends_word);
    if words.all(|word| word.len() <= LONGEST_WORD) {
        return text.into();
    }
    let mut pieces = String::with_capacity(text.len() + text.len() / LONGEST_WORD);
    let mut length = 0;
    for letter in text.chars() {
        if ends_word(letter) {
            length = 0;
        } else {
            if length == LONGEST_WORD {
                pieces.push('\n');
                length = 0;
            }
            length += 1;
        }
        pieces.push(letter);
    }
    pieces.into()
}

/// A value that was made as text.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(plain).collect();
            values.join(" ")
        }
        other => other.to_string(),
    }
}

/// A text that no cell of Markdown ends at, and that is no markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_are_too_long_are_cut() {
        let word = |length| "é".repeat(length);
        for text in [
            "",
            "a b\tc\nd",
            &word(1_000),
            &format!("{} ", word(900)).repeat(9),
        ] {
            assert_eq!(in_pieces(text), text);
        }
        let long = format!("so {} it is", word(4_500));
        let pieces = in_pieces(&long);
        assert_eq!(pieces.replace('\n', ""), long);
        let words: Vec<_> = pieces
            .split_whitespace()
            .map(|word| word.chars().count())
            .collect();
        assert_eq!(words, [2, 2_000, 2_000, 500, 2, 2]);
        let unparted = "a\u{A0}".repeat(1_500);
        let lengths = in_pieces(&unparted);
        let lengths: Vec<_> = lengths.lines().map(|line| line.chars().count()).collect();
        assert_eq!(lengths, [2_000, 1_000]);
    }
}
