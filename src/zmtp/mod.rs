//! The wire protocol of libzmq, ZMTP: the data path in ([`Pull`]) and out ([`Push`]).
//!
//! It speaks ZMTP 3.0 and 3.1 (RFC 23, RFC 37) with the mechanisms NULL and CURVE over TCP and
//! Unix sockets, in the caller's thread: no background thread, no runtime. It moves bytes and
//! knows neither records nor endpoints' options, prints nothing and reads no environment.
//!
//! The layers, from the wire upward: `greeting` and `frame` are the
//! octets; a [`Decoder`] finds messages and commands in a stream; a [`Session`] is the whole
//! protocol with one peer without input, output or clock; a connection owns a socket, a
//! session and deadlines; [`Pull`] and [`Push`] own connections and one `poll` call. What a
//! peer does wrong is a [`Refusal`] and ends that peer alone.
//!
//! ```
//! use std::{ops::ControlFlow, time::Duration};
//! use distlog::zmtp::{Address, Event, Pull, PullOptions, Push, PushOptions};
//!
//! let address = Address::parse("tcp://127.0.0.1:0")?;
//! let mut pull = Pull::bind(&[address], PullOptions::default())?;
//! let bound: Vec<Address> = pull.local_addresses().cloned().collect();
//! let mut push = Push::connect(&bound, PushOptions::default())?;
//! push.send(&[b"PLJ", b"{}"])?;
//! let mut received = Vec::new();
//! while received.is_empty() {
//!     push.flush();
//!     pull.poll(&mut [], Some(Duration::from_millis(1)), &mut |event| {
//!         if let Event::Message { message, .. } = event {
//!             received.extend(message.frames().map(<[u8]>::to_vec));
//!         }
//!         ControlFlow::Continue(())
//!     })?;
//! }
//! assert_eq!(received, [b"PLJ".to_vec(), b"{}".to_vec()]);
//! # Ok::<(), distlog::zmtp::Error>(())
//! ```
//!
//! A SUB socket is a [`Pull`] that subscribes ([`Pull::subscribe`]), and [`Publish`] is its other end.

mod address;
mod backoff;
mod command;
mod connection;
mod curve;
mod decoder;
mod dial;
mod error;
mod event;
mod frame;
mod greeting;
mod heartbeat;
mod ipc_path;
mod lane;
mod limits;
mod listener;
mod message;
mod notice;
mod outgoing;
mod pull;
mod push;
mod queue;
mod refusal;
mod session;
mod socket_type;
mod stats;
mod stream;
mod subscriptions;
mod target;
mod watch;

pub use self::{
    address::Address,
    backoff::Backoff,
    curve::{Clients, CurveClient, CurveServer, PublicKey, SecretKey},
    decoder::{Decoder, Found},
    error::{Error, Result},
    event::{Event, Peer},
    heartbeat::Heartbeat,
    limits::Limits,
    message::{Frames, Message},
    notice::{Change, Notice},
    pull::{Publish, Published, Pull, PullOptions},
    push::{Closed, Push, PushOptions},
    refusal::Refusal,
    session::{Security, Session, Step, fuzz_curve, fuzz_peer},
    socket_type::SocketType,
    stats::Stats,
    watch::{Interest, Watch},
};
/// What other listeners of the crate share: sockets, claims on paths, and the one `poll` call.
pub(crate) use self::{
    error::lower,
    ipc_path::IpcPath,
    listener::{BACKLOG, bind_tcp, is_passing, port_of, resolve},
    stream::{Moved, Stream},
    target::Target,
    watch::{until, wait},
};
