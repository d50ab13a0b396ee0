//! Tells for each line which format it is in.
//!
//! A line goes to the first format that it has the look of, in the order of `forms`; while a
//! document or an entry is not complete, lines go on to its format. What looks like nothing is
//! read as logfmt, which takes least for granted.

use super::{
    access,
    below::is_indented,
    compose, cri, docker,
    format::{By, Decode, Format, Looks, Settings, Take, is_bare_date, servers},
    journald, json, logfmt, stamped, syslog,
};
use crate::record::without_mark;

pub(super) const FORMAT: Format = Format {
    name: "auto",
    summary: "each line in the format that it looks like",
    joins: true,
    wraps: false,
    by: By::Decoder(|settings| Box::new(Auto::new(settings))),
};

/// What lines may be.
struct Form {
    format: &'static Format,
    looks: Looks,
    /// True if what has the look may begin as `is_bare_date` tells.
    bare_dates: bool,
    /// True if the later lines of a record have the look too, and not only the first.
    every_line: bool,
    /// True if lines below a record are told from what begins another only by how that looks: a traceback goes on in
    /// such text, and lines of it that have no blank in front may be others'.
    is_text: bool,
    /// True for a line that looks like nothing, behind one of the format, if it is of that too.
    goes_on: fn(&[u8]) -> bool,
}

/// A form of which nothing goes on but what looks like it.
const fn form(format: &'static Format, looks: Looks) -> Form {
    Form {
        format,
        looks,
        bare_dates: false,
        every_line: false,
        is_text: false,
        goes_on: |_| false,
    }
}

/// In this order: what is looked for first is what nothing else looks like, and text is the last.
fn forms() -> Vec<Form> {
    let servers = servers().map(|(format, server)| Form {
        is_text: true,
        goes_on: if server.goes_on {
            |line| !logfmt::begins(line)
        } else {
            |_| false
        },
        ..form(format, server.looks)
    });
    let before = [
        Form {
            every_line: true,
            ..form(&docker::FORMAT, docker::looks)
        },
        form(&json::FORMAT, json::looks),
        form(&journald::FORMAT, journald::looks),
        Form {
            bare_dates: true,
            every_line: true,
            ..form(&cri::FORMAT, cri::looks)
        },
        Form {
            bare_dates: true,
            goes_on: stamped::goes_on,
            ..form(&stamped::FORMAT, stamped::looks)
        },
        Form {
            bare_dates: true,
            ..form(&syslog::FORMAT, syslog::looks)
        },
        form(&access::FORMAT, access::looks),
    ];
    let behind = [
        Form {
            bare_dates: true,
            ..form(&compose::FORMAT, compose::looks)
        },
        Form {
            bare_dates: true,
            is_text: true,
            ..form(&logfmt::FORMAT, |_| true)
        },
    ];
    before.into_iter().chain(servers).chain(behind).collect()
}

struct Auto {
    forms: Vec<Form>,
    decoders: Vec<Box<dyn Decode>>,
    /// The one that the line before went to.
    last: usize,
    /// True if another one holds something too, which lines to the last one do not change.
    others_hold: bool,
}

impl Auto {
    fn new(settings: &Settings) -> Self {
        let forms = forms();
        let decoder = |form: &Form| form.format.decoder(settings);
        Self {
            decoders: forms.iter().map(decoder).collect(),
            last: forms.len() - 1,
            others_hold: false,
            forms,
        }
    }

    /// Notes whether others than the last one hold something. All are asked, which each line would be too much for.
    fn note_others(&mut self) {
        let mut decoders = self.decoders.iter().enumerate();
        self.others_hold = decoders.any(|(at, decoder)| at != self.last && decoder.is_holding());
    }

    /// The one that a line has the look of; what has none is text, unless the one before goes on with it.
    fn form(&self, line: &[u8]) -> usize {
        let text = self.forms.len() - 1;
        let is_bare = is_bare_date(line);
        let may_be = |form: &Form| form.bare_dates || !is_bare;
        let mut known = self.forms[..text].iter();
        let form = known.position(|form| may_be(form) && (form.looks)(line));
        form.unwrap_or_else(|| {
            let goes_on = (self.forms[self.last].goes_on)(line);
            if goes_on { self.last } else { text }
        })
    }
}

impl Decode for Auto {
    fn line(&mut self, line: &[u8], take: &mut dyn Take) {
        let is_open = self.forms[self.last].is_text && !is_indented(line);
        if is_open || !self.is_within() {
            let text = without_mark(line);
            let form = if self.decoders[self.last].awaits(text) {
                self.last
            } else {
                self.form(text)
            };
            let before = std::mem::replace(&mut self.last, form);
            if before != self.last {
                self.decoders[before].rest(take);
                self.note_others();
            }
        }
        self.decoders[self.last].line(line, take);
    }

    fn blank(&mut self, line: &[u8], take: &mut dyn Take) {
        self.decoders[self.last].blank(line, take);
    }

    fn passed_over(&mut self, take: &mut dyn Take) {
        // It may have been any of theirs; a record of which it was the first goes on only where lines tell so.
        for (decoder, form) in self.decoders.iter_mut().zip(&self.forms) {
            if form.every_line || decoder.is_holding() {
                decoder.passed_over(take);
            }
        }
        self.note_others();
    }

    fn pause(&mut self, take: &mut dyn Take) {
        self.decoders[self.last].pause(take);
    }

    fn rest(&mut self, take: &mut dyn Take) {
        self.decoders[self.last].rest(take);
    }

    fn finish(&mut self, take: &mut dyn Take) {
        for decoder in &mut self.decoders {
            decoder.finish(take);
        }
        self.note_others();
    }

    fn is_within(&self) -> bool {
        self.decoders[self.last].is_within()
    }

    fn holds_last_line(&self) -> bool {
        !self.others_hold && self.decoders[self.last].holds_last_line()
    }

    fn is_holding(&self) -> bool {
        self.others_hold || self.decoders[self.last].is_holding()
    }
}

#[cfg(test)]
mod tests;
