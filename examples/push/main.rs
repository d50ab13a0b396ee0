//! Sends records of 600 bytes over ZeroMQ, from memory and as fast as they are taken: what
//! `scripts/bench --work recv-push` measures dl-recv with, and how a Rust program of yours
//! would send its own.
//!
//!     dl-recv --stats tcp://127.0.0.1:9020 > captured.ndjson
//!     cargo run --release --example push -- tcp://127.0.0.1:9020 1000000

use std::{error::Error, time::Duration};

use distlog::zmtp::{Address, Push, PushOptions};

/// The first of a message's two frames: JSON, as distlog's Python package says.
const TOPIC: &[u8] = b"PLJ";

/// A record of 600 bytes.
fn record() -> String {
    let head = "{\"name\":\"orders.db\",\"msg\":\"row %d\",\"levelname\":\"INFO\",\"levelno\":20,\
         \"created\":1795176000.125,\"context\":{\"key\":\"3@40be6df2/1\"},\"text\":\"";
    format!("{head}{}\"}}", "x".repeat(600 - head.len() - 2))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [endpoint, count] = arguments.as_slice() else {
        return Err("usage: push ENDPOINT COUNT".into());
    };
    let count: u64 = count.parse()?;
    let mut push = Push::connect(&[Address::parse(endpoint)?], PushOptions::default())?;
    let record = record();
    for _ in 0..count {
        push.send(&[TOPIC, record.as_bytes()])?;
    }
    let closed = push.close(Duration::from_secs(60))?;
    if closed.undelivered > 0 {
        return Err(format!("{} messages were not sent", closed.undelivered).into());
    }
    Ok(())
}
