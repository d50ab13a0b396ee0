//! The crate `zeromq` as an independent peer, in both directions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use distlog::zmtp::{Address, Push, PushOptions};
use zeromq::{Endpoint, PullSocket, PushSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

use super::support::{Collector, DEADLINE};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[test]
fn the_crate_sends_to_us() {
    let mut collector = Collector::tcp();
    let address = collector.address().to_string();
    let received = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&received);
    let sender = std::thread::spawn(move || {
        runtime().block_on(async {
            let mut push = PushSocket::new();
            push.connect(&address).await.expect("we listen");
            for number in 0..1_000 {
                let mut message = ZmqMessage::from(format!("0 {number} ").into_bytes());
                message.push_front("topic".into());
                push.send(message).await.expect("sent");
            }
            // It has no flush: it has to stay until the receiver has everything.
            while !done.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    });
    collector.until("all", |seen| seen.messages == 1_000);
    assert_eq!(collector.next[&0], 1_000);
    received.store(true, Ordering::Relaxed);
    sender.join().expect("no panic");
}

#[test]
fn we_send_to_the_crate() {
    runtime().block_on(async {
        let mut pull = PullSocket::new();
        let Endpoint::Tcp(_, port) = pull.bind("tcp://127.0.0.1:0").await.expect("a port") else {
            panic!("asked for tcp");
        };
        let sender = std::thread::spawn(move || {
            let address = Address::Tcp {
                host: "127.0.0.1".to_owned(),
                port,
            };
            let mut push =
                Push::connect(&[address], PushOptions::default()).expect("options are right");
            for number in 0..1_000 {
                push.send(&[b"topic", format!("0 {number} ").as_bytes()])
                    .expect("sent");
            }
            push.close(DEADLINE).expect("close works")
        });
        for number in 0..1_000 {
            let message = pull.recv().await.expect("a message").into_vec();
            assert_eq!(
                (message.len(), &message[1][..]),
                (2, format!("0 {number} ").as_bytes())
            );
        }
        // It reads only inside `recv`, so that has to be called for it to see our end.
        while !sender.is_finished() {
            let end = tokio::time::timeout(Duration::from_millis(5), pull.recv()).await;
            assert!(!matches!(end, Ok(Ok(_))), "a message too many");
        }
        assert_eq!(sender.join().expect("no panic").undelivered, 0);
    });
}
