//! Numbers of payment cards: known issuers, known lengths, and the check digit.

use std::ops::Range;

/// The fewest and most digits of a card.
const DIGITS: Range<usize> = 13..20;

/// First digits from and to, as so many digits, and the lengths that their cards have.
///
/// From ISO/IEC 7812 and what the issuers publish. UATP, which begins with 1, is left out:
/// every time in microseconds does so too.
const ISSUERS: &[(usize, u32, u32, &[usize])] = &[
    // Visa
    (1, 4, 4, &[13, 16, 19]),
    // Mastercard
    (2, 51, 55, &[16]),
    (4, 2221, 2720, &[16]),
    // American Express
    (2, 34, 34, &[15]),
    (2, 37, 37, &[15]),
    // Diners Club
    (3, 300, 305, &[14, 15, 16, 17, 18, 19]),
    (4, 3095, 3095, &[14, 15, 16, 17, 18, 19]),
    (2, 36, 36, &[14, 15, 16, 17, 18, 19]),
    (2, 38, 39, &[14, 15, 16, 17, 18, 19]),
    // Discover, RuPay, UnionPay and others
    (2, 60, 60, &[16, 17, 18, 19]),
    (3, 644, 649, &[16, 17, 18, 19]),
    (2, 65, 65, &[16, 17, 18, 19]),
    (2, 62, 62, &[16, 17, 18, 19]),
    (2, 81, 82, &[16, 17, 18, 19]),
    // JCB
    (4, 3528, 3589, &[16, 17, 18, 19]),
    (4, 1800, 1800, &[15]),
    (4, 2131, 2131, &[15]),
    // Maestro
    (2, 50, 50, &[13, 14, 15, 16, 17, 18, 19]),
    (2, 56, 58, &[13, 14, 15, 16, 17, 18, 19]),
    (2, 63, 63, &[13, 14, 15, 16, 17, 18, 19]),
    (2, 67, 67, &[13, 14, 15, 16, 17, 18, 19]),
    // Mir
    (4, 2200, 2204, &[16, 17, 18, 19]),
    // Troy
    (4, 9792, 9792, &[16]),
];

/// First digits of the issuers that have given out cards of 17 to 19 digits, as above. Others
/// may, but ids of that length are everywhere: of those that stand together, only these count.
const LONG: &[(usize, u32, u32)] = &[
    // UnionPay
    (2, 62, 62),
    (2, 81, 82),
    // Maestro
    (2, 50, 50),
    (2, 56, 58),
    (2, 63, 63),
    (2, 67, 67),
    // Mir
    (4, 2200, 2204),
];

/// Hands the places of card numbers in `text` to `found`, with their digits.
///
/// Digits stand together, or in groups of four or more, the last of which may be shorter,
/// with one blank or one dash between them. Neither a letter nor a digit stands next to them,
/// and they are not the decimals of a number.
pub(super) fn find(text: &[u8], mut found: impl FnMut(Range<usize>, &[u8])) {
    let mut at = 0;
    while let Some(offset) = text[at..].iter().position(u8::is_ascii_digit) {
        let start = at + offset;
        if is_inside(text, start) {
            at = end_of_group(text, start);
            continue;
        }
        let candidate = Candidate::read(text, start);
        match candidate.card() {
            Some((end, digits)) => {
                found(start..end, &candidate.digits[..digits]);
                at = end;
            }
            None => at = end_of_group(text, start),
        }
    }
}

/// True if the digit at `start` goes on with a word or a number.
fn is_inside(text: &[u8], start: usize) -> bool {
    match text[..start] {
        [.., before, b'.'] => before.is_ascii_digit(),
        [.., before] => before.is_ascii_alphanumeric(),
        [] => false,
    }
}

fn end_of_group(text: &[u8], start: usize) -> usize {
    let rest = &text[start..];
    let length = rest.iter().position(|byte| !byte.is_ascii_digit());
    start + length.unwrap_or(rest.len())
}

/// Digits from a place on, and where a number could end.
struct Candidate {
    digits: Vec<u8>,
    /// After so many digits, at this place.
    ends: Vec<(usize, usize)>,
    /// The digits that stand together at the beginning.
    together: usize,
}

impl Candidate {
    fn read(text: &[u8], start: usize) -> Self {
        let mut digits = Vec::with_capacity(DIGITS.end);
        let mut ends = Vec::new();
        let mut separator = None;
        let mut at = start;
        let together = end_of_group(text, start) - start;
        loop {
            let end = end_of_group(text, at);
            if digits.len() + (end - at) >= DIGITS.end {
                break;
            }
            digits.extend_from_slice(&text[at..end]);
            let next = text.get(end);
            if !next.is_some_and(u8::is_ascii_alphanumeric) {
                ends.push((digits.len(), end));
            }
            let goes_on = next.is_some_and(|next| matches!(next, b' ' | b'-'))
                && (separator.is_none() || separator == next)
                && text.get(end + 1).is_some_and(u8::is_ascii_digit);
            if end - at < 4 || !goes_on {
                break;
            }
            separator = next;
            at = end + 1;
        }
        Self {
            digits,
            ends,
            together,
        }
    }

    /// The longest card that begins here: where it ends and how many digits it has.
    fn card(&self) -> Option<(usize, usize)> {
        let card = self.ends.iter().rev().find(|(count, _)| {
            let is_long = *count > 16 && self.together >= *count;
            DIGITS.contains(count)
                && (!is_long || begins(&self.digits, LONG))
                && is_issued(&self.digits[..*count])
                && luhn(&self.digits[..*count])
        });
        card.map(|&(count, end)| (end, count))
    }
}

fn is_issued(digits: &[u8]) -> bool {
    ISSUERS.iter().any(|&(length, from, to, lengths)| {
        begins(digits, &[(length, from, to)]) && lengths.contains(&digits.len())
    })
}

/// True if the first digits are from one of the ranges.
fn begins(digits: &[u8], ranges: &[(usize, u32, u32)]) -> bool {
    ranges.iter().any(|&(length, from, to)| {
        let first = digits[..length].iter();
        let first = first.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        (from..=to).contains(&first)
    })
}

/// The check digit of ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(at, digit)| {
        let value = u32::from(digit - b'0') << (at % 2);
        value / 10 + value % 10
    });
    weighed.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_told_from_other_digits() {
        let check = |text: &str, expect: &[&str]| {
            let mut cards = Vec::new();
            find(text.as_bytes(), |place, _| cards.push(&text[place]));
            assert_eq!(cards, expect, "{text}");
        };
        // The numbers that issuers publish for tests.
        for card in [
            "4111111111111111",
            "4012888888881881",
            "4222222222222",
            "5555555555554444",
            "5105105105105100",
            "2223003122003222",
            "378282246310005",
            "371449635398431",
            "6011111111111117",
            "30569309025904",
            "38520000023237",
            "3530111333300000",
            "6200000000000005",
            "6759649826438453",
            "2200000000000004",
        ] {
            check(card, &[card]);
            check(&format!("a {card}."), &[card]);
            check(&format!("card={card}&x"), &[card]);
            check(&format!("x{card}"), &[]);
            check(&format!("{card}f"), &[]);
            check(&format!("1{card}"), &[]);
            check(&format!("0.{card}"), &[]);
        }
        check("4111 1111 1111 1111", &["4111 1111 1111 1111"]);
        check("4111-1111-1111-1111", &["4111-1111-1111-1111"]);
        check("3782 822463 10005", &["3782 822463 10005"]);
        check("6212345678901234569", &["6212345678901234569"]);
        check("4466 4249 9571 7742 348", &["4466 4249 9571 7742 348"]);
        check(
            "no 1234 4111 1111 1111 1111 exp 12 26",
            &["4111 1111 1111 1111"],
        );
        check("4111 1111 1111 1111 0327", &["4111 1111 1111 1111"]);
        check(
            "5555555555554444,4111111111111111",
            &["5555555555554444", "4111111111111111"],
        );
        check(
            "5555555555554444 4111111111111111",
            &["5555555555554444", "4111111111111111"],
        );
        // A wrong check digit, a wrong length, an unknown issuer, other groups.
        for none in [
            "4111111111111112",
            "411111111111111",
            "9999999999999995",
            "41 11 11 11 11 11 11 11",
            "4111 1111-1111 1111",
            "4111  1111 1111 1111",
            "1795178019330000",
            "",
            "4111111111111111111111111111",
            // An id, which could be a card of 19 digits by its check digit.
            "4466424995717742348",
            "40be6df2-4111-4111-8111-111111111111",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn it_hands_out_the_digits_alone() {
        let mut all = Vec::new();
        find(b"4111-1111-1111-1111", |_, digits| {
            all.push(digits.to_vec());
        });
        assert_eq!(all, [b"4111111111111111"]);
    }
}
