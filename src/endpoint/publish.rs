//! `pub+tcp://HOST:PORT?wait=N&slow=drop` and `pub+ipc://PATH`: ZeroMQ PUB.

use std::fmt;

/// A ZeroMQ PUB socket, which is bound. [`Display`](fmt::Display) gives the text back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishAt {
    /// `tcp://HOST:PORT` or `ipc://PATH`.
    pub address: String,
    /// How many subscribers there have to be before anything is sent.
    pub wait: usize,
    /// True to leave out what a slow subscriber has no room for, false to wait for it.
    pub drops: bool,
    /// The options as they were written.
    options: String,
}

impl PublishAt {
    /// Reads what stands behind `pub+`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (address, options) = text.split_once('?').unwrap_or((text, ""));
        let (mut wait, mut drops) = (0, false);
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=').unwrap_or((option, "")) {
                ("wait", count) => {
                    let wrong = |_| format!("wait is a number of subscribers, not {count}");
                    wait = count.parse().map_err(wrong)?;
                }
                ("slow", "wait") => drops = false,
                ("slow", "drop") => drops = true,
                ("slow", what) => return Err(format!("slow is wait or drop, not {what}")),
                (name, _) => {
                    return Err(format!(
                        "unknown option {name} (known are wait=N, slow=wait|drop)"
                    ));
                }
            }
        }
        Ok(Self {
            address: address.to_owned(),
            wait,
            drops,
            options: options.to_owned(),
        })
    }
}

impl fmt::Display for PublishAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pub+{}", self.address)?;
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
    fn publishers_are_understood() {
        let check = |text: &str, expect: Result<(&str, usize, bool), &str>| {
            let seen = PublishAt::parse(text).map(|parsed| {
                assert_eq!(parsed.to_string(), format!("pub+{text}"));
                (parsed.address, parsed.wait, parsed.drops)
            });
            let expect = expect.map(|(address, wait, drops)| (address.to_owned(), wait, drops));
            assert_eq!(seen, expect.map_err(str::to_owned), "{text}");
        };
        check("tcp://h:1", Ok(("tcp://h:1", 0, false)));
        check("tcp://*:1?wait=2", Ok(("tcp://*:1", 2, false)));
        check("ipc://p?slow=drop&wait=1", Ok(("ipc://p", 1, true)));
        check("tcp://h:1?slow=wait", Ok(("tcp://h:1", 0, false)));
        check(
            "tcp://h:1?wait=x",
            Err("wait is a number of subscribers, not x"),
        );
        check("tcp://h:1?slow=no", Err("slow is wait or drop, not no"));
        check(
            "tcp://h:1?topic=a",
            Err("unknown option topic (known are wait=N, slow=wait|drop)"),
        );
    }
}
