//! The flags of trees that are written while the input goes on.

use std::time::Duration;

use clap::Args;

use crate::cli::common::parse_duration;

/// When trees are written before the input ends.
#[derive(Args, Debug)]
pub(super) struct LiveArgs {
    /// Write each tree when it is complete, others when silent for TIME
    ///
    /// Without this flag all trees are written when the input has ended. The units are ms,
    /// s, m and h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(super) live_window: Option<Duration>,

    /// With --live-window, wait this long for records that no id announces
    ///
    /// Eliot's ids tell how many records there are, so that its trees need no grace if no record names
    /// another tree. Others are written when the root and all scopes seen have ended and this time has
    /// passed without a record.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "1s")]
    #[arg(requires = "live_window", hide_short_help = true)]
    pub(super) grace: Duration,

    /// With --live-window, write an incomplete tree after this silence [default: the window]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "live_window")]
    #[arg(hide_short_help = true)]
    pub(super) idle: Option<Duration>,

    /// With --live-window, also write unfinished trees that have grown, as snapshots
    ///
    /// A snapshot has the members snapshot and revision; the next one of the same tree, or the
    /// tree itself, takes its place. If the tree has another id then, it names the one before in replaces.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "live_window")]
    #[arg(conflicts_with = "flatten", hide_short_help = true)]
    pub(super) progress_every: Option<Duration>,
}

impl LiveArgs {
    /// How long the silence of an incomplete tree may be, if trees are written early.
    pub(super) fn idle(&self) -> Option<Duration> {
        let window = self.live_window?;
        Some(self.idle.unwrap_or(window))
    }

    /// How long the program may sleep when nothing comes: a complete tree must not be late by
    /// more than can be felt.
    pub(super) fn tick(&self) -> Option<Duration> {
        const LEAST: Duration = Duration::from_millis(10);
        const MOST: Duration = Duration::from_millis(25);
        let shortest = self.idle()?.min(self.grace);
        Some((shortest / 4).clamp(LEAST, MOST))
    }
}
