//! The values of a line, whatever they hold: strings, numbers and words, the short lists of
//! numbers that nearly are one, and objects and lists that nothing is wanted of.

use wide::u8x16;

use super::{
    bit_stack::BitStack,
    quotes::Quotes,
    scan::{Refused, Scan, Scanner},
    value::{Kind, Value},
};

impl<'a, Q: Quotes> Scanner<'a, Q> {
    /// Passes over one value of any kind and depth and hands it out.
    pub(super) fn read(&mut self) -> Scan<Value<'a>> {
        let start = self.pos;
        let kind = self.value()?;
        let quote = usize::from(matches!(kind, Kind::Plain | Kind::Escaped));
        Ok(Value {
            kind,
            raw: &self.bytes[start + quote..self.pos - quote],
        })
    }

    /// Passes over one value of any kind and depth.
    pub(super) fn value(&mut self) -> Scan<Kind> {
        match self.peek() {
            b'"' => self.string(),
            b'[' if self.short_list() => Ok(Kind::Array),
            b'{' | b'[' => self.container(),
            _ => self.scalar(),
        }
    }

    /// Passes over an object or array without recursion: one bit a level says which it is.
    pub(super) fn container(&mut self) -> Scan<Kind> {
        let kind = if self.peek() == b'{' {
            Kind::Object
        } else {
            Kind::Array
        };
        let mut open = BitStack::default();
        loop {
            // A value begins here, and every enclosing container is in `open`.
            match self.peek() {
                b'"' => {
                    self.string()?;
                }
                bracket @ (b'{' | b'[') => {
                    let object = bracket == b'{';
                    self.pos += 1;
                    let next = self.peek_after_space();
                    if next == (if object { b'}' } else { b']' }) {
                        self.pos += 1;
                    } else {
                        open.push(object);
                        if object {
                            self.key()?;
                            self.colon()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.scalar()?;
                }
            }
            // A value has ended: close what closes, then go on after a comma.
            loop {
                let Some(object) = open.top() else {
                    return Ok(kind);
                };
                match self.peek_after_space() {
                    b',' => {
                        self.pos += 1;
                        self.space();
                        if object {
                            self.key()?;
                            self.colon()?;
                        }
                        break;
                    }
                    b'}' if object => open.pop(),
                    b']' if !object => open.pop(),
                    _ => return self.fail(if object { "',' or '}'" } else { "',' or ']'" }),
                }
                self.pos += 1;
            }
        }
    }

    pub(super) fn scalar(&mut self) -> Scan<Kind> {
        match self.peek() {
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true", Kind::True),
            b'f' => self.word(b"false", Kind::False),
            b'n' => self.word(b"null", Kind::Null),
            b'N' => self.word(b"NaN", Kind::Number),
            b'I' => self.word(b"Infinity", Kind::Number),
            _ => self.fail("a value"),
        }
    }

    /// Passes over a list of a few plain numbers, as the place in a tree mostly is; false if
    /// something else stands here.
    pub(super) fn short_list(&mut self) -> bool {
        const SHORT: usize = 16;
        let ahead = self.ahead.get(self.pos + 1..).unwrap_or_default();
        if let Some(length) = ahead.first_chunk().and_then(compact_list) {
            self.pos += 1 + length;
            return true;
        }
        let rest = self.bytes.get(self.pos + 1..).unwrap_or_default();
        // In front of a number, behind a zero that begins one, and within one.
        let (mut digits, mut is_zero) = (0, false);
        for (&byte, at) in rest.iter().take(SHORT).zip(self.pos + 2..) {
            match byte {
                b'0'..=b'9' if !is_zero => {
                    is_zero = byte == b'0' && digits == 0;
                    digits += 1;
                }
                b',' if digits > 0 => (digits, is_zero) = (0, false),
                b' ' if digits == 0 => {}
                b']' if digits > 0 => {
                    self.pos = at;
                    return true;
                }
                _ => return false,
            }
        }
        false
    }

    /// Passes over a string; the position is at its opening quote.
    #[inline]
    pub(super) fn string(&mut self) -> Scan<Kind> {
        match self.quotes.open(self.bytes, self.ahead, self.pos) {
            Some(at) if self.bytes.get(at) == Some(&b'"') => {
                self.pos = at + 1;
                Ok(Kind::Plain)
            }
            Some(backslash) => self.escaped_string(backslash),
            None => self.unterminated(),
        }
    }

    /// Passes over a string from its first backslash.
    #[inline(never)]
    pub(super) fn escaped_string(&mut self, backslash: usize) -> Scan<Kind> {
        self.pos = backslash;
        loop {
            if self.peek() == b'"' {
                self.pos += 1;
                return Ok(Kind::Escaped);
            }
            self.escape()?;
            match self.quotes.next(self.bytes, self.pos) {
                Some(at) => self.pos = at,
                None => return self.unterminated(),
            }
        }
    }

    #[cold]
    pub(super) fn unterminated(&mut self) -> Scan<Kind> {
        self.pos = self.bytes.len();
        self.fail("'\"'")
    }

    pub(super) fn escape(&mut self) -> Scan<()> {
        match self.bytes.get(self.pos + 1) {
            Some(b'"' | b'\\') => {
                self.quotes.pass();
                self.pos += 2;
            }
            Some(b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.pos += 2,
            Some(b'u') => {
                let hex = self.bytes.get(self.pos + 2..self.pos + 6);
                if !hex.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return self.fail("four hex digits after \\u");
                }
                self.pos += 6;
            }
            _ => return self.fail("an escape of JSON"),
        }
        Ok(())
    }

    pub(super) fn number(&mut self) -> Scan<Kind> {
        // No digit stands behind the end of a line.
        let ahead = self.ahead.get(self.pos..).unwrap_or_default();
        if let Some(length) = ahead.first_chunk().and_then(plain_number) {
            self.pos += length;
            return Ok(Kind::Number);
        }
        self.any_number()
    }

    fn any_number(&mut self) -> Scan<Kind> {
        if self.peek() == b'-' {
            self.pos += 1;
            if self.peek() == b'I' {
                return self.word(b"Infinity", Kind::Number);
            }
        }
        if self.peek() == b'0' {
            self.pos += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.pos += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.pos += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.pos += 1;
            }
            self.digits()?;
        }
        Ok(Kind::Number)
    }

    #[inline]
    pub(super) fn digits(&mut self) -> Scan<()> {
        // No digit stands behind the end of a line.
        let count = count_digits(self.ahead.get(self.pos..).unwrap_or_default());
        self.pos += count;
        if count == 0 {
            self.fail("a digit")
        } else {
            Ok(())
        }
    }

    pub(super) fn word(&mut self, word: &[u8], kind: Kind) -> Scan<Kind> {
        if !self.bytes[self.pos..].starts_with(word) {
            return self.fail("a value");
        }
        self.pos += word.len();
        Ok(kind)
    }

    /// The byte here, or NUL at the end: NUL is never part of a token.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.pos).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn peek_after_space(&mut self) -> u8 {
        self.space();
        self.peek()
    }

    #[inline]
    pub(super) fn space(&mut self) {
        while matches!(self.bytes.get(self.pos), Some(b' ' | b'\t' | b'\r')) {
            self.pos += 1;
        }
    }

    #[cold]
    pub(super) fn fail<T>(&mut self, expected: &'static str) -> Scan<T> {
        self.expected = expected;
        Err(Refused)
    }
}

/// The length of a number at the beginning of a text, without sign and exponent, as most are; with
/// something behind it.
#[inline]
fn plain_number(text: &[u8; 32]) -> Option<usize> {
    let ([first, second], _) = text.as_chunks() else {
        return None;
    };
    let others = !(digits(*first) | digits(*second) << 16);
    let whole = others.trailing_zeros();
    if whole == 0 || (text[0] == b'0' && whole > 1) {
        return None;
    }
    let mut end = whole as usize;
    if *text.get(end)? == b'.' {
        let fraction = (others >> whole >> 1).trailing_zeros() as usize;
        if fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    }
    (!matches!(text.get(end)?, b'e' | b'E')).then_some(end)
}

/// The length of a list of numbers without blanks, behind its opening bracket, with the closing one.
#[inline]
fn compact_list(text: &[u8; 16]) -> Option<usize> {
    let is = |byte| u8x16::new(*text).simd_eq(u8x16::splat(byte)).to_bitmask();
    let end = is(b']').trailing_zeros();
    let inside = 1_u32.checked_shl(end)?.wrapping_sub(1);
    let (digits, commas) = (digits(*text) & inside, is(b',') & inside);
    let begins = digits & !(digits << 1);
    let zeros_in_front = is(b'0') & begins & (digits >> 1);
    let commas_without_number = (commas << 1) & !digits;
    let is_list = (digits | commas) == inside
        && digits & 1 == 1
        && (zeros_in_front | commas_without_number) == 0;
    is_list.then_some(end as usize + 1)
}

/// A bit for each byte that is a digit.
#[inline]
fn digits(part: [u8; 16]) -> u32 {
    let digits = u8x16::new(part) - u8x16::splat(b'0');
    digits.min(u8x16::splat(9)).simd_eq(digits).to_bitmask()
}

/// How many digits a text begins with.
#[inline]
fn count_digits(text: &[u8]) -> usize {
    if let Some(part) = text.first_chunk() {
        let count = (!digits(*part)).trailing_zeros() as usize;
        if count < 16 {
            return count;
        }
    }
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Duplicates, Found, Path, Projection};

    /// What stands at `a` in an object, or where that is no JSON.
    fn value(token: &str, behind: &str) -> Result<String, String> {
        let line = format!(r#"{{"a":{token}{behind}}}"#);
        let mut projection = Projection::default();
        let field = projection.want(&Path::dotted("a"), Duplicates::Last);
        let mut found = Found::default();
        // The second time the key is known.
        let mut scan = || projection.scan(line.as_bytes(), &mut found);
        scan()
            .and_then(|()| scan())
            .map_err(|bad| bad.to_string())?;
        let value = projection.get(&field, line.as_bytes(), &found);
        Ok(value
            .map(|value| value.text().into_owned())
            .unwrap_or_default())
    }

    proptest! {
        #[test]
        fn what_is_told_at_once_is_what_is_told_byte_by_byte(
            token in "0?[0-9]{0,17}(\\.[0-9]{0,18})?([eE.][+-]?[0-9]?)?|\\[[0-9,]{0,9}[0-9, x]{0,4}\\]?",
        ) {
            // Vectors need some text behind a value.
            let behind = format!(r#","b":"{}""#, "x".repeat(40));
            let told = value(&token, &behind);
            prop_assert_eq!(&told, &value(&token, r#","b":0"#), "{}", token);
            let model = serde_json::from_str::<serde_json::Value>(&token);
            let is_huge = model.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
            prop_assert!(is_huge || told.is_ok() == model.is_ok(), "{}: {:?}", token, told);
        }
    }
}
