//! Keys that are known from the pickles before, and short texts: a block of bytes at a time.
//!
//! The next key of a record is mostly the one that stood in the same place in the record before. Then it is a few
//! bytes to compare and a few to copy, instead of an opcode to read and a text to check. Knows nothing of values.

use wide::u8x16;

/// The bytes that are looked at, and copied, at a time.
pub(super) const BLOCK: usize = 32;

/// A key, its opcode and all, and what it becomes.
pub(super) struct Key {
    opcode: [u8x16; 2],
    /// Which bytes of it count.
    mask: [u8x16; 2],
    /// `,"key":`, if the key is known to be plain, with room for a block from behind the comma on.
    text: [u8; BLOCK + 1],
    /// How many bytes of each there are, and how many stand in front of the key itself.
    taken: u8,
    written: u8,
    head: u8,
}

impl Key {
    /// Nothing begins with it.
    pub(super) fn unknown() -> Self {
        let nothing = [u8x16::splat(0); 2];
        Self {
            opcode: [u8x16::splat(1); 2],
            mask: nothing,
            text: [0; BLOCK + 1],
            taken: 0,
            written: 0,
            head: 0,
        }
    }

    /// A key whose opcode and text stand in `opcode`, the text from `head` on, and that was written as `text`.
    pub(super) fn new(opcode: &[u8], head: usize, text: &[u8]) -> Option<Self> {
        let (mut bytes, mut mask, mut written) = ([0; BLOCK], [0; BLOCK], [0; BLOCK + 1]);
        bytes.get_mut(..opcode.len())?.copy_from_slice(opcode);
        mask[..opcode.len()].fill(0xff);
        written[0] = b',';
        written[..BLOCK]
            .get_mut(1..=text.len())?
            .copy_from_slice(text);
        Some(Self {
            opcode: words(&bytes),
            mask: words(&mask),
            text: written,
            taken: u8::try_from(opcode.len()).ok()?,
            written: u8::try_from(text.len()).ok()?,
            head: u8::try_from(head).ok()?,
        })
    }

    /// How many bytes of the opcode stand in front of the text.
    #[inline]
    pub(super) fn head(&self) -> usize {
        usize::from(self.head)
    }

    /// Appends what the key becomes, behind a comma if it is not the first one; how many bytes of the pickle it
    /// takes.
    #[inline]
    pub(super) fn write(&self, is_first: bool, out: &mut Vec<u8>) -> usize {
        let skipped = usize::from(is_first);
        if let Some(block) = self.text[skipped..].first_chunk() {
            push_block(out, block, usize::from(self.written) + 1 - skipped);
        }
        usize::from(self.taken)
    }

    /// Whether the key stands at the beginning of `rest`.
    #[inline]
    pub(super) fn begins(&self, rest: &[u8]) -> bool {
        let Some(block) = rest.first_chunk() else {
            return false;
        };
        let [first, second] = words(block);
        let first = (first & self.mask[0]).simd_eq(self.opcode[0]);
        let second = (second & self.mask[1]).simd_eq(self.opcode[1]);
        (first & second).to_bitmask() == 0xffff
    }
}

/// Appends the first bytes of a block, by copying all of it: the number cannot be foreseen, and a copy of a fixed
/// size is a few instructions.
#[inline]
pub(super) fn push_block(out: &mut Vec<u8>, block: &[u8; BLOCK], length: usize) {
    let end = out.len() + length;
    out.extend_from_slice(block);
    out.truncate(end);
}

/// Whether the first bytes of a block are ASCII that needs no escape.
#[inline]
pub(super) fn is_plain(block: &[u8; BLOCK], length: usize) -> bool {
    let (words, _) = block.as_chunks();
    let special = specials(words[0]) | specials(words[1]) << 16;
    u64::from(special) & ((1 << length) - 1) == 0
}

#[inline]
fn specials(word: [u8; 16]) -> u32 {
    let word = u8x16::new(word);
    let is = |byte| word.simd_eq(u8x16::splat(byte));
    let below = word.min(u8x16::splat(0x1f)).simd_eq(word);
    // The mask has the highest bits, which are set above 0x7f.
    (is(b'"') | is(b'\\') | below | word).to_bitmask()
}

#[inline]
fn words(block: &[u8; BLOCK]) -> [u8x16; 2] {
    let (words, _) = block.as_chunks();
    [u8x16::new(words[0]), u8x16::new(words[1])]
}
