//! What Python's `SocketHandler` and `DatagramHandler` send: a pickled dict of a log record
//! (REFERENCE.md §4). The pickle is decoded as data.

use super::{
    format::{Decode, Take},
    pickle::{Decoder, Limits, Top},
};

/// Makes records of pickles, one a message.
pub struct Pylog {
    pickle: Decoder,
    text: Vec<u8>,
    /// A message has its length in front, because it is a datagram.
    counted: bool,
}

impl Pylog {
    /// For pickles by themselves, of at most `longest` bytes.
    pub fn stream(longest: usize) -> Self {
        let limits = Limits::default();
        Self {
            pickle: Decoder::new(Limits {
                input: limits.input.min(longest),
                ..limits
            }),
            text: Vec::new(),
            counted: false,
        }
    }

    /// For datagrams, which have the length of the pickle in front, as on a stream.
    pub fn datagram(longest: usize) -> Self {
        Self {
            counted: true,
            ..Self::stream(longest)
        }
    }

    fn record(&mut self, message: &[u8]) -> Result<(), String> {
        let pickle = if self.counted {
            counted(message)?
        } else {
            message
        };
        self.text.clear();
        match self.pickle.decode(pickle, &mut self.text) {
            Ok(Top::Map) => Ok(()),
            Ok(Top::Other) => {
                Err("a pickle of something that is neither a dict nor a LogRecord".into())
            }
            Err(error) => Err(format!("pickle: {error}")),
        }
    }
}

fn counted(datagram: &[u8]) -> Result<&[u8], String> {
    let (length, pickle) = datagram
        .split_first_chunk()
        .ok_or("a datagram without a length in front")?;
    let length = u32::from_be_bytes(*length);
    if usize::try_from(length) == Ok(pickle.len()) {
        Ok(pickle)
    } else {
        let came = pickle.len();
        Err(format!(
            "a datagram that announces {length} bytes and has {came}"
        ))
    }
}

impl Decode for Pylog {
    fn line(&mut self, message: &[u8], take: &mut dyn Take) {
        match self.record(message) {
            Ok(()) => take.made(&self.text),
            Err(reason) => take.reject(message, &reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::format::tests::Taken;

    #[test]
    fn pickles_become_records_or_are_rejected_with_a_reason() {
        let check = |mut decoder: Pylog, message: &[u8], expect: &str| {
            let mut taken = Taken::default();
            decoder.line(message, &mut taken);
            assert_eq!(taken.0.join("|"), expect);
        };
        let pickle = b"}q\x00U\x01aK\x01s.";
        check(Pylog::stream(100), pickle, "{\"a\":1}");
        let datagram = [&[0, 0, 0, 10][..], pickle].concat();
        check(Pylog::datagram(100), &datagram, "{\"a\":1}");
        check(
            Pylog::datagram(100),
            &datagram[..9],
            "rejected: a datagram that announces 10 bytes and has 5",
        );
        check(
            Pylog::datagram(100),
            b"abc",
            "rejected: a datagram without a length in front",
        );
        check(
            Pylog::stream(100),
            b"K\x01.",
            "rejected: a pickle of something that is neither a dict nor a LogRecord",
        );
        check(
            Pylog::stream(5),
            pickle,
            "rejected: pickle: pickle of 10 bytes is over the limit of 5",
        );
    }
}
