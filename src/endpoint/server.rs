//! `HOST:PORT`, as all endpoints of the network have it.
//!
//! Who listens and who connects agree on how a host is written and where the port begins; what a
//! missing host or port stands for is theirs.

use std::net::Ipv6Addr;

/// A host as it was written, and the port behind it, which nobody has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written<'t> {
    /// A name, an address, or nothing; one of IPv6 without its brackets.
    pub(super) host: &'t str,
    /// Whether there were brackets.
    pub(super) bracketed: bool,
    /// What stands behind the last colon, if that is none of an address.
    pub(super) port: Option<&'t str>,
}

impl<'t> Written<'t> {
    /// Reads `HOST` and `HOST:PORT`; the port is for the example in a message.
    pub(super) fn read(text: &'t str, usual: u16) -> Result<Self, String> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let bracketed = inner.is_some();
        let host = inner.unwrap_or(host);
        if !bracketed && host.contains([':', '[', ']']) {
            let words = "an IPv6 address needs brackets, such as";
            return Err(format!("{words} [::1]:{usual}"));
        }
        // Behind the percent sign is the interface that an address of a link is reached by.
        let (address, _) = host.split_once('%').unwrap_or((host, ""));
        if bracketed && address.parse::<Ipv6Addr>().is_err() {
            return Err(format!(
                "'{host}' is no IPv6 address, which is what stands in brackets"
            ));
        }
        Ok(Self {
            host,
            bracketed,
            port,
        })
    }
}

/// The server that is connected to at `HOST:PORT` or `HOST`, where it has the usual port; `form` is
/// how the endpoint is written. What is given back has the brackets of IPv6, as URLs have them.
pub(super) fn host_and_port(text: &str, usual: u16, form: &str) -> Result<(String, u16), String> {
    let Written {
        host,
        bracketed,
        port,
    } = Written::read(text, usual)?;
    let is_of_names = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.is_empty() || !bracketed && !host.chars().all(is_of_names) {
        return Err(format!("connecting needs a host: {form}"));
    }
    if host.contains('%') {
        return Err(format!(
            "'{host}' names an interface behind %, which does not work here"
        ));
    }
    let port = port.map_or(Ok(usual), str::parse);
    let port = port.ok().filter(|port| *port > 0);
    let port = port.ok_or("the port is not a number from 1 to 65535")?;
    let host = if bracketed {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_with_and_without_a_port() {
        let check = |text: &str, expect: Result<(&str, u16), &str>| {
            let read = host_and_port(text, 9, "x://HOST:PORT");
            let read = read.as_ref().map(|(host, port)| (host.as_str(), *port));
            assert_eq!(read.map_err(String::as_str), expect, "{text}");
        };
        check("h", Ok(("h", 9)));
        check("db-1.example_x:80", Ok(("db-1.example_x", 80)));
        check("127.0.0.1:65535", Ok(("127.0.0.1", 65_535)));
        check("[::1]", Ok(("[::1]", 9)));
        check("[::1]:80", Ok(("[::1]", 80)));
        check("[::ffff:10.0.0.1]:80", Ok(("[::ffff:10.0.0.1]", 80)));
        for none in ["", ":80", "*", "*:80", "a b", "a#b:80", "a,b"] {
            check(none, Err("connecting needs a host: x://HOST:PORT"));
        }
        for bare in [
            "::1", "::1:80", "fe80::1]", "[::1", "[::1:80", "h]:80", "[h",
        ] {
            let words = "an IPv6 address needs brackets, such as [::1]:9";
            check(bare, Err(words));
        }
        for (text, host) in [("[]:80", ""), ("[h]", "h"), ("[127.0.0.1]:80", "127.0.0.1")] {
            let words = format!("'{host}' is no IPv6 address, which is what stands in brackets");
            check(text, Err(&words));
        }
        check(
            "[fe80::1%eth0]:80",
            Err("'fe80::1%eth0' names an interface behind %, which does not work here"),
        );
        for port in ["h:", "h:0", "h:65536", "h:x", "[::1]:", "[::1]:*"] {
            check(port, Err("the port is not a number from 1 to 65535"));
        }
    }
}
