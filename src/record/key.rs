//! distlog's correlation key: `SEQ@ID`, where ID is a UUID and child numbers with `/` between.

/// The parts of a `context.key` (REFERENCE.md §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextKey<'a> {
    /// Counts the records of the scope, from 0.
    pub seq: u64,
    /// The scope: the id after the `@`.
    pub scope: &'a str,
}

impl<'a> ContextKey<'a> {
    /// Splits a key at its first `@`.
    pub fn parse(key: &'a str) -> Option<Self> {
        let (seq, scope) = key.split_once('@')?;
        Some(Self {
            seq: seq.parse().ok()?,
            scope,
        })
    }

    /// The request: the first part of the scope's id, unless it is one of the texts that the
    /// original package writes where it has no id (`None`, `<built-in function id>`).
    pub fn tree(self) -> Option<&'a str> {
        let first = self.scope.split('/').next()?;
        (!first.is_empty() && first != "None" && !first.starts_with('<')).then_some(first)
    }

    /// The scope above, if there is one.
    pub fn parent(self) -> Option<&'a str> {
        self.scope.rsplit_once('/').map(|(parent, _)| parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_original_package() {
        let check = |key: &str, expect: Option<(u64, Option<&str>, Option<&str>)>| {
            let parts = ContextKey::parse(key).map(|key| (key.seq, key.tree(), key.parent()));
            assert_eq!(parts, expect, "{key}");
        };
        check("0@4010a3b7", Some((0, Some("4010a3b7"), None)));
        check(
            "3@4010a3b7/1/2",
            Some((3, Some("4010a3b7"), Some("4010a3b7/1"))),
        );
        check("0@None/4", Some((0, None, Some("None"))));
        check("1@<built-in function id>", Some((1, None, None)));
        check("mine", None);
        check("x@y", None);
    }
}
