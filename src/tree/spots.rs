//! A list of records and notes as bytes, as it is kept in a file.

use super::{
    log::Spot,
    varint::{put, take},
};

/// The addresses and lengths of records, in as few bytes as they need, and the note on each.
#[derive(Clone, Debug, Default)]
pub(super) struct Spots {
    bytes: Vec<u8>,
    end: u64,
}

impl Spots {
    /// Adds a record.
    fn push(&mut self, spot: Spot<'_>) {
        let Spot {
            address,
            length,
            note,
        } = spot;
        let step = address.wrapping_sub(self.end).cast_signed();
        put(
            &mut self.bytes,
            ((step << 1) ^ (step >> 63)).cast_unsigned(),
        );
        put(&mut self.bytes, length as u64);
        put(&mut self.bytes, note.len() as u64);
        self.bytes.extend_from_slice(note);
        self.end = address.wrapping_add(length as u64);
    }

    /// The list as bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The list of which these are the bytes.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, end: 0 }
    }
}

impl<'s> FromIterator<Spot<'s>> for Spots {
    fn from_iter<I: IntoIterator<Item = Spot<'s>>>(spots: I) -> Self {
        let mut list = Self::default();
        for spot in spots {
            list.push(spot);
        }
        list
    }
}

impl<'a> IntoIterator for &'a Spots {
    type Item = Spot<'a>;
    type IntoIter = SpotsIter<'a>;

    fn into_iter(self) -> SpotsIter<'a> {
        SpotsIter {
            left: &self.bytes,
            end: 0,
        }
    }
}

/// Goes through a list.
#[derive(Clone, Debug)]
pub(super) struct SpotsIter<'a> {
    left: &'a [u8],
    end: u64,
}

impl<'a> Iterator for SpotsIter<'a> {
    type Item = Spot<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = take(&mut self.left)?;
        let length = take(&mut self.left)?;
        let note = usize::try_from(take(&mut self.left)?).ok()?;
        let (note, left) = self.left.split_at_checked(note)?;
        self.left = left;
        let step = (step >> 1).cast_signed() ^ -(step & 1).cast_signed();
        let address = self.end.wrapping_add(step.cast_unsigned());
        self.end = address.wrapping_add(length);
        Some(Spot {
            address,
            length: usize::try_from(length).ok()?,
            note,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn spots_are_what_was_put_into_the_list(
            list in vec((0..u64::MAX / 2, 0_usize..1 << 30, vec(any::<u8>(), 0..30)), 0..50),
        ) {
            let spots = list.iter().map(|(address, length, note)| Spot {
                address: *address,
                length: *length,
                note,
            });
            let bytes = spots.clone().collect::<Spots>().bytes().to_vec();
            let back = Spots::from_bytes(bytes);
            prop_assert!(back.into_iter().eq(spots));
        }
    }
}
