//! The clocks of the processes: none is quite right, and none is read twice.

use chrono::DateTime;

use crate::catalogue::Service;
use crate::json::Line;

/// The first second of the corpus, 2026-11-20T12:00:00Z.
pub(crate) const FIRST_SECOND: u64 = 1_795_176_000;
const SECOND: u64 = 1_000_000_000;

/// A time that a process read from its clock.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    seconds: u32,
    nanoseconds: u32,
}

/// What the clock of `service` shows at the true time `at`, in nanoseconds since 1970.
pub(crate) fn read(service: &Service, at: u64) -> Reading {
    let gained = (at - FIRST_SECOND * SECOND) / 1_000_000 * service.gain_ppm;
    let shown = at + service.ahead_ns + gained;
    let seconds = u32::try_from(shown / SECOND).expect("the corpus ends before the year 2106");
    Reading {
        seconds,
        nanoseconds: (shown % SECOND) as u32,
    }
}

impl Reading {
    /// Seconds since 1970, as Python's `time.time()` has them.
    pub(crate) fn seconds(self) -> f64 {
        f64::from(self.seconds) + f64::from(self.nanoseconds) / 1e9
    }

    pub(crate) fn milliseconds(self) -> u32 {
        self.nanoseconds / 1_000_000
    }

    pub(crate) fn microseconds(self) -> u32 {
        self.nanoseconds / 1_000
    }
}

/// Writes dates; remembers the last second, since the next record is nearly always in it.
pub(crate) struct Calendar {
    format: &'static str,
    second: u32,
    text: String,
}

impl Calendar {
    /// For dates in the form of `format`, up to the second.
    pub(crate) fn new(format: &'static str) -> Self {
        Self {
            format,
            second: 0,
            text: String::new(),
        }
    }

    pub(crate) fn write(&mut self, line: &mut Line, time: Reading) {
        if time.seconds != self.second {
            let date = DateTime::from_timestamp(i64::from(time.seconds), 0).unwrap_or_default();
            self.text = date.format(self.format).to_string();
            self.second = time.seconds;
        }
        line.raw(&self.text);
    }
}
