//! Lists of fields, as a user writes them behind a flag: `logger, .http.status`.

use super::field::Subject;

/// A name that was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Misnamed {
    /// What was not understood.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl Subject {
    /// Reads a list of fields with commas between them; each comes with the name that was written.
    ///
    /// ```
    /// use distlog::expr::Subject;
    ///
    /// let fields = Subject::list(r#"level, ."a,b""#).expect("two fields");
    /// assert_eq!(fields[1].0, r#"."a,b""#);
    /// ```
    ///
    /// # Errors
    /// Says which of them is no field.
    pub fn list(list: &str) -> Result<Vec<(String, Self)>, Misnamed> {
        let named = |name: &str| Ok((name.to_owned(), Self::listed(name)?));
        list_parts(list).map(named).collect()
    }

    /// Reads a field that stands in a list.
    ///
    /// # Errors
    /// Says that it is none.
    pub fn listed(name: &str) -> Result<Self, Misnamed> {
        Self::parse(name.trim()).map_err(|error| Misnamed {
            reason: format!("no field: '{}'", name.trim()),
            hint: error.hint().map_or_else(
                || "write a name such as logger, or a path such as .http.status".to_owned(),
                str::to_owned,
            ),
        })
    }
}

/// The parts of a list without the blanks around them; a comma within quotes or brackets does not
/// count, and between two commas may be nothing.
pub fn list_parts(list: &str) -> impl Iterator<Item = &str> {
    let (mut quote, mut depth) = (None, 0_usize);
    let parts = list.split(move |letter: char| {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') => return depth == 0,
            _ => {}
        }
        false
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}
