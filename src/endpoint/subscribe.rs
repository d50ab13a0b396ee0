//! `sub+tcp://HOST:PORT?topic=PREFIX` and `sub+ipc://PATH?topic=PREFIX`: ZeroMQ SUB.

use std::fmt;

/// A ZeroMQ SUB socket. [`Display`](fmt::Display) gives the text back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribe {
    /// `tcp://HOST:PORT` or `ipc://PATH`.
    pub address: String,
    /// What topics have to begin with; one that is empty takes all. Never none.
    pub topics: Vec<Vec<u8>>,
    /// True to wait for publishers that connect, false to connect to one.
    pub bind: bool,
    /// The options as they were written.
    options: String,
}

impl Subscribe {
    /// Reads what stands behind `sub+`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let (mut topics, mut bind) = (Vec::new(), None);
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match (name, value) {
                ("topic", value) => topics.push(unescape(value)?),
                ("bind", "" | "yes" | "true" | "1") => bind = Some(true),
                ("bind", "no" | "false" | "0") => bind = Some(false),
                ("bind", _) => return Err(format!("bind is yes or no, not {value}")),
                _ => {
                    return Err(format!(
                        "unknown option {name} (known are topic=PREFIX, bind=yes)"
                    ));
                }
            }
        }
        if topics.is_empty() {
            topics.push(Vec::new());
        }
        let everywhere = address.starts_with("tcp://*:");
        if everywhere && bind == Some(false) {
            return Err("* can be bound only".into());
        }
        Ok(Self {
            address: address.to_owned(),
            topics,
            bind: bind.unwrap_or(everywhere),
            options: options.to_owned(),
        })
    }
}

/// A value of an option whose `%XX` stand for bytes, so that there may be `&` in it.
pub(crate) fn unescape(value: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or("a percent sign is written %25")?);
        rest = &after[2..];
    }
    Ok(bytes)
}

impl fmt::Display for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sub+{}", self.address)?;
        if !self.options.is_empty() {
            write!(f, "?{}", self.options)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_understood() {
        let check = |text: &str, expect: Result<(&str, &[&str], bool), &str>| {
            let parsed = Subscribe::parse(text);
            let expect = expect
                .map_err(str::to_owned)
                .map(|(address, topics, bind)| {
                    let topics = topics.iter().map(|topic| topic.as_bytes().to_vec());
                    (address.to_owned(), topics.collect::<Vec<_>>(), bind)
                });
            let seen = parsed.map(|parsed| {
                assert_eq!(parsed.to_string(), format!("sub+{text}"));
                (parsed.address, parsed.topics, parsed.bind)
            });
            assert_eq!(seen, expect, "{text}");
        };
        check("tcp://h:1", Ok(("tcp://h:1", &[""], false)));
        check("tcp://*:1", Ok(("tcp://*:1", &[""], true)));
        check(
            "tcp://h:1?topic=app.&topic=%26%25",
            Ok(("tcp://h:1", &["app.", "&%"], false)),
        );
        check("ipc://p?bind", Ok(("ipc://p", &[""], true)));
        check("tcp://*:1?bind=no", Err("* can be bound only"));
        check("tcp://h:1?bind=x", Err("bind is yes or no, not x"));
        check("tcp://h:1?topic=%2", Err("a percent sign is written %25"));
        check(
            "tcp://h:1?tpic=a",
            Err("unknown option tpic (known are topic=PREFIX, bind=yes)"),
        );
    }
}
