//! What libzmq reaches by itself: a sender, and a loop that receives and does nothing else.
//!
//!     distlog-wire send ENDPOINT COUNT
//!     distlog-wire receive ENDPOINT COUNT

use std::{
    error::Error,
    io::{self, Write},
};

/// A record of 600 bytes, as distlog's Python package wrote them.
fn record() -> String {
    let head = "{\"name\":\"orders.db\",\"msg\":\"row %d\",\"levelname\":\"INFO\",\"levelno\":20,\
         \"created\":1795176000.125,\"context\":{\"key\":\"3@40be6df2/1\"},\"text\":\"";
    format!("{head}{}\"}}", "x".repeat(600 - head.len() - 2))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let [_, role, endpoint, count] = arguments.as_slice() else {
        return Err("usage: distlog-wire send|receive ENDPOINT COUNT".into());
    };
    let count: u64 = count.parse()?;
    let context = zmq::Context::new();
    match role.as_str() {
        "send" => {
            let socket = context.socket(zmq::PUSH)?;
            socket.connect(endpoint)?;
            let record = record();
            for _ in 0..count {
                socket.send("PLJ", zmq::SNDMORE)?;
                socket.send(record.as_bytes(), 0)?;
            }
        }
        "receive" => {
            let socket = context.socket(zmq::PULL)?;
            socket.bind(endpoint)?;
            let place = socket.get_last_endpoint()?.unwrap_or_default();
            writeln!(io::stderr(), "listening on {place}")?;
            let mut message = zmq::Message::new();
            for _ in 0..count {
                socket.recv(&mut message, 0)?;
                while message.get_more() {
                    socket.recv(&mut message, 0)?;
                }
            }
        }
        _ => return Err(format!("{role}: neither send nor receive").into()),
    }
    Ok(())
}
