//! Ranks: what mostly decides the order of the records of one tree, as one number.

/// Steps of a path and a position within it; see [`rank`].
pub(super) type Rank = u128;

/// The beginning of what decides the order of the records of one tree: the steps of a path, as
/// far as they fit, and the position within it, if all of it fits. Equal ranks say nothing.
pub(super) fn rank(path: &[u8], position: u64) -> Rank {
    const ROOM: usize = size_of::<u64>() - 1;
    let mut steps = [0; ROOM + 1];
    for (to, from) in steps[..ROOM].iter_mut().zip(path) {
        *to = *from;
    }
    if path.len() > ROOM {
        steps[ROOM] = u8::MAX;
        return u128::from(u64::from_be_bytes(steps)) << u64::BITS;
    }
    // Of two that differ by zeros at the end the shorter one comes first.
    steps[ROOM] = path.len().to_le_bytes()[0];
    u128::from(u64::from_be_bytes(steps)) << u64::BITS | u128::from(position)
}
