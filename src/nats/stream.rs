//! A stream and its partitions.

use async_nats::jetstream::{
    Context, ErrorCode,
    context::GetStreamErrorKind,
    stream::{Config, StorageType, Stream},
};

use crate::{endpoint::NatsAt, store::Fault};

/// How many partitions a stream has if nobody says: enough for as many workers, and few enough
/// for one.
const PARTITIONS: u32 = 16;

/// The subject of a partition. The partition is counted from 0 and its name from 1, as
/// `dl-filter --shard K/N` does.
pub(crate) fn subject(stream: &str, partition: u32) -> String {
    format!("distlog.{stream}.{}", partition + 1)
}

/// How many partitions a stream has, by its subjects; `None` if they are not ours.
pub(crate) fn partitions(stream: &str, subjects: &[String]) -> Option<u32> {
    let count = u32::try_from(subjects.len()).ok()?;
    let is_there = |partition| subjects.contains(&subject(stream, partition));
    (count > 0 && (0..count).all(is_there)).then_some(count)
}

/// The partitions of a stream that is there, as the subjects to ask for; one of somebody else's is
/// one partition. `None` if there is no such stream.
pub(crate) async fn look(
    context: &Context,
    name: &str,
) -> Result<Option<(Stream, Vec<String>)>, Fault> {
    match context.get_stream(name).await {
        Ok(stream) => {
            let count = partitions(name, &stream.cached_info().config.subjects);
            let subjects = match count {
                Some(count) => (0..count).map(|one| subject(name, one)).collect(),
                None => vec![">".to_owned()],
            };
            Ok(Some((stream, subjects)))
        }
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(error)
                if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Ok(None)
            }
            _ => Err(Fault::passing(&error)),
        },
    }
}

/// Makes the stream if it is missing; its subjects, by partition. It is to have so many
/// partitions if somebody says so.
pub(crate) async fn ensure(
    context: &Context,
    at: &NatsAt,
    wanted: Option<u32>,
) -> Result<Vec<String>, Fault> {
    let found = match context.get_stream(&at.stream).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(error)
                if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                make(context, at, wanted.unwrap_or(PARTITIONS)).await?
            }
            _ => return Err(Fault::passing(&error)),
        },
    };
    let Some(count) = partitions(&at.stream, &found.subjects) else {
        return Err(Fault::Lasting(format!(
            "the stream {0} is there and not one of dl-send: it does not take distlog.{0}.1 and so on",
            at.stream
        )));
    };
    match wanted {
        Some(wanted) if wanted != count => Err(Fault::Lasting(format!(
            "the stream {} has {count} partitions, not {wanted}",
            at.stream
        ))),
        _ => Ok((0..count).map(|one| subject(&at.stream, one)).collect()),
    }
}

async fn make(context: &Context, at: &NatsAt, count: u32) -> Result<Config, Fault> {
    let config = Config {
        name: at.stream.clone(),
        description: Some("records, by dl-send".into()),
        subjects: (0..count).map(|one| subject(&at.stream, one)).collect(),
        max_age: at.limits.max_age,
        max_bytes: at.limits.max_bytes.unwrap_or(-1),
        num_replicas: at.limits.replicas.into(),
        storage: StorageType::File,
        ..Config::default()
    };
    let made = context.create_stream(config).await;
    // What a server does not want, such as subjects that another stream has, it will not want
    // later either; if it only was not there, the next attempt finds that out.
    let made = made.map_err(|error| match error.kind() {
        async_nats::jetstream::context::CreateStreamErrorKind::JetStream(error) => {
            Fault::Lasting(format!("the stream cannot be made: {error}"))
        }
        _ => Fault::passing(&error),
    })?;
    Ok(made.cached_info().config.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_told_by_subjects() {
        let check = |subjects: &[&str], expect| {
            let subjects: Vec<_> = subjects.iter().map(|&one| one.to_owned()).collect();
            assert_eq!(partitions("S", &subjects), expect, "{subjects:?}");
        };
        check(&["distlog.S.1"], Some(1));
        check(&["distlog.S.2", "distlog.S.1"], Some(2));
        check(&["distlog.S.0", "distlog.S.1"], None);
        check(&["distlog.T.1"], None);
        check(&["logs.>"], None);
        check(&[], None);
    }
}
