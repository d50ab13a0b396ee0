//! Finds the pairs in a line.

use super::pair::{Pair, Text};

/// Walks along a line.
pub(in crate::decode) struct Pairs<'a> {
    line: &'a [u8],
    at: usize,
    /// False once a bracket was not closed as that of a value: looking for the end of each
    /// would take the square of the line's length.
    brackets: bool,
}

impl<'a> Pairs<'a> {
    /// Finds the pairs of a line; what is in front of them is returned.
    pub(in crate::decode) fn of(line: &'a [u8], pairs: &mut Vec<Pair<'a>>) -> &'a [u8] {
        let mut walk = Self::new(line);
        walk.skip_words();
        if walk.at == 0
            && let Some(first) = walk.pair(USUAL)
        {
            pairs.push(first);
            while walk.skip_blanks() {
                let next = walk.pair(ANY).unwrap_or_else(|| walk.word());
                pairs.push(next);
            }
            without_commas(pairs, false);
            return &[];
        }
        let mut start = line.len();
        while walk.skip_blanks() {
            let at = walk.at;
            if let Some(pair) = walk.pair(USUAL) {
                if pairs.is_empty() {
                    start = at;
                }
                pairs.push(pair);
            } else {
                walk.word();
                pairs.clear();
                start = line.len();
            }
        }
        without_commas(pairs, false);
        line[..start].trim_ascii()
    }

    /// Finds the pairs that a line begins with; what is behind them is returned.
    pub(in crate::decode) fn leading(line: &'a [u8], pairs: &mut Vec<Pair<'a>>) -> &'a [u8] {
        let mut walk = Self::new(line);
        while walk.skip_blanks() {
            let Some(pair) = walk.pair(USUAL) else {
                break;
            };
            pairs.push(pair);
        }
        without_commas(pairs, true);
        walk.rest()
    }

    fn new(line: &'a [u8]) -> Self {
        Self {
            line,
            at: 0,
            brackets: true,
        }
    }

    /// Goes on over words that are no pairs, to the one with the first sign: in front of that only a key in quotes has
    /// blanks in it.
    fn skip_words(&mut self) {
        let Some(sign) = memchr::memchr(b'=', self.line) else {
            self.at = self.line.len();
            return;
        };
        let front = &self.line[..sign];
        if memchr::memchr(b'"', front).is_none() {
            let blank = front.iter().rposition(u8::is_ascii_whitespace);
            self.at = blank.map_or(0, |blank| blank + 1);
        }
    }

    /// Goes on to what is no blank; false at the end of the line.
    fn skip_blanks(&mut self) -> bool {
        self.at += length(self.rest(), BLANK);
        self.at < self.line.len()
    }

    fn rest(&self) -> &'a [u8] {
        &self.line[self.at..]
    }

    /// Takes a pair, if one stands here.
    fn pair(&mut self, of_keys: u8) -> Option<Pair<'a>> {
        let rest = self.rest();
        let (key, length) = if let [b'"', inner @ ..] = rest {
            let end = closing_quote(inner)?;
            (Text::Quoted(&inner[..end]), end + 2)
        } else {
            let end = length(rest, of_keys);
            (Text::Bare(&rest[..end]), end)
        };
        if length == 0 || rest.get(length) != Some(&b'=') {
            return None;
        }
        self.at += length + 1;
        let value = self.value();
        Some(Pair {
            key,
            value: Some(value),
        })
    }

    fn value(&mut self) -> Text<'a> {
        let rest = self.rest();
        let ends = |at: usize| rest.get(at).is_none_or(u8::is_ascii_whitespace);
        let has_comma = |at: usize| rest.get(at) == Some(&b',') && ends(at + 1);
        if let [quote @ (b'"' | b'\''), inner @ ..] = rest {
            match closing(*quote, inner) {
                Some(end) if ends(end + 2) => {
                    self.at += end + 2;
                    return Text::Quoted(&inner[..end]);
                }
                Some(end) if has_comma(end + 2) => {
                    self.at += end + 3;
                    return Text::Quoted(&inner[..end]);
                }
                // A line cut off within quotes: all of it is the value. A lone apostrophe is one.
                None if *quote == b'"' => {
                    self.at = self.line.len();
                    return Text::Bare(rest);
                }
                _ => {}
            }
        }
        if rest.first() == Some(&b'[') && self.brackets {
            match closing_bracket(rest) {
                Some(end) if ends(end + 1) => {
                    self.at += end + 1;
                    return Text::Bare(&rest[..=end]);
                }
                _ => self.brackets = false,
            }
        }
        Text::Bare(self.take_word())
    }

    /// Takes a word as a key by itself.
    fn word(&mut self) -> Pair<'a> {
        Pair {
            key: Text::Bare(self.take_word()),
            value: None,
        }
    }

    fn take_word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = length(rest, WORD);
        self.at += end;
        &rest[..end]
    }
}

/// Takes the commas off that stand between the last pairs; one behind the last of all is one too if more `follows`.
fn without_commas(pairs: &mut [Pair<'_>], follows: bool) {
    let Some((last, before)) = pairs.split_last_mut() else {
        return;
    };
    if follows {
        last.without_comma();
    }
    for pair in before.iter_mut().rev() {
        if !pair.without_comma() {
            break;
        }
    }
}

/// How many bytes of one of these kinds a text begins with. Each byte of a line is asked for its kind, so that a table pays.
fn length(text: &[u8], kinds: u8) -> usize {
    let is_other = |byte: &u8| KINDS[usize::from(*byte)] & kinds == 0;
    text.iter().position(is_other).unwrap_or(text.len())
}

const BLANK: u8 = 1;
const WORD: u8 = 1 << 1;
/// Bytes of keys in text that may be anything.
const USUAL: u8 = 1 << 2;
/// Bytes of keys where all is pairs.
const ANY: u8 = 1 << 3;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    loop {
        kinds[byte as usize] = match byte {
            _ if byte.is_ascii_whitespace() => BLANK,
            b'=' | b'"' => WORD,
            _ if is_usual(byte) => WORD | USUAL | ANY,
            _ => WORD | ANY,
        };
        if byte == u8::MAX {
            break kinds;
        }
        byte += 1;
    }
};

/// True for a byte of keys in text that may be anything: an URL with a query is no key.
const fn is_usual(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'!' | b'$' | b'/')
}

/// Where the quote ends that begins in front of `inner`.
pub(in crate::decode) fn closing_quote(inner: &[u8]) -> Option<usize> {
    closing(b'"', inner)
}

/// The same for quotes of either kind; Python's are single ones.
fn closing(quote: u8, inner: &[u8]) -> Option<usize> {
    let mut escaped = false;
    inner.iter().position(|&byte| {
        let ends = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Where the bracket ends that `text` begins with; brackets nest.
fn closing_bracket(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    text.iter().position(|&byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}
