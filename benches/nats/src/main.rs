//! The client async-nats by itself: publishes the lines of a file, each with an id for deduplication, and waits for all
//! acknowledgements.
//!
//!     distlog-nats HOST:PORT STREAM PARTITIONS FILE
//!
//! As many messages are on their way as dl-send has, and the runtime is that of one thread, as there.

use std::{collections::VecDeque, error::Error};

use async_nats::{
    header::NATS_MESSAGE_ID,
    jetstream::{context::ContextBuilder, message::PublishMessage},
};

const IN_FLIGHT: usize = 4_096;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [server, stream, partitions, file] = &args[..] else {
        return Err("usage: distlog-nats HOST:PORT STREAM PARTITIONS FILE".into());
    };
    let partitions: usize = partitions.parse()?;
    let subjects: Vec<_> = (1..=partitions)
        .map(|one| format!("distlog.{stream}.{one}"))
        .collect();
    let text = std::fs::read(file)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    runtime.block_on(async {
        let options = async_nats::ConnectOptions::new().skip_subject_validation(true);
        let client = options.connect(server.as_str()).await?;
        let context = ContextBuilder::new()
            .max_ack_inflight(IN_FLIGHT)
            .build(client);
        let mut awaited = VecDeque::with_capacity(IN_FLIGHT);
        for (number, line) in text
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            if awaited.len() >= IN_FLIGHT
                && let Some(ack) = awaited.pop_front()
            {
                let ack: async_nats::jetstream::context::PublishAckFuture = ack;
                ack.await?;
            }
            let message = PublishMessage::build()
                .payload(line.to_vec().into())
                .header(NATS_MESSAGE_ID, format!("{number:032x}").as_str());
            let subject = subjects[number % partitions].clone();
            awaited.push_back(context.send_publish(subject, message).await?);
        }
        for ack in awaited {
            ack.await?;
        }
        Ok(())
    })
}
