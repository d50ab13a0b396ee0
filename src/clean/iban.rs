//! International bank account numbers: the country's length, and the remainder of 97.

use std::ops::Range;

/// The countries of the IBAN registry and the length of their numbers.
const COUNTRIES: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 \
    CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 \
    HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 \
    ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 \
    SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// Hands the places of account numbers in `text` to `found`, with the number as it is
/// written without blanks.
///
/// Upper or lower case, with single blanks or dashes anywhere behind the check digits;
/// neither a letter nor a digit stands next to it.
pub(super) fn find(text: &[u8], mut found: impl FnMut(Range<usize>, &[u8])) {
    let mut at = 0;
    while at + 15 <= text.len() {
        if let Some((end, number)) = account(text, at) {
            found(at..end, &number);
            at = end;
        } else {
            at += 1;
        }
    }
}

fn account(text: &[u8], start: usize) -> Option<(usize, Vec<u8>)> {
    let head = text.get(start..start + 4)?;
    if !head[..2].iter().all(u8::is_ascii_alphabetic)
        || !head[2..].iter().all(u8::is_ascii_digit)
        || (start > 0 && text[start - 1].is_ascii_alphanumeric())
    {
        return None;
    }
    let length = length(&head[..2])?;
    let mut number = head.to_ascii_uppercase();
    let mut at = start + 4;
    while number.len() < length {
        let byte = *text.get(at)?;
        if byte.is_ascii_alphanumeric() {
            number.push(byte.to_ascii_uppercase());
        } else if !matches!(byte, b' ' | b'-') || !text[at - 1].is_ascii_alphanumeric() {
            return None;
        }
        at += 1;
    }
    let ends = !text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (ends && remainder(&number) == 1).then_some((at, number))
}

fn length(country: &[u8]) -> Option<usize> {
    let row = COUNTRIES
        .split_ascii_whitespace()
        .find(|row| row.as_bytes()[..2].eq_ignore_ascii_case(country))?;
    row[2..].parse().ok()
}

/// The number modulo 97, its head moved to the end and letters counted from 10 (ISO 7064).
fn remainder(number: &[u8]) -> u32 {
    let (head, rest) = number.split_at(4);
    rest.iter().chain(head).fold(0, |sum, &byte| {
        let value = char::from(byte).to_digit(36).unwrap_or(0);
        let scale = if value < 10 { 10 } else { 100 };
        (sum * scale + value) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_by_length_and_remainder() {
        let check = |text: &str, expect: &[&str]| {
            let mut accounts = Vec::new();
            find(text.as_bytes(), |place, _| accounts.push(&text[place]));
            assert_eq!(accounts, expect, "{text}");
        };
        // The examples of the registry.
        for iban in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "CH9300762011623852957",
        ] {
            check(iban, &[iban]);
            check(&format!("to {iban}, please"), &[iban]);
            check(&format!("x{iban}"), &[]);
            check(&format!("{iban}0"), &[]);
        }
        check(
            "DE89 3704 0044 0532 0130 00 and more",
            &["DE89 3704 0044 0532 0130 00"],
        );
        check(
            "de89-3704-0044-0532-0130-00",
            &["de89-3704-0044-0532-0130-00"],
        );
        for none in [
            "DE88370400440532013000",
            "DE89  3704 0044 0532 0130 00",
            "XX89370400440532013000",
            "DE89",
        ] {
            check(none, &[]);
        }
    }
}
