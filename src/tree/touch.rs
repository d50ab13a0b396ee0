//! Looking at memory before it is needed. What stands far apart would be waited for one after the
//! other; looked at in one go, it comes at the same time.

/// What comes along with a byte of memory.
const CACHE_LINE: usize = 64;

/// Looks at all of these bytes.
#[inline]
pub(super) fn touch<'a>(parts: impl Iterator<Item = &'a [u8]>) {
    let look = |any, byte: &u8| any | byte;
    let any = parts.fold(0, |any, part| {
        let end = part.last().copied().unwrap_or_default();
        part.iter().step_by(CACHE_LINE).fold(any | end, look)
    });
    std::hint::black_box(any);
}
