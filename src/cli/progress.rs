//! How far the reading has come, on a terminal: a bar where the sizes of all inputs are known, and
//! a count where they are not.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::endpoint::Endpoint;

/// A progress bar over the sizes of all inputs, if somebody is there to see it and the
/// output does not go to the same terminal.
pub(super) fn progress(inputs: &[Endpoint], outputs: &[Endpoint]) -> Option<ProgressBar> {
    if !is_seen(outputs) {
        return None;
    }
    let size = |input: &Endpoint| match input {
        Endpoint::File(path) => std::fs::metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|m| m.len()),
        _ => None,
    };
    let total = inputs.iter().map(size).sum::<Option<u64>>()?;
    // What takes less than a moment needs no bar.
    if total < 64 << 20 {
        return None;
    }
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
            .ok()?;
    bar.set_style(style);
    Some(bar)
}

/// A count of what has been read, under the same conditions.
pub(super) fn counter(outputs: &[Endpoint]) -> Option<ProgressBar> {
    // Who types records knows how many there are.
    if !is_seen(outputs) || io::stdin().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{spinner} {bytes} {bytes_per_sec}").ok()?);
    Some(bar)
}

fn is_seen(outputs: &[Endpoint]) -> bool {
    let shares = outputs.contains(&Endpoint::Standard) && io::stdout().is_terminal();
    io::stderr().is_terminal() && !shares
}
