//! "Did you mean …": the word that was most likely meant.

/// The candidate nearest to `word`, if one is near enough to be evident: one slip in a
/// short word, two in a word of six letters or more.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = word.chars().take(40).flat_map(char::to_lowercase).collect();
    let room = if word.len() < 6 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|candidate| {
            (
                slips(&word, &candidate.chars().collect::<Vec<_>>()),
                candidate,
            )
        })
        .filter(|(slips, _)| *slips <= room)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// True if `word` is `meant` with one letter left out, one put in, or two exchanged.
///
/// Stricter than [`nearest`], for names that may be right as they are: another letter
/// (`states`) or a plural (`levels`) makes a name of its own.
pub(super) fn is_slip_of(word: &str, meant: &str) -> bool {
    if word.len().abs_diff(meant.len()) > 1 {
        return false;
    }
    let (word, meant): (Vec<char>, Vec<char>) = (word.chars().collect(), meant.chars().collect());
    let same_length = word.len() == meant.len();
    slips(&word, &meant) == 1
        && word.iter().all(char::is_ascii_lowercase)
        && !(word.last() == Some(&'s') && word[..word.len() - 1] == meant[..])
        && !(same_length && word.iter().zip(&meant).filter(|(a, b)| a != b).count() == 1)
}

/// Optimal string alignment: insertions, deletions, substitutions and swapped neighbours.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let one_side = rows[i - 1][j].min(rows[i][j - 1]) + 1;
                let swap = if swapped {
                    rows[i - 2][j - 2] + 1
                } else {
                    usize::MAX
                };
                change.min(one_side).min(swap)
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evident_slips_are_found() {
        let words = ["warning", "error", "info"];
        assert_eq!(nearest("warnning", words), Some("warning"));
        assert_eq!(nearest("eror", words), Some("error"));
        assert_eq!(nearest("ERRRO", words), Some("error"));
        assert_eq!(nearest("banana", words), None);
    }

    #[test]
    fn names_of_their_own_are_no_slips() {
        for slip in ["lvel", "levle", "levell"] {
            assert!(is_slip_of(slip, "level"), "{slip}");
        }
        for name in ["level", "lever", "levels", "level2", "Level", "l"] {
            assert!(!is_slip_of(name, "level"), "{name}");
        }
    }
}
