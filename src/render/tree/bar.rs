//! A bar: how long a scope took, measured by its request.

/// The columns of a bar that is as long as the request.
pub(super) const LENGTH: usize = 10;

/// Eighths of a column.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar for a part of the whole, of which `own` was spent by the scope itself: that is solid, and
/// the rest, in which others were at work, is shaded.
pub(super) fn bar(part: f64, own: Option<f64>, whole: f64, ascii: bool) -> String {
    let share = |seconds: f64| {
        let share = seconds / whole;
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let part = share(part);
    let own = own.map_or(part, |own| share(own).min(part));
    if part <= 0.0 {
        return String::new();
    }
    let columns = |share: f64| rounded(share, LENGTH);
    let (solid, shaded) = if ascii { ('#', '-') } else { ('█', '░') };
    let all_own = part - own < 1e-9;
    let mut text = String::new();
    if all_own && !ascii {
        let eighths = rounded(part, LENGTH * 8).max(1);
        text.extend(std::iter::repeat_n(solid, eighths / 8));
        text.extend(Some(EIGHTHS[eighths % 8]).filter(|&c| c != ' '));
        return text;
    }
    let (length, own) = (columns(part), columns(own));
    if length == 0 {
        return (if ascii { '-' } else { EIGHTHS[1] }).into();
    }
    let own = if all_own { length } else { own.min(length) };
    text.extend(std::iter::repeat_n(solid, own));
    text.extend(std::iter::repeat_n(shaded, length - own));
    text
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share is between 0 and 1, and a length is short"
)]
fn rounded(share: f64, length: usize) -> usize {
    (share * length as f64).round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_what_they_stand_for() {
        let check = |part: f64, own: Option<f64>, expect: &str, ascii: &str| {
            assert_eq!(bar(part, own, 10.0, false), expect, "{part}");
            assert_eq!(bar(part, own, 10.0, true), ascii, "{part}");
        };
        check(10.0, None, "██████████", "##########");
        check(5.0, None, "█████", "#####");
        check(5.5, None, "█████▌", "######");
        check(0.001, None, "▏", "-");
        check(0.0, None, "", "");
        check(-1.0, None, "", "");
        check(99.0, Some(3.0), "███░░░░░░░", "###-------");
        check(5.0, Some(0.0), "░░░░░", "-----");
        check(5.0, Some(9.0), "█████", "#####");
        check(0.2, Some(0.1), "▏", "-");
        check(0.6, Some(0.1), "░", "-");
        assert_eq!(bar(1.0, None, 0.0, false), "");
        assert_eq!(bar(f64::NAN, None, 1.0, false), "");
    }
}
