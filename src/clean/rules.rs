//! What to redact, as text: `password,*token*,.http.headers.cookie,card,/[0-9]{8}/`.

use super::{
    Wrong,
    credential::AWS_NAMES,
    field,
    pattern::{NAMES, Pattern},
};
use crate::record::Path;

/// The rules of a redactor.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// Names of keys, with wildcards.
    pub(super) names: Vec<String>,
    pub(super) paths: Vec<Path>,
    pub(super) patterns: Vec<Pattern>,
}

const FORMS: &str = "write a key, a path such as .http.headers.cookie, a /REGEX/, or one of card, \
                     email, ipv4, ipv6, iban, jwt, bearer, aws-key";

impl Rules {
    /// Reads texts, each a list that commas part. A comma in double quotes, or in a regular
    /// expression, belongs to it.
    pub(super) fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, Wrong> {
        let mut rules = Self::default();
        for text in texts {
            let mut rest = text.as_ref().trim_start();
            loop {
                let end = end_of_item(rest)?;
                rules.add(rest[..end].trim())?;
                match rest.get(end + 1..) {
                    None => break,
                    Some(more) => rest = more.trim_start(),
                }
            }
        }
        Ok(rules)
    }

    fn add(&mut self, item: &str) -> Result<(), Wrong> {
        if item.is_empty() {
            return Err(Wrong::new("nothing to redact", FORMS));
        }
        if let Some(regex) = item.strip_prefix('/') {
            let regex = regex.strip_suffix('/').unwrap_or(regex);
            self.patterns.push(Pattern::regex(regex)?);
        } else if item.starts_with('.') {
            self.paths.push(field::path(item)?);
        } else if let Some(name) = item.strip_prefix("key:") {
            if name.trim().is_empty() {
                return Err(Wrong::new("key: there is no name", "write key:NAME"));
            }
            self.names.push(name.to_owned());
        } else if let Some(name) = item.strip_prefix("pattern:") {
            let pattern = Pattern::named(name).ok_or_else(|| {
                let known = NAMES.join(", ");
                Wrong::new(
                    format!("no pattern '{name}' (known are {known})"),
                    "a pattern of your own is written /REGEX/",
                )
            })?;
            self.pattern(name, pattern);
        } else {
            if let Some(pattern) = Pattern::named(item) {
                self.pattern(item, pattern);
            }
            self.names.push(item.to_owned());
            // A dotted name is a path to whoever writes expressions.
            if item.contains('.') {
                self.paths.extend(field::path(item));
            }
        }
        Ok(())
    }

    /// Adds a pattern, and the names of keys without which it would miss what it is for.
    fn pattern(&mut self, name: &str, pattern: Pattern) {
        self.patterns.push(pattern);
        if name == "aws-key" {
            self.names
                .extend(AWS_NAMES.iter().map(|name| (*name).to_owned()));
        }
    }
}

/// Where the first item of a list ends.
fn end_of_item(text: &str) -> Result<usize, Wrong> {
    if text.starts_with('/') {
        return end_of_regex(text).ok_or_else(|| {
            if has_flags(text) {
                return Wrong::new(
                    format!("{text}: there are no flags behind the slash"),
                    "write flags in front: /(?i)REGEX/",
                );
            }
            Wrong::new(
                format!("{text}: the slash at the end is missing"),
                "a pattern is written /REGEX/; a slash in it is written \\/",
            )
        });
    }
    let mut quoted = false;
    let mut escaped = false;
    let comma = text.find(|c| {
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        c == ',' && !quoted
    });
    Ok(comma.unwrap_or(text.len()))
}

/// Where an item ends that begins with a slash: behind the first slash that has a comma or
/// nothing after it and no backslash before it.
fn end_of_regex(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        let rest = text[at + c.len_utf8()..].trim_start();
        if c == '/' && !escaped && (rest.is_empty() || rest.starts_with(',')) {
            return Some(text.len() - rest.len());
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// True for what is written as in other languages, such as `/a/i`.
fn has_flags(text: &str) -> bool {
    let flags = text[1..].split_once('/').map(|(_, flags)| flags.trim());
    flags.is_some_and(|flags| {
        flags.len() <= 4 && flags.bytes().all(|flag| b"gimsux".contains(&flag))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_names_paths_and_patterns() {
        let check = |text: &str, expect: &str| {
            let shown = match Rules::parse(&[text]) {
                Err(wrong) => wrong.to_string(),
                Ok(rules) => {
                    let patterns = rules.patterns.iter().map(|pattern| match pattern {
                        Pattern::Regex(regex) => format!("/{}/", regex.as_str()),
                        named => format!("{named:?}"),
                    });
                    let paths = rules.paths.iter().map(ToString::to_string);
                    let names = rules.names.iter().cloned();
                    names
                        .chain(paths)
                        .chain(patterns)
                        .collect::<Vec<_>>()
                        .join(" ")
                }
            };
            assert_eq!(shown, expect, "{text}");
        };
        check("password", "password");
        check("password, *token* ,.a.b", "password *token* .a.b");
        check("card", "card Card");
        check("key:card,pattern:iban", "card Iban");
        check(r"/a,b/,c", "c /a,b/");
        check(r"/a\/,b/ , /c/", r"/a\/,b/ /c/");
        check("/usr/bin/", "/usr/bin/");
        check(r#"."a,b".c,d"#, r#"d ."a,b".c"#);
        check("http.cookie", "http.cookie .http.cookie");
        check("", "nothing to redact");
        check("a,,b", "nothing to redact");
        check("a,", "nothing to redact");
        check("/a", "/a: the slash at the end is missing");
        check("/a/i", "/a/i: there are no flags behind the slash");
        check("key:", "key: there is no name");
        check("a,key: ,b", "key: there is no name");
        check("/(/", "/(/: unclosed group");
        check(".a..b", "no field: '.a..b'");
        check(
            "pattern:visa",
            "no pattern 'visa' (known are card, email, ipv4, ipv6, iban, jwt, bearer, aws-key)",
        );
    }
}
