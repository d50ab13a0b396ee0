//! Templates: a line as the user wants it, `{time} {level:5} {message} {.http.status}`.

use std::ops::Range;

use crate::{
    caret::Excerpt,
    expr::Subject,
    record::{Canonical, Field, Reader},
};

/// A template, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Vec<Part<Subject>>);

/// A template that was not understood, with a picture of the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongTemplate(Excerpt);

/// A piece of a line. Raw fields are told by `F`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part<F> {
    Text(String),
    Piece(Piece<F>, Shape),
}

/// What a piece shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<F> {
    Canonical(Canonical),
    /// Seconds since the first record.
    Relative,
    /// The time since the record before, of the same tree.
    Delta,
    /// All fields that the template does not name.
    Fields,
    /// What stands below the line.
    More,
    Raw(F),
}

/// How much room a piece takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) align: Align,
    /// At least so many columns.
    pub(super) least: usize,
    /// At most so many characters.
    pub(super) most: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Align {
    #[default]
    Left,
    Middle,
    Right,
}

/// The widest column; more is a mistake in typing.
const WIDEST: usize = 1_000;

const USUAL: &str = "the form is {NAME}, {NAME:WIDTH} or {NAME:>WIDTH.MOST}; braces are {{ and }}";

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, WrongTemplate> {
        let wrong = |span: Range<usize>, problem: &str, hint: &str| {
            WrongTemplate(Excerpt::new(text, span, problem, Some(hint)))
        };
        let mut parts = Vec::new();
        let mut fixed = String::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let next = text[at + c.len_utf8()..].chars().next();
            match (c, next) {
                ('{', Some('{')) | ('}', Some('}')) => {
                    fixed.push(c);
                    at += 2;
                }
                ('}', _) => return Err(wrong(at..at + 1, "nothing opens this '}'", USUAL)),
                ('{', _) => {
                    let Some(length) = closing(&text[at..]) else {
                        return Err(wrong(at..at + 1, "this '{' is never closed", USUAL));
                    };
                    if !fixed.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut fixed)));
                    }
                    let inner = at + 1..at + length;
                    parts.push(
                        piece(text, inner)
                            .map_err(|(span, problem, hint)| wrong(span, &problem, &hint))?,
                    );
                    at += length + 1;
                }
                (c, _) if c.is_control() => {
                    let span = at..at + c.len_utf8();
                    let hint = "a template is one line; {more} shows what stands below it";
                    return Err(wrong(span, "a control character", hint));
                }
                (c, _) => {
                    fixed.push(c);
                    at += c.len_utf8();
                }
            }
        }
        if !fixed.is_empty() {
            parts.push(Part::Text(fixed));
        }
        if !parts.iter().any(|part| matches!(part, Part::Piece(..))) {
            let hint = "try '{time} {level} {message}'";
            return Err(wrong(0..text.len(), "no field is in this template", hint));
        }
        Ok(Self(parts))
    }

    /// True if a line depends on those before it.
    pub fn is_relative(&self) -> bool {
        let relative =
            |part: &Part<Subject>| matches!(part, Part::Piece(Piece::Relative | Piece::Delta, _));
        self.0.iter().any(relative)
    }

    /// True if what stands below the line has its place.
    pub(super) fn has_more(&self) -> bool {
        let more = |part: &Part<Subject>| matches!(part, Part::Piece(Piece::More, _));
        self.0.iter().any(more)
    }

    /// The parts, for records that `reader` reads.
    pub(super) fn compile(&self, reader: &mut Reader) -> Vec<Part<Field>> {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => Part::Text(text.clone()),
            Part::Piece(piece, shape) => Part::Piece(compile(piece, reader), *shape),
        });
        parts.collect()
    }
}

fn compile(piece: &Piece<Subject>, reader: &mut Reader) -> Piece<Field> {
    match piece {
        Piece::Raw(Subject::Raw(path)) => Piece::Raw(reader.raw(path)),
        Piece::Raw(Subject::Canonical(canonical)) | Piece::Canonical(canonical) => {
            reader.canonical(*canonical);
            Piece::Canonical(*canonical)
        }
        Piece::Relative => Piece::Relative,
        Piece::Delta => Piece::Delta,
        Piece::Fields => Piece::Fields,
        Piece::More => Piece::More,
    }
}

/// Where the brace that `text` begins with is closed; braces in quotes do not count.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '}' && !quoted).then_some(at)
    })
}

type Refusal = (Range<usize>, String, String);

/// Reads what stands between braces.
fn piece(text: &str, inner: Range<usize>) -> Result<Part<Subject>, Refusal> {
    let part = &text[inner.clone()];
    // A colon in quotes belongs to a key.
    let colon = match part.rfind('"') {
        Some(quote) => part[quote..].find(':').map(|at| quote + at),
        None => part.find(':'),
    };
    let (name, spec) = match colon {
        Some(at) => (&part[..at], Some((inner.start + at + 1, &part[at + 1..]))),
        None => (part, None),
    };
    let piece = match name.trim() {
        "" => {
            let span = inner.start - 1..inner.end + 1;
            return Err((span, "a field has no name".into(), USUAL.into()));
        }
        "relative" => Piece::Relative,
        "delta" => Piece::Delta,
        "fields" => Piece::Fields,
        "more" => Piece::More,
        name => match Subject::parse(name) {
            Ok(Subject::Canonical(canonical)) => Piece::Canonical(canonical),
            Ok(raw) => Piece::Raw(raw),
            Err(_) => {
                let span = inner.start..inner.start + part.find(':').unwrap_or(part.len());
                let hint = "names are as in dl-expr(7): time, level, message, .http.status; \
                            or relative, delta, fields, more";
                return Err((span, format!("no field is called '{name}'"), hint.into()));
            }
        },
    };
    let shape = match spec {
        Some((at, spec)) => shape(spec)
            .ok_or_else(|| (at..inner.end, "no such width".to_owned(), USUAL.to_owned()))?,
        None => Shape::default(),
    };
    Ok(Part::Piece(piece, shape))
}

/// Reads `8`, `>8`, `.20` or `^8.20`.
fn shape(spec: &str) -> Option<Shape> {
    let (align, rest) = match spec.chars().next() {
        Some('<') => (Align::Left, &spec[1..]),
        Some('^') => (Align::Middle, &spec[1..]),
        Some('>') => (Align::Right, &spec[1..]),
        _ => (Align::Left, spec),
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|&n: &usize| digits && n <= WIDEST)
    };
    let (least, most) = match rest.split_once('.') {
        None => (number(rest)?, None),
        Some(("", most)) => (0, Some(number(most)?)),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some(Shape { align, least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_shown_at_its_place() {
        let check = |text: &str, expect: &str| {
            let wrong = Template::parse(text).expect_err(text).to_string();
            assert_eq!(wrong, expect, "{text}");
        };
        check(
            "{time} {level",
            &format!(
                "column 8: this '{{' is never closed\n    {{time}} {{level\n           ^ {USUAL}"
            ),
        );
        check(
            "a}",
            &format!("column 2: nothing opens this '}}'\n    a}}\n     ^ {USUAL}"),
        );
        check(
            "{}",
            &format!("column 1: a field has no name\n    {{}}\n    ^^ {USUAL}"),
        );
        check(
            "{level:wide}",
            &format!("column 8: no such width\n    {{level:wide}}\n           ^^^^ {USUAL}"),
        );
        check(
            "{level:9999}",
            &format!("column 8: no such width\n    {{level:9999}}\n           ^^^^ {USUAL}"),
        );
        check(
            "é {mesage}",
            "column 4: no field is called 'mesage'\n    é {mesage}\n       ^^^^^^ names are as in dl-expr(7): time, level, message, .http.status; or relative, delta, fields, more",
        );
        check(
            "plain",
            "column 1: no field is in this template\n    plain\n    ^^^^^ try '{time} {level} {message}'",
        );
        check(
            "{level}\n",
            "column 8: a control character\n    {level}\n           ^ a template is one line; {more} shows what stands below it",
        );
    }

    #[test]
    fn braces_and_quotes() {
        let parts = |text: &str| Template::parse(text).expect(text).0;
        assert_eq!(
            parts("{{{level:>7.3}}}"),
            [
                Part::Text("{".into()),
                Part::Piece(
                    Piece::Canonical(Canonical::Level),
                    Shape {
                        align: Align::Right,
                        least: 7,
                        most: Some(3)
                    }
                ),
                Part::Text("}".into()),
            ]
        );
        assert_eq!(parts(r#"{."odd}:key":^4}"#).len(), 1);
        assert_eq!(parts("{.a.b[0]}{user}").len(), 2);
        assert!(Template::parse("{delta}").expect("one").is_relative());
    }
}
