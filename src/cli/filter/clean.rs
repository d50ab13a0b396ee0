//! The flags that clean: what is redacted, and how records are thinned out.

use std::fs;

use clap::Args;

use super::stage::{MakeTreat, Next, Stage, Treat};
use crate::{
    clean::{Dedup, Emit, HashKey, Redactor, Replacement, Sampler, Throttle, Wrong},
    cli::common::now,
    error::{Error, Result},
};

/// What is redacted, and how records are thinned out.
#[derive(Args, Debug, Default)]
pub(super) struct CleanArgs {
    /// Replace secrets: keys, paths, patterns such as card, /REGEX/
    ///
    /// Several are parted by commas, or the flag is given again. A key such as password or *token* stands for its values at any depth, in upper or lower
    /// case. A path begins with a dot: .http.headers.cookie. The patterns card, email, ipv4,
    /// ipv6, iban, jwt, bearer and aws-key find what looks like one in any text or number, and
    /// take the values of keys of that name too; pattern:card is only the one, key:card only
    /// the other. /REGEX/ is a pattern of your own. A redacted record says so in dl.redacted.
    /// Lines that --rejects keeps are kept as they were read.
    #[arg(long, value_name = "WHAT")]
    redact: Vec<String>,

    /// What to put in the place of a secret; hash is a hash with the key of --redact-key
    ///
    /// Equal values have equal hashes, so records can still be joined by them. The form is
    /// [sha256:HEX], 16 digits of an HMAC-SHA-256.
    #[arg(long, value_name = "TEXT", default_value = "[redacted]")]
    #[arg(requires = "redact", hide_short_help = true)]
    redact_with: String,

    /// The file that has the key of hashes, 16 bytes or more
    #[arg(long, value_name = "FILE", requires = "redact", hide_short_help = true)]
    redact_key: Option<String>,

    /// Keep a share of all trees: 1/100, 0.01 or 1%
    ///
    /// The same trees are kept on every machine and in every run. The share stands in
    /// dl.sample. A record without the field that decides is kept.
    #[arg(long, value_name = "SHARE")]
    sample: Option<String>,

    /// Let so many records pass and no more: 100/s, 600/m, 1000/h or 9/d
    ///
    /// Time is that of the records. The number taken away stands in dl.throttled of the next
    /// record that passes, or in a record of its own, whose dl.kind is loss.
    #[arg(long, value_name = "RATE", hide_short_help = true)]
    throttle: Option<String>,

    /// The field by which --sample or --throttle goes [default: tree; none, all together]
    ///
    /// With both, it is the field of --throttle, and --sample goes by tree unless --sample-by
    /// says otherwise.
    #[arg(long, value_name = "FIELD", hide_short_help = true)]
    by: Option<String>,

    /// The field by which --sample goes, if not by tree
    #[arg(
        long,
        value_name = "FIELD",
        requires = "sample",
        hide_short_help = true
    )]
    sample_by: Option<String>,

    /// The field by which --throttle goes, if not all together
    #[arg(
        long,
        value_name = "FIELD",
        requires = "throttle",
        hide_short_help = true
    )]
    throttle_by: Option<String>,

    /// Of equal records within WINDOW, write the first and the last: 10s, 1m
    ///
    /// Time is that of the records. The last one is written when the window closes, and
    /// stands for all after the first: their number is in its dl.repeats.
    #[arg(long, value_name = "WINDOW", hide_short_help = true)]
    dedup: Option<String>,

    /// The fields in which records must be equal for --dedup [default: level,logger,message]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    #[arg(requires = "dedup", hide_short_help = true)]
    dedup_by: Vec<String>,
}

/// What the flags ask for, understood.
#[derive(Debug, Default)]
pub(super) struct Cleaning {
    sampler: Option<Sampler>,
    redactor: Option<Redactor>,
    dedup: Option<Dedup>,
    throttle: Option<Throttle>,
}

impl CleanArgs {
    /// True if there is anything to do.
    pub(super) fn is_asked_for(&self) -> bool {
        !self.redact.is_empty()
            || self.sample.is_some()
            || self.throttle.is_some()
            || self.dedup.is_some()
    }

    /// Reads the flags, and the key if one is needed.
    pub(super) fn read(&self) -> Result<Cleaning> {
        let redactor = match self.redact.as_slice() {
            [] => None,
            what => {
                let with = self.replacement()?;
                Some(Redactor::parse(what, with).map_err(|wrong| misuse("--redact", &wrong))?)
            }
        };
        let (sample_by, throttle_by) = self.fields()?;
        let sampler = self.sample.as_ref().map(|share| {
            Sampler::parse(share, sample_by).map_err(|wrong| misuse("--sample", &wrong))
        });
        let throttle = self.throttle.as_ref().map(|rate| {
            Throttle::parse(rate, throttle_by).map_err(|wrong| misuse("--throttle", &wrong))
        });
        let dedup = self.dedup.as_ref().map(|window| {
            Dedup::parse(window, &self.dedup_by).map_err(|wrong| misuse("--dedup", &wrong))
        });
        Ok(Cleaning {
            sampler: sampler.transpose()?,
            redactor,
            dedup: dedup.transpose()?,
            throttle: throttle.transpose()?,
        })
    }

    /// The fields by which --sample and --throttle go.
    fn fields(&self) -> Result<(&str, Option<&str>)> {
        let by = self.by.as_deref();
        let both = self.sample.is_some() && self.throttle.is_some();
        if by.is_some() && self.sample.is_none() && self.throttle.is_none() {
            return Err(Error::Misused {
                reason: "--by: neither --sample nor --throttle is there".to_owned(),
                hint: "use --dedup-by FIELDS for --dedup",
            });
        }
        let sample = self.sample_by.as_deref().or(if both { None } else { by });
        Ok((sample.unwrap_or("tree"), self.throttle_by.as_deref().or(by)))
    }

    fn replacement(&self) -> Result<Replacement> {
        match (self.redact_with.as_str(), &self.redact_key) {
            ("hash", Some(file)) => {
                let bytes = fs::read(file).map_err(|source| Error::File {
                    path: file.into(),
                    source,
                })?;
                let key = HashKey::new(&bytes);
                let key = key.map_err(|wrong| misuse(&format!("--redact-key: {file}"), &wrong))?;
                Ok(Replacement::Hash(key))
            }
            ("hash", None) => Err(Error::Misused {
                reason: "--redact-with hash: there is no key".to_owned(),
                hint: "use --redact-key FILE; make one with: head -c 32 /dev/urandom | base64 > FILE",
            }),
            (_, Some(_)) => Err(Error::Misused {
                reason: "--redact-key: no hash is asked for".to_owned(),
                hint: "use --redact-with hash to put hashes in the place of secrets",
            }),
            (text, None) => Ok(Replacement::Text(text.to_owned())),
        }
    }
}

impl Cleaning {
    /// True if it needs to know that no records come.
    pub(super) fn waits(&self) -> bool {
        self.dedup.is_some() || self.throttle.is_some()
    }

    /// What is done to each record before transformations: the sample.
    pub(super) fn sampling(&self) -> Option<MakeTreat<'static>> {
        let sampler = self.sampler.clone()?;
        Some(Box::new(move || Box::new(Sampling(sampler.clone()))))
    }

    /// What is done to each record last: redaction.
    pub(super) fn redaction(&self) -> Option<MakeTreat<'static>> {
        let redactor = self.redactor.clone()?;
        Some(Box::new(move || Box::new(Redaction(redactor.clone()))))
    }

    /// What thins out. Repeats go first, so that they do not use up the rate of others.
    pub(super) fn stages(self) -> Vec<Box<dyn Stage>> {
        let mut stages: Vec<Box<dyn Stage>> = Vec::new();
        stages.extend(self.dedup.map(|dedup| Box::new(dedup) as Box<dyn Stage>));
        stages.extend(
            self.throttle
                .map(|throttle| Box::new(throttle) as Box<dyn Stage>),
        );
        stages
    }
}

fn misuse(flag: &str, wrong: &Wrong) -> Error {
    let reason = format!("{flag}: {wrong}");
    match wrong.hint() {
        Some(hint) => Error::Misused { reason, hint },
        None => Error::Usage(reason),
    }
}

struct Sampling(Sampler);

impl Treat for Sampling {
    fn treat(&mut self, line: &[u8], out: &mut Vec<u8>) -> std::result::Result<(), String> {
        let kept = self.0.keep(line, out).map_err(|bad| bad.to_string())?;
        if kept {
            out.push(b'\n');
        }
        Ok(())
    }
}

struct Redaction(Redactor);

impl Treat for Redaction {
    fn treat(&mut self, line: &[u8], out: &mut Vec<u8>) -> std::result::Result<(), String> {
        // Only a jq program makes what is no object; it makes whole values.
        if line.trim_ascii_start().starts_with(b"{") {
            self.0.redact(line, out).map_err(|bad| bad.to_string())?;
        } else {
            self.0.redact_value(line, out);
        }
        out.push(b'\n');
        Ok(())
    }
}

/// Hands on what comes out of a stage that thins out.
fn hand_on(emit: Emit<'_>, next: &mut dyn Next) -> Result<()> {
    match emit {
        Emit::Pass(line) => next.pass(line),
        Emit::Add(line) => next.add(line),
    }
}

impl Stage for Throttle {
    fn record(&mut self, line: &[u8], _: bool, next: &mut dyn Next) -> Result<()> {
        self.push(line, &mut |emit| hand_on(emit, next))
    }

    fn idle(&mut self, next: &mut dyn Next) -> Result<()> {
        Throttle::idle(self, now(), &mut |emit| hand_on(emit, next))
    }

    fn finish(&mut self, next: &mut dyn Next) -> Result<()> {
        Throttle::finish(self, &mut |emit| hand_on(emit, next))
    }
}

impl Stage for Dedup {
    fn record(&mut self, line: &[u8], _: bool, next: &mut dyn Next) -> Result<()> {
        self.push(line, &mut |emit| hand_on(emit, next))
    }

    fn idle(&mut self, next: &mut dyn Next) -> Result<()> {
        Dedup::idle(self, now(), &mut |emit| hand_on(emit, next))
    }

    fn finish(&mut self, next: &mut dyn Next) -> Result<()> {
        Dedup::finish(self, &mut |emit| hand_on(emit, next))
    }
}
