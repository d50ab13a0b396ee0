//! What can go wrong on the way: lines are lost, come twice, out of order, in several files.

use super::record::Line;
use crate::rng::Rng;

/// How lines come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arrival {
    /// In the order in which they were written, by a clock that is never wrong.
    InOrder,
    Reversed,
    Shuffled,
    /// A file for each process.
    ByProcess,
    /// Each line in any of three files, out of order.
    Scattered,
}

impl Arrival {
    pub(super) const ALL: [Self; 5] = [
        Self::InOrder,
        Self::Reversed,
        Self::Shuffled,
        Self::ByProcess,
        Self::Scattered,
    ];

    /// The files that the lines come in.
    pub(super) fn files(self, lines: &[Line], rng: &mut Rng) -> Vec<String> {
        let mut lines: Vec<_> = lines.iter().collect();
        let mut files = vec![String::new(); 8];
        match self {
            Self::InOrder => {}
            Self::Reversed => lines.reverse(),
            Self::Shuffled | Self::Scattered => rng.mix(&mut lines),
            Self::ByProcess => lines.sort_by_key(|line| line.process),
        }
        for line in lines {
            let file = match self {
                Self::ByProcess => line.process,
                Self::Scattered => rng.below(3),
                _ => 0,
            };
            files[file].push_str(&line.text);
        }
        files.retain(|file| !file.is_empty());
        files
    }
}

/// The lines without some, and with some others twice.
pub(super) fn survivors(lines: &[Line], loss: usize, doubles: usize, rng: &mut Rng) -> Vec<Line> {
    let mut left = Vec::new();
    for line in lines {
        if rng.percent(loss) {
            continue;
        }
        left.push(line.clone());
        if rng.percent(doubles) {
            left.push(line.clone());
        }
    }
    left
}
