//! Ranks: what mostly decides the order of the records of one tree, as one number.

/// Steps of a path and a position within it; see [`rank`].
pub(super) type Rank = u128;

/// The beginning of what decides the order of the records of one tree: the steps of a path, as
/// far as they fit, and the position within it, if all of it fits. Equal ranks say nothing.
pub(super) fn rank(path: &[u8], position: u64) -> Rank {
    const ROOM: usize = size_of::<u64>() - 1;
    let known = path.iter().take(ROOM);
    // Not as bytes in memory, which a processor waits for before it reads them as one number.
    let steps = known.fold(0, |steps, &step| steps << 8 | u64::from(step));
    if path.len() > ROOM {
        return u128::from(steps << 8 | u64::from(u8::MAX)) << u64::BITS;
    }
    // Of two that differ by zeros at the end the shorter one comes first.
    let steps = steps << (8 * (ROOM - path.len())) << 8 | path.len() as u64;
    u128::from(steps) << u64::BITS | u128::from(position)
}
