//! Graylog's GELF: a JSON object, plain or compressed (REFERENCE.md §8). It is passed on byte
//! for byte, save that line ends between its tokens become blanks.

use super::{
    format::{Decode, Take},
    frames::one_line,
    inflate::{Bounds, Coding, inflate},
};

/// Makes records of GELF messages.
pub struct Gelf {
    bounds: Bounds,
    plain: Vec<u8>,
    line: Vec<u8>,
}

impl Gelf {
    /// Within these bounds on what is compressed.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            plain: Vec::new(),
            line: Vec::new(),
        }
    }
}

impl Decode for Gelf {
    fn line(&mut self, message: &[u8], take: &mut dyn Take) {
        let text = match Coding::of(message) {
            None => message,
            Some(coding) => match inflate(coding, message, self.bounds, &mut self.plain) {
                Ok(()) => &self.plain,
                Err(error) => return take.reject(message, &error.to_string()),
            },
        };
        let text = text.trim_ascii();
        if memchr::memchr(b'\n', text).is_none() {
            return take.record(text);
        }
        self.line.clear();
        one_line(text, &mut self.line);
        take.record(&self.line);
    }
}
