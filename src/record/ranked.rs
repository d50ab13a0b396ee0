//! Fields with one meaning, which producers call by many names: a record is asked at once which of
//! them it has, because it has few.

use std::collections::BTreeSet;

use super::{
    found::Found,
    path::Path,
    projection::Field,
    reader::{Reader, Record},
    value::Value,
};

/// Some fields, the best first.
#[derive(Clone, Debug, Default)]
pub struct Ranked {
    fields: Vec<Field>,
    /// The slot, if there is just one.
    only: Option<u16>,
    /// All slots, if there are more.
    groups: Vec<Group>,
}

/// Some of the slots of the fields, no more than there are bits in a word.
#[derive(Clone, Debug, Default)]
struct Group {
    words: Vec<Word>,
    /// The slots, the best first, each with the number of its field.
    slots: Vec<(u16, usize)>,
}

/// Where `Found` notes whether something was found for some of the slots.
#[derive(Clone, Debug)]
struct Word {
    number: usize,
    bits: u64,
    /// For each of the bits which of the group's slots it is.
    ranks: [u8; 64],
}

impl Ranked {
    /// All of them.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn new(fields: Vec<Field>) -> Self {
        let of = |(number, field): (usize, &Field)| -> Vec<_> {
            field.slots().iter().map(|&slot| (slot, number)).collect()
        };
        // A field that is named twice counts where it is named first.
        let mut known = BTreeSet::new();
        let slots = fields.iter().enumerate().flat_map(of);
        let slots: Vec<_> = slots.filter(|(slot, _)| known.insert(*slot)).collect();
        let (only, slots) = match slots[..] {
            [(slot, _)] => (Some(slot), &[][..]),
            _ => (None, &slots[..]),
        };
        let groups = slots.chunks(64).map(Group::new).collect();
        Self {
            fields,
            only,
            groups,
        }
    }
}

impl Group {
    fn new(slots: &[(u16, usize)]) -> Self {
        let mut group = Self {
            words: Vec::new(),
            slots: slots.to_vec(),
        };
        for (rank, &(slot, _)) in (0..).zip(slots) {
            let (number, place) = (usize::from(slot / 64), usize::from(slot % 64));
            let known = group
                .words
                .iter_mut()
                .position(|word| word.number == number);
            let at = known.unwrap_or_else(|| {
                group.words.push(Word {
                    number,
                    bits: 0,
                    ranks: [0; 64],
                });
                group.words.len() - 1
            });
            let word = &mut group.words[at];
            word.bits |= 1 << place;
            word.ranks[place] = rank;
        }
        group
    }

    /// A bit for each slot that has something.
    #[inline]
    fn present(&self, found: &Found) -> u64 {
        let mut present = 0;
        for word in &self.words {
            let mut bits = found.word(word.number) & word.bits;
            while bits != 0 {
                present |= 1 << word.ranks[bits.trailing_zeros() as usize];
                bits &= bits - 1;
            }
        }
        present
    }
}

impl Reader {
    /// Asks for raw fields that mean the same, by dotted paths, the best first.
    pub fn ranked(&mut self, paths: &[&str]) -> Ranked {
        let ask = |path: &&str| self.raw(&Path::dotted(path));
        Ranked::new(paths.iter().map(ask).collect())
    }
}

impl<'a, 'f> Record<'a, 'f> {
    /// The values of those of the fields that it has, the best first.
    #[inline]
    pub fn ranked<'r>(
        &self,
        ranked: &'r Ranked,
    ) -> impl Iterator<Item = Value<'a>> + use<'a, 'f, 'r> {
        let (line, found) = self.parts();
        let (mut groups, mut slots, mut left) = (ranked.groups.iter(), &[][..], 0_u64);
        let mut last = None;
        let only = ranked.only.and_then(|slot| found.value(slot, line));
        let several = std::iter::from_fn(move || {
            loop {
                while left == 0 {
                    let group = groups.next()?;
                    (slots, left) = (&group.slots, group.present(found));
                }
                let (slot, field) = slots[left.trailing_zeros() as usize];
                left &= left - 1;
                // Of the readings of a field the first counts.
                if last != Some(field)
                    && let Some(value) = found.value(slot, line)
                {
                    last = Some(field);
                    return Some(value);
                }
            }
        });
        only.into_iter().chain(several)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Names of which some are inside of others, and more than one group holds.
    fn names() -> Vec<String> {
        let flat = (0..90).map(|number| format!("k{number}"));
        let nested = (0..20).map(|number| format!("o{}.k{number}", number % 3));
        flat.chain(nested).collect()
    }

    proptest! {
        #[test]
        fn they_are_what_each_field_gives(
            asked in vec(0..110_usize, 1..80),
            lines in vec(vec((0..110_usize, any::<bool>()), 0..6), 1..20),
        ) {
            let names = names();
            let paths: Vec<_> = asked.iter().map(|&at| &*names[at]).collect();
            let mut reader = Reader::default();
            let ranked = reader.ranked(&paths);
            let mut found = Found::default();
            for line in lines {
                let member = |(at, is_nested): &(usize, bool)| match names[*at].split_once('.') {
                    Some((object, key)) if *is_nested => format!("\"{object}\":{{\"{key}\":{at}}}"),
                    _ => format!("\"{}\":{at}", names[*at]),
                };
                let line = format!("{{{}}}", line.iter().map(member).collect::<Vec<_>>().join(","));
                // Until the layout is known.
                for _ in 0..4 {
                    let record = reader.read(&*line, &mut found).expect("a record");
                    let mut expect: Vec<_> = Vec::new();
                    for (at, field) in ranked.fields().iter().enumerate() {
                        if !asked[..at].contains(&asked[at]) {
                            expect.extend(record.raw(field));
                        }
                    }
                    let came: Vec<_> = record.ranked(&ranked).collect();
                    prop_assert_eq!(&came, &expect, "{}", line);
                }
            }
        }
    }
}
