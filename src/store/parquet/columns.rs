//! Rows as columns, on their way into a row group.

use std::{borrow::Cow, io::Write, sync::Arc};

use ::parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::{
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::{
        parser::parse_message_type,
        types::{ColumnPath, TypePtr},
    },
};

use crate::{
    endpoint::Packing,
    record::Instant,
    store::{Hash, Row},
};

/// The columns. Times are in microseconds, because Spark reads no finer ones.
const SCHEMA: &str = "message records {
    required binary hash;
    optional int64 time (TIMESTAMP(MICROS, true));
    optional int32 level (INTEGER(16, true));
    optional binary logger (STRING);
    optional binary service (STRING);
    optional binary host (STRING);
    optional binary tree (STRING);
    required binary record (STRING);
}";

/// The level of zstd, which is that of DuckDB.
const LEVEL: i32 = 3;

/// What every file has: the schema and how columns are written.
#[derive(Clone)]
pub(super) struct Form {
    schema: TypePtr,
    properties: WriterPropertiesPtr,
}

impl Form {
    pub(super) fn new(packing: Packing) -> Result<Self> {
        let compression = match packing {
            Packing::Zstd => Compression::ZSTD(ZstdLevel::try_new(LEVEL)?),
            Packing::Snappy => Compression::SNAPPY,
            Packing::None => Compression::UNCOMPRESSED,
        };
        let [hash, tree, record] = ["hash", "tree", "record"].map(ColumnPath::from);
        let properties = WriterProperties::builder()
            .set_created_by(concat!("distlog version ", env!("CARGO_PKG_VERSION")).into())
            .set_compression(compression)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            // Hashes are random, and no two records are equal.
            .set_column_compression(hash.clone(), Compression::UNCOMPRESSED)
            .set_column_dictionary_enabled(hash.clone(), false)
            .set_column_statistics_enabled(hash, EnabledStatistics::None)
            .set_column_dictionary_enabled(record.clone(), false)
            .set_column_encoding(record.clone(), Encoding::PLAIN)
            .set_column_statistics_enabled(record, EnabledStatistics::None)
            // Ids of requests are random, so least and greatest say nothing.
            .set_column_bloom_filter_max_ndv(tree, super::GROUP_ROWS as u64)
            .build();
        Ok(Self {
            schema: Arc::new(parse_message_type(SCHEMA)?),
            properties: Arc::new(properties),
        })
    }

    /// Begins a file whose bytes are kept in memory until somebody takes them.
    pub(super) fn writer(&self) -> Result<Writer> {
        SerializedFileWriter::new(
            Vec::new(),
            Arc::clone(&self.schema),
            Arc::clone(&self.properties),
        )
    }
}

/// Writes a file into memory.
pub(super) type Writer = SerializedFileWriter<Vec<u8>>;

/// Rows of a row group.
#[derive(Default)]
pub(super) struct Columns {
    rows: usize,
    hashes: Vec<u8>,
    times: Numbers<i64>,
    levels: Numbers<i32>,
    texts: [Texts; 4],
    records: Texts,
}

/// Numbers, and of which rows.
#[derive(Default)]
struct Numbers<T> {
    values: Vec<T>,
    there: Vec<i16>,
}

/// Texts one behind the other, where each ends, and of which rows they are.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    there: Vec<i16>,
}

impl Columns {
    /// Adds a row.
    pub(super) fn add(&mut self, row: &Row<'_>) {
        self.rows += 1;
        self.hashes.extend_from_slice(&row.hash);
        self.times
            .add(row.time.map(|Instant(nanos)| nanos.div_euclid(1_000)));
        self.levels.add(row.level.map(|level| level.0.into()));
        let texts = [&row.logger, &row.service, &row.host, &row.tree];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.add(text.as_ref().map(|text: &Cow<'_, str>| text.as_bytes()));
        }
        self.records.add(Some(row.line));
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// How many bytes they have, about.
    pub(super) fn size(&self) -> usize {
        let texts: usize = self.texts.iter().map(|texts| texts.bytes.len()).sum();
        self.records.bytes.len() + texts + self.rows * 64
    }

    /// Writes them as a row group.
    pub(super) fn write(self, writer: &mut Writer) -> Result<()> {
        let mut group = writer.next_row_group()?;
        let hashes = ByteArray::from(self.hashes);
        let width = size_of::<Hash>();
        let hashes: Vec<_> = (0..self.rows)
            .map(|row| hashes.slice(row * width, width))
            .collect();
        put::<ByteArrayType>(&mut group, &hashes, None)?;
        put::<Int64Type>(&mut group, &self.times.values, Some(&self.times.there))?;
        put::<Int32Type>(&mut group, &self.levels.values, Some(&self.levels.there))?;
        for texts in self.texts {
            let (values, there) = texts.values();
            put::<ByteArrayType>(&mut group, &values, Some(&there))?;
        }
        put::<ByteArrayType>(&mut group, &self.records.values().0, None)?;
        group.close()?;
        Ok(())
    }
}

impl<T> Numbers<T> {
    fn add(&mut self, value: Option<T>) {
        self.there.push(value.is_some().into());
        self.values.extend(value);
    }
}

impl Texts {
    fn add(&mut self, text: Option<&[u8]>) {
        self.there.push(text.is_some().into());
        if let Some(text) = text {
            self.bytes.extend_from_slice(text);
            self.ends.push(self.bytes.len());
        }
    }

    /// The texts without a copy of them, and of which rows they are.
    fn values(self) -> (Vec<ByteArray>, Vec<i16>) {
        let bytes = ByteArray::from(self.bytes);
        let mut start = 0;
        let cut = |end| {
            let text = bytes.slice(start, end - start);
            start = end;
            text
        };
        (self.ends.into_iter().map(cut).collect(), self.there)
    }
}

/// Writes the next column.
fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[T::T],
    there: Option<&[i16]>,
) -> Result<()> {
    let none = || ParquetError::General("no such column".into());
    let mut column = group.next_column()?.ok_or_else(none)?;
    column.typed::<T>().write_batch(values, there, None)?;
    column.close()
}
