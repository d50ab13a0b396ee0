//! Spilling: when the catalog exceeds its memory, its trees go to partitions.
//!
//! A partition holds all that is known of the trees whose ids fall into it; ids that were
//! found to belong together count as one. So each partition can be put together alone, and
//! what comes out is sorted into ranges, of which one at a time fits into the memory. Storage
//! is whatever the caller opens; this module only reads and writes it.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
};

use super::{
    catalog::{Catalog, Name, Trees, Whole},
    log::Seen,
    spots::Spots,
};

/// How many partitions and ranges there are: a catalog of 64 times the memory still fits.
pub const PARTITIONS: usize = 64;

/// Which ids belong together, across all that has been spilled.
#[derive(Debug, Default)]
pub struct Links {
    /// For the hash of an id that of another one of the same tree; in the end always the same.
    above: HashMap<u64, u64>,
}

impl Links {
    fn add(&mut self, hashes: &[u64]) {
        let Some((&first, others)) = hashes.split_first() else {
            return;
        };
        for &other in others {
            let (one, other) = (self.find(first), self.find(other));
            let (low, high) = (one.min(other), one.max(other));
            self.above.entry(low).or_insert(low);
            self.above.insert(high, low);
        }
    }

    fn find(&self, mut hash: u64) -> u64 {
        while let Some(&above) = self.above.get(&hash)
            && above != hash
        {
            hash = above;
        }
        hash
    }

    /// True if no ids belong together.
    pub fn is_empty(&self) -> bool {
        self.above.is_empty()
    }

    /// The bytes of memory in use, about.
    pub fn memory(&self) -> usize {
        self.above.capacity() * 2 * size_of::<(u64, u64)>()
    }

    /// The partition of a tree that has an id of that hash.
    fn partition(&self, hash: u64) -> usize {
        part(self.find(hash), PARTITIONS)
    }
}

/// The part of a hash. The low bits place it in tables, so these are others.
fn part(hash: u64, parts: usize) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0) % parts
}

/// Moves all trees of the catalog to partitions.
pub fn spill(
    catalog: &mut Catalog,
    links: &mut Links,
    partitions: &mut [impl Write],
) -> io::Result<()> {
    catalog.each(|first, ids, spots| {
        let hashes: Vec<_> = ids.iter().map(|&(hash, ..)| hash).collect();
        links.add(&hashes);
        let hash = hashes.first().copied().unwrap_or(0);
        let out = &mut partitions[part(hash, PARTITIONS)];
        write_tree(out, first, ids, &spots.iter().copied().collect())
    })?;
    catalog.clear();
    Ok(())
}

fn write_tree(
    out: &mut impl Write,
    first: u64,
    ids: &[(u64, u8, &str)],
    spots: &Spots,
) -> io::Result<()> {
    out.write_all(&first.to_le_bytes())?;
    write_size(out, ids.len())?;
    for &(hash, family, id) in ids {
        out.write_all(&hash.to_le_bytes())?;
        out.write_all(&[family])?;
        write_sized(out, id.as_bytes())?;
    }
    write_spots(out, spots)
}

/// A tree as it was spilled.
struct Spilled {
    first: u64,
    ids: Vec<(u64, u8, String)>,
    spots: Spots,
}

impl Spilled {
    /// Reads the next tree, if there is one.
    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let Some(first) = read_number(from)? else {
            return Ok(None);
        };
        let count = read_size(from)?;
        let mut ids = Vec::new();
        for _ in 0..count {
            let hash = u64::from_le_bytes(read_bytes(from)?);
            let [family] = read_bytes(from)?;
            ids.push((hash, family, read_text(from)?));
        }
        let spots = Spots::from_bytes(read_sized(from)?);
        Ok(Some(Self { first, ids, spots }))
    }

    fn hash(&self) -> u64 {
        self.ids.first().map_or(0, |(hash, ..)| *hash)
    }

    fn ids(&self) -> Vec<(u64, u8, &str)> {
        self.ids
            .iter()
            .map(|(hash, family, id)| (*hash, *family, id.as_str()))
            .collect()
    }
}

/// Moves the trees of one partition that belong to another one, because of ids that were
/// found later, to that one's `moved`.
pub fn resettle(
    number: usize,
    mut partition: impl Read,
    links: &Links,
    moved: &mut [impl Write],
) -> io::Result<()> {
    while let Some(tree) = Spilled::read(&mut partition)? {
        let home = links.partition(tree.hash());
        if home != number {
            write_tree(&mut moved[home], tree.first, &tree.ids(), &tree.spots)?;
        }
    }
    Ok(())
}

/// Puts the trees of a partition together, with those that were moved to it.
pub fn gather(
    number: usize,
    mut partition: impl Read,
    mut moved: impl Read,
    links: &Links,
) -> io::Result<Trees> {
    let mut catalog = Catalog::default();
    while let Some(tree) = Spilled::read(&mut partition)? {
        if links.partition(tree.hash()) == number {
            catalog.insert(tree.first, &tree.ids(), &tree.spots);
        }
    }
    while let Some(tree) = Spilled::read(&mut moved)? {
        catalog.insert(tree.first, &tree.ids(), &tree.spots);
    }
    Ok(catalog.into_trees())
}

/// Writes one of the trees that are known whole, with the key that it is to be sorted by.
pub fn write_whole(
    out: &mut impl Write,
    key: &[u8],
    trees: &Trees,
    tree: &Whole,
) -> io::Result<()> {
    write_sized(out, key)?;
    match trees.name(tree) {
        Some(name) => {
            out.write_all(&[1, name.family])?;
            write_sized(out, name.id.as_bytes())?;
        }
        None => out.write_all(&[0])?,
    }
    let mut spots = Vec::new();
    trees.spots(tree, &mut Seen::default(), &mut spots);
    write_spots(out, &spots.into_iter().collect())
}

/// Reads the next whole tree and adds it to `trees`; returns its key.
pub fn read_whole(from: &mut impl Read, trees: &mut Trees) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = read_number(from)? else {
        return Ok(None);
    };
    let mut key = vec![0; usize::try_from(length).unwrap_or(0)];
    from.read_exact(&mut key)?;
    let text;
    let name = if read_bytes(from)? == [0] {
        None
    } else {
        let [family] = read_bytes(from)?;
        text = read_text(from)?;
        Some(Name { family, id: &text })
    };
    trees.push(name, &Spots::from_bytes(read_sized(from)?));
    Ok(Some(key))
}

fn write_spots(out: &mut impl Write, spots: &Spots) -> io::Result<()> {
    write_sized(out, spots.bytes())
}

fn write_sized(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    write_size(out, bytes.len())?;
    out.write_all(bytes)
}

fn write_size(out: &mut impl Write, size: usize) -> io::Result<()> {
    out.write_all(&(size as u64).to_le_bytes())
}

fn read_number(from: &mut impl Read) -> io::Result<Option<u64>> {
    let mut number = [0; 8];
    if from.read(&mut number[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut number[1..])?;
    Ok(Some(u64::from_le_bytes(number)))
}

fn read_bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_size(from: &mut impl Read) -> io::Result<usize> {
    usize::try_from(u64::from_le_bytes(read_bytes(from)?))
        .map_err(|_| io::ErrorKind::InvalidData.into())
}

fn read_text(from: &mut impl Read) -> io::Result<String> {
    String::from_utf8(read_sized(from)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn read_sized(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let size = read_size(from)?;
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
