//! Numbers of things in words.

/// `1 scope`, `2 scopes`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
