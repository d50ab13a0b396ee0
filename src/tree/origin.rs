//! Where a record was written: its process as it stands in the record, and nothing copied.

use std::str::Utf8Error;

use crate::record::Process;

/// Service, host and number of the process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin<'a>(pub(super) [Option<&'a [u8]>; 3]);

impl<'a> Origin<'a> {
    /// What the process is called, if all of it is UTF-8.
    pub(super) fn process(self) -> Result<Process<'a>, Utf8Error> {
        let text = |bytes: Option<&'a [u8]>| bytes.map(std::str::from_utf8).transpose();
        let [service, host, number] = self.0;
        let (service, host) = (text(service)?, text(host)?);
        Ok(Process {
            place: service.or(host).map(Into::into),
            host: host.map(Into::into),
            number: text(number)?.map(Into::into),
        })
    }

    /// True if that process has this name, and this host.
    pub(super) fn is(self, name: &str, on: Option<&str>) -> bool {
        let [service, host, number] = self.0;
        let (Some(place), Some(number)) = (service.or(host), number) else {
            return false;
        };
        let rest = name.as_bytes().strip_prefix(place);
        rest.and_then(|rest| rest.strip_prefix(b":")) == Some(number)
            && on.map(str::as_bytes) == host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_process_that_it_names() {
        let check = |parts: [Option<&str>; 3], name: Option<&str>| {
            let origin = Origin(parts.map(|part| part.map(str::as_bytes)));
            let process = origin.process().expect("UTF-8");
            let host = process.host.as_deref().map(str::to_owned);
            let found = process.name();
            assert_eq!(found.as_deref(), name, "{parts:?}");
            let is_whole = name.is_some_and(|name| name.contains(':'));
            let name = name.unwrap_or_default();
            assert_eq!(origin.is(name, host.as_deref()), is_whole, "{parts:?}");
            assert!(!origin.is(name, Some("other")), "{parts:?}");
            assert!(
                !origin.is(&format!("{name}0"), host.as_deref()),
                "{parts:?}"
            );
        };
        check([Some("api"), Some("web-1"), Some("812")], Some("api:812"));
        check([None, Some("web-1"), Some("812")], Some("web-1:812"));
        check([Some("api"), None, Some("812")], Some("api:812"));
        check([Some("api"), Some("web-1"), None], Some("api"));
        check([None, None, Some("812")], Some("812"));
        check([None; 3], None);
        assert!(Origin([Some(b"\xff"), None, None]).process().is_err());
    }
}
