//! The index of a piece of a chunk: where its lines end, and where their quotes and backslashes
//! stand. It is made 64 bytes at a time without a branch that depends on the text, so that the
//! scanner, who would have to guess the length of each string, knows it.

use std::ops::ControlFlow;

use wide::u8x16;

use super::line::Lines;

/// How much is indexed at a time, so that text and index stay in the nearest caches; a line
/// that is longer has no index.
const PIECE: usize = 32 << 10;

const BLOCK: usize = 64;

/// A line without its newline and, where they are known, what comes behind it and its part of
/// an index.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub(super) bytes: &'a [u8],
    /// The text from the beginning of the line on, as far as it is at hand. What is behind the
    /// line may be looked at, so that there is always enough for a vector.
    pub(super) ahead: &'a [u8],
    pub(super) marks: Option<Marks<'a>>,
}

impl<'a> Line<'a> {
    /// The bytes of the line.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> From<&'a T> for Line<'a> {
    fn from(bytes: &'a T) -> Self {
        Self {
            bytes: bytes.as_ref(),
            ahead: bytes.as_ref(),
            marks: None,
        }
    }
}

/// Where each quote and backslash of a line stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks<'a> {
    /// In order, counted from the beginning of the piece.
    pub(super) places: &'a [u16],
    /// Where the line begins in it.
    pub(super) base: u16,
}

/// The memory of an index, used again for each piece.
#[derive(Debug, Default)]
pub struct Index {
    /// With room for a block behind the last one: what a block adds is stored as a whole.
    marks: Vec<u16>,
    lines: Vec<End>,
}

/// Where a line ends in its piece, and in the marks.
#[derive(Clone, Copy, Debug)]
struct End {
    text: u16,
    marks: u16,
}

impl Index {
    /// Goes through the lines of a chunk; an unterminated last line counts too.
    pub fn each<B>(
        &mut self,
        chunk: &[u8],
        mut line: impl FnMut(Line<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let piece = &rest[..rest.len().min(PIECE)];
            self.read(piece);
            let (mut start, mut first) = (0, 0);
            for end in &self.lines {
                line(Line {
                    bytes: &piece[usize::from(start)..usize::from(end.text)],
                    ahead: &piece[usize::from(start)..],
                    marks: Some(Marks {
                        places: &self.marks[usize::from(first)..usize::from(end.marks)],
                        base: start,
                    }),
                })?;
                start = end.text + 1;
                first = end.marks;
            }
            if start == 0 || piece.len() == rest.len() {
                // A line of which the end is not in the piece, or that has none.
                let mut lines = Lines::new(&rest[usize::from(start)..]);
                if let Some(bytes) = lines.next() {
                    line(bytes.into())?;
                }
                rest = lines.rest();
            } else {
                rest = &rest[usize::from(start)..];
            }
        }
        ControlFlow::Continue(())
    }

    fn read(&mut self, piece: &[u8]) {
        self.marks.resize(PIECE + BLOCK, 0);
        self.lines.clear();
        let (blocks, rest) = piece.as_chunks();
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        let mut known = 0;
        for (block, start) in blocks.iter().chain([&last]).zip((0..).step_by(BLOCK)) {
            known = self.block(block, start, known);
        }
    }

    /// Adds what stands in a block to the marks that are known; returns how many there are then.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a piece is shorter than 64 KiB"
    )]
    fn block(&mut self, block: &[u8; BLOCK], start: usize, known: usize) -> usize {
        let Hits {
            marks,
            mut newlines,
        } = Hits::new(block);
        while newlines != 0 {
            let before = marks & (newlines ^ (newlines - 1));
            self.lines.push(End {
                text: (start + newlines.trailing_zeros() as usize) as u16,
                marks: (known + before.count_ones() as usize) as u16,
            });
            newlines &= newlines - 1;
        }
        let count = marks.count_ones() as usize;
        if let Some(places) = self.marks[known..].first_chunk_mut::<BLOCK>() {
            let mut left = marks;
            let mut next = || {
                let place = start as u16 + left.trailing_zeros() as u16;
                left &= left.wrapping_sub(1);
                place
            };
            // More than there are, rather than as many: the number cannot be foreseen.
            places[..8].fill_with(&mut next);
            if count > 8 {
                places[8..16].fill_with(&mut next);
            }
            if count > 16 {
                places[16..count].fill_with(&mut next);
            }
        }
        known + count
    }
}

/// The places in a block: a bit for each byte.
struct Hits {
    marks: u64,
    newlines: u64,
}

impl Hits {
    #[inline]
    fn new(block: &[u8; BLOCK]) -> Self {
        let (mut marks, mut newlines) = (0, 0);
        let (parts, _) = block.as_chunks::<16>();
        for (part, shift) in parts.iter().zip((0..).step_by(16)) {
            let part = u8x16::new(*part);
            let is = |byte| part.simd_eq(u8x16::splat(byte));
            marks |= u64::from((is(b'"') | is(b'\\')).to_bitmask()) << shift;
            newlines |= u64::from(is(b'\n').to_bitmask()) << shift;
        }
        Self { marks, newlines }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lines of a chunk with their marks, as the index has them.
    fn indexed(chunk: &[u8]) -> Vec<(Vec<u8>, Option<Vec<usize>>)> {
        let mut lines = Vec::new();
        let done: ControlFlow<()> = Index::default().each(chunk, |line| {
            let marks = line.marks.map(|marks| {
                let place = |&place: &u16| usize::from(place - marks.base);
                marks.places.iter().map(place).collect()
            });
            lines.push((line.bytes.to_vec(), marks));
            ControlFlow::Continue(())
        });
        assert_eq!(done, ControlFlow::Continue(()));
        lines
    }

    /// Checks the lines against a search for newlines, and the marks against one for marks.
    fn check(chunk: &[u8]) -> usize {
        let lines = indexed(chunk);
        let expect: Vec<_> = Lines::new(chunk).collect();
        let texts: Vec<_> = lines.iter().map(|(text, _)| text.as_slice()).collect();
        assert_eq!(texts, expect);
        for (text, marks) in &lines {
            let expect: Vec<_> = memchr::memchr2_iter(b'"', b'\\', text).collect();
            assert!(marks.as_ref().is_none_or(|marks| *marks == expect));
        }
        lines.iter().filter(|(_, marks)| marks.is_some()).count()
    }

    proptest! {
        #[test]
        fn all_lines_and_marks_are_found(
            lines in prop::collection::vec(("[a\"\\\\]{0,200}", 1_usize..400), 0..40),
            ended in any::<bool>(),
        ) {
            let mut chunk: Vec<u8> = lines
                .iter()
                .flat_map(|(text, times)| [text.repeat(*times).as_bytes(), b"\n"].concat())
                .collect();
            if !ended {
                chunk.pop();
            }
            check(&chunk);
        }
    }

    #[test]
    fn lines_at_the_ends_of_blocks_and_pieces() {
        for length in (0..130).chain(PIECE - 70..PIECE + 70) {
            let line = "\"".repeat(length);
            // A line and its newline have to be in a piece.
            let has = usize::from(length < PIECE);
            assert_eq!(
                check(format!("{line}\n{line}\n").as_bytes()),
                2 * has,
                "{length}"
            );
            assert_eq!(check(format!("{line}\n{line}").as_bytes()), has, "{length}");
            assert_eq!(
                check(format!("\n\n{line}\nx\n").as_bytes()),
                3 + has,
                "{length}"
            );
        }
    }

    #[test]
    fn who_breaks_off_gets_no_more() {
        let mut seen = 0;
        let broken = Index::default().each(b"1\n2\n3\n", |line| {
            seen += 1;
            if line.bytes() == b"2" {
                ControlFlow::Break("enough")
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((broken, seen), (ControlFlow::Break("enough"), 2));
    }
}
