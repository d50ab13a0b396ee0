//! Reading files back: which row groups and rows a condition can hold for, and their texts.

use std::{fs::File, ops::ControlFlow, path::Path};

use ::parquet::{
    basic::{LogicalType, TimeUnit},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, DataType},
    errors::{ParquetError, Result},
    file::{
        metadata::ColumnChunkMetaData,
        properties::ReaderProperties,
        reader::{FileReader, RowGroupReader},
        serialized_reader::{ReadOptionsBuilder, SerializedFileReader},
        statistics::Statistics,
    },
};

use super::io_fault;
use crate::{
    expr::Condition,
    store::{
        Fault,
        sql::{column, values},
    },
};

/// How many records are read at a time.
const PIECE: usize = 1_024;

/// Hands out the texts of the records of a file for which the condition holds, and perhaps of
/// more.
pub(super) fn lines(
    path: &Path,
    condition: &Condition,
    hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> std::result::Result<ControlFlow<()>, Fault> {
    let file = File::open(path).map_err(|error| io_fault(path, &error))?;
    hand_out_of(file, condition, hand_out)
        .map_err(|error| Fault::Lasting(format!("{}: {error}", path.display())))
}

fn hand_out_of(
    file: File,
    condition: &Condition,
    hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    let properties = ReaderProperties::builder().set_read_bloom_filter(true);
    let options = ReadOptionsBuilder::new().with_reader_properties(properties.build());
    let reader = SerializedFileReader::new_with_options(file, options.build())?;
    for number in 0..reader.num_row_groups() {
        let group = Group(reader.get_row_group(number)?);
        if group.may_hold(condition) && group.hand_out(condition, hand_out)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A row group.
struct Group<'a>(Box<dyn RowGroupReader + 'a>);

impl Group<'_> {
    fn rows(&self) -> usize {
        usize::try_from(self.0.metadata().num_rows()).unwrap_or(0)
    }

    /// The number of a column, if there is one of that name that has a value a row at the most.
    fn find(&self, name: &str) -> Option<usize> {
        let columns = self.0.metadata().columns();
        columns.iter().position(|column| {
            let descriptor = column.column_descr();
            let is_flat = descriptor.max_rep_level() == 0 && descriptor.max_def_level() <= 1;
            column.column_path().string() == name && is_flat
        })
    }

    /// True if what is known of the columns does not rule out that the condition holds for some
    /// row.
    fn may_hold(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Any => true,
            Condition::All(parts) => parts.iter().all(|part| self.may_hold(part)),
            Condition::Either(parts) => parts.iter().any(|part| self.may_hold(part)),
            Condition::Time(from, to) => self.may_be("time", |column, statistics| {
                let Statistics::Int64(statistics) = statistics else {
                    return true;
                };
                let before = from.zip(statistics.max_opt()).is_some_and(|(from, last)| {
                    is_micros(column) && last.saturating_mul(1_000).saturating_add(999) < from.0
                });
                let after = to.zip(statistics.min_opt()).is_some_and(|(to, first)| {
                    is_micros(column) && first.saturating_mul(1_000) > to.0
                });
                !before && !after
            }),
            Condition::Level(mask) => self.may_be("level", |_, statistics| match statistics {
                Statistics::Int32(statistics) => {
                    let (least, most) = (statistics.min_opt(), statistics.max_opt());
                    (0..32).any(|level| {
                        mask >> level & 1 == 1
                            && least.is_none_or(|least| *least <= level)
                            && most.is_none_or(|most| *most >= level)
                    })
                }
                _ => true,
            }),
            Condition::Text(canonical, texts) => {
                let Some(name) = column(*canonical) else {
                    return true;
                };
                let texts = values(*canonical, texts);
                self.may_be(name, |_, statistics| {
                    let least = statistics.min_bytes_opt();
                    let most = statistics.max_bytes_opt();
                    texts.iter().any(|text| {
                        least.is_none_or(|least| least <= text.as_bytes())
                            && most.is_none_or(|most| most >= text.as_bytes())
                            && self.may_be_among(name, text)
                    })
                })
            }
        }
    }

    /// Asks what is known of a column, if something is.
    fn may_be(&self, name: &str, ask: impl Fn(&ColumnChunkMetaData, &Statistics) -> bool) -> bool {
        let Some(number) = self.find(name) else {
            return true;
        };
        let column = self.0.metadata().column(number);
        match column.statistics() {
            Some(statistics) if !statistics.is_min_max_deprecated() => {
                let none = statistics.null_count_opt() == Some(self.rows() as u64);
                !none && ask(column, statistics)
            }
            _ => true,
        }
    }

    /// Asks the Bloom filter of a column, if there is one.
    fn may_be_among(&self, name: &str, text: &str) -> bool {
        let number = self.find(name);
        let filter = number.and_then(|number| self.0.get_column_bloom_filter(number));
        filter.is_none_or(|filter| filter.check(&ByteArray::from(text)))
    }

    /// For which rows the condition holds, as far as columns tell.
    fn holds(&self, condition: &Condition) -> Result<Vec<bool>> {
        Ok(match condition {
            Condition::Any => vec![true; self.rows()],
            Condition::All(parts) => self.joined(parts, true, |one, other| one & other)?,
            Condition::Either(parts) => self.joined(parts, false, |one, other| one | other)?,
            Condition::Time(from, to) => self.each("time", |column, reader, rows| {
                let ColumnReader::Int64ColumnReader(reader) = reader else {
                    return Ok(None);
                };
                if !is_micros(column) {
                    return Ok(None);
                }
                each(reader, rows, |micros: &i64| {
                    let first = micros.saturating_mul(1_000);
                    from.is_none_or(|from| first.saturating_add(999) >= from.0)
                        && to.is_none_or(|to| first <= to.0)
                })
                .map(Some)
            })?,
            Condition::Level(mask) => self.each("level", |_, reader, rows| match reader {
                ColumnReader::Int32ColumnReader(reader) => each(reader, rows, |level: &i32| {
                    (0..32).contains(level) && mask >> level & 1 == 1
                })
                .map(Some),
                _ => Ok(None),
            })?,
            Condition::Text(canonical, texts) => {
                let texts = values(*canonical, texts);
                let name = column(*canonical).unwrap_or_default();
                self.each(name, |_, reader, rows| match reader {
                    ColumnReader::ByteArrayColumnReader(reader) => {
                        each(reader, rows, |text: &ByteArray| {
                            texts.iter().any(|one| one.as_bytes() == text.data())
                        })
                        .map(Some)
                    }
                    _ => Ok(None),
                })?
            }
        })
    }

    fn joined(
        &self,
        parts: &[Condition],
        start: bool,
        join: fn(bool, bool) -> bool,
    ) -> Result<Vec<bool>> {
        let mut all = vec![start; self.rows()];
        for part in parts {
            for (one, other) in all.iter_mut().zip(self.holds(part)?) {
                *one = join(*one, other);
            }
        }
        Ok(all)
    }

    /// What a column tells of each row; one that is not there, or that is of another kind, lets
    /// all rows pass.
    fn each(
        &self,
        name: &str,
        ask: impl FnOnce(&ColumnChunkMetaData, ColumnReader, usize) -> Result<Option<Vec<bool>>>,
    ) -> Result<Vec<bool>> {
        let told = match self.find(name) {
            Some(number) => {
                let column = self.0.metadata().column(number);
                ask(column, self.0.get_column_reader(number)?, self.rows())?
            }
            None => None,
        };
        Ok(told.unwrap_or_else(|| vec![true; self.rows()]))
    }

    /// Hands out the texts of rows.
    fn hand_out(
        &self,
        condition: &Condition,
        hand_out: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        let wanted = match condition {
            Condition::Any => None,
            condition => Some(self.holds(condition)?),
        };
        if wanted
            .as_ref()
            .is_some_and(|wanted| !wanted.contains(&true))
        {
            return Ok(ControlFlow::Continue(()));
        }
        let none = || {
            ParquetError::General(
                "there is no column 'record' with texts, as dl-send writes it".into(),
            )
        };
        let number = self.find("record").ok_or_else(none)?;
        let ColumnReader::ByteArrayColumnReader(mut reader) = self.0.get_column_reader(number)?
        else {
            return Err(none());
        };
        let rows = self.rows();
        for start in (0..rows).step_by(PIECE) {
            let end = rows.min(start + PIECE);
            let wanted = wanted.as_ref().map(|wanted| &wanted[start..end]);
            if wanted.is_some_and(|wanted| !wanted.contains(&true)) {
                reader.skip_records(end - start)?;
                continue;
            }
            let texts = read(&mut reader, end - start)?;
            let is_wanted = |at: usize| wanted.is_none_or(|wanted| wanted[at]);
            for (at, text) in texts.iter().enumerate() {
                if let Some(text) = text
                    && is_wanted(at)
                    && hand_out(text.data()).is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// True if a column has times in microseconds.
fn is_micros(column: &ColumnChunkMetaData) -> bool {
    let logical = column.column_descr().logical_type_ref();
    matches!(logical, Some(LogicalType::Timestamp(kind)) if kind.unit == TimeUnit::MICROS)
}

/// Asks for each row; where there is no value, nothing holds.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    holds: impl Fn(&T::T) -> bool,
) -> Result<Vec<bool>> {
    let values = read(&mut reader, rows)?;
    Ok(values
        .iter()
        .map(|value| value.as_ref().is_some_and(&holds))
        .collect())
}

/// The values of the next rows.
fn read<T: DataType>(reader: &mut ColumnReaderImpl<T>, rows: usize) -> Result<Vec<Option<T::T>>> {
    let (mut there, mut values) = (Vec::new(), Vec::new());
    let (count, _, _) = reader.read_records(rows, Some(&mut there), None, &mut values)?;
    if count != rows {
        return Err(ParquetError::General("a column is too short".into()));
    }
    if there.is_empty() {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(there
        .iter()
        .map(|level| if *level == 1 { values.next() } else { None })
        .collect())
}
