//! Lines that are no records: as they came, dimmed, and harmless.

use super::{style::Style, text::sanitize};

/// Appends a line that is no record, with its newline. Tabs stay, because its columns were meant
/// to be seen.
pub fn write_foreign(line: &[u8], style: &Style, out: &mut Vec<u8>) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    let parts: Vec<_> = text.split('\t').map(sanitize).collect();
    style.paint(out, style.palette.dim, &parts.join("\t"));
    out.push(b'\n');
}
