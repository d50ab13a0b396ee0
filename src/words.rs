//! Numbers of things in words, for messages and views.

/// `1 line`, `2 lines`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
