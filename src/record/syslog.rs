//! The numbers of syslog (RFC 5424, section 6.2.1), which decoders and writers share.

use super::Level;

/// The facilities, by their numbers.
pub const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

impl Level {
    /// The severity of syslog, which is the greater the less there is to worry.
    pub fn severity(self) -> u8 {
        match self.0 {
            0..=8 => 7,
            9 => 6,
            10..=12 => 5,
            13..=16 => 4,
            17 => 3,
            18 => 2,
            19..=20 => 1,
            _ => 0,
        }
    }
}
