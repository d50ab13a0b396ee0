//! Tells processes their rules: lines of JSON over a stream, which every language has without a library.
//!
//! A process says who it is, in one line, and is told all rules that are for it whenever they change and every
//! few seconds besides, so that both ends notice when the other has gone. Nothing queues up: who is slow is told
//! the latest, not everything in between.

use std::{
    io,
    net::TcpListener,
    os::unix::net::UnixListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout},
};

use super::{super::lock, Shared, failed, tell};
use crate::{control::message::Hello, zmtp::IpcPath};

/// Processes at a time.
const MOST: usize = 1024;
/// The longest line that says who a process is.
const LONGEST_HELLO: usize = 4096;
/// How long a process may take to say who it is, or to take a line.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often rules are told that have not changed. A process believes that nobody is there after four times that.
const AGAIN: Duration = Duration::from_secs(5);

/// A bound endpoint for processes.
pub(super) enum Publisher {
    Unix(UnixListener, IpcPath),
    Tcp(TcpListener),
}

/// How many processes are connected to all endpoints.
static CONNECTED: AtomicUsize = AtomicUsize::new(0);

impl Publisher {
    pub(super) fn unix(listener: UnixListener, claim: IpcPath) -> Self {
        Self::Unix(listener, claim)
    }

    pub(super) fn tcp(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }

    /// Accepts processes for ever; has to be called in the runtime.
    pub(super) async fn serve(self, shared: Arc<Shared>) {
        let result = match self {
            Self::Unix(listener, claim) => serve_unix(listener, claim, shared).await,
            Self::Tcp(listener) => serve_tcp(listener, shared).await,
        };
        if let Err(error) = result {
            tell(&failed(error).to_string());
        }
    }
}

async fn serve_unix(listener: UnixListener, claim: IpcPath, shared: Arc<Shared>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    // Held as long as the listener lives.
    let _claim = claim;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => attend(stream, &shared),
            // Too many open files, mostly; it will pass.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve_tcp(listener: TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                attend(stream, &shared);
            }
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Sees to a connection, if there is room for it.
fn attend<S>(stream: S, shared: &Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Some(seat) = Seat::take() else {
        let words =
            format!("--control: {MOST} programs come for their levels, and that is the most");
        lock(&shared.warnings).tell(Instant::now(), "--control", &words);
        return;
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let _seat = seat;
        // However it ends, the process knows what to do: it connects again.
        let _ = converse(stream, &shared).await;
    });
}

/// A place among those who may be connected.
struct Seat;

impl Seat {
    fn take() -> Option<Self> {
        let before = CONNECTED.fetch_add(1, Ordering::Relaxed);
        let seat = Self;
        // Dropped, and so given back, if there is no room.
        (before < MOST).then_some(seat)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        CONNECTED.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A process that is in the book, until it has gone.
struct Entry<'s> {
    shared: &'s Shared,
    connection: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        lock(&self.shared.book).disconnect(self.connection);
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    shared: &Shared,
) -> io::Result<()> {
    let mut changes = shared.changes.subscribe();
    let hello = timeout(PATIENCE, read_hello(&mut stream)).await??;
    let entry = Entry {
        shared,
        connection: lock(&shared.book).connect(hello),
    };
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut ignored = [0; 512];
    loop {
        changes.borrow_and_update();
        let state = lock(&shared.book).state(entry.connection, Instant::now());
        let mut line = serde_json::to_vec(&state)?;
        line.push(b'\n');
        timeout(PATIENCE, writer.write_all(&line)).await??;
        let again = sleep(AGAIN);
        tokio::pin!(again);
        loop {
            tokio::select! {
                told = changes.changed() => {
                    told.map_err(io::Error::other)?;
                    break;
                }
                () = &mut again => break,
                read = reader.read(&mut ignored) => {
                    if read? == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }
}

async fn read_hello<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<Hello> {
    let mut line = Vec::new();
    let mut piece = [0; 512];
    // What stands behind the line is dropped with everything else that a process may send.
    while !line.contains(&b'\n') {
        let count = stream.read(&mut piece).await?;
        if count == 0 || line.len() > LONGEST_HELLO {
            return Err(io::ErrorKind::InvalidData.into());
        }
        line.extend_from_slice(&piece[..count]);
    }
    let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    serde_json::from_slice(&line[..end]).map_err(io::Error::other)
}
