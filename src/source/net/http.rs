//! HTTP/1.1 as far as a receiver of records needs it: requests in, replies out, one after the
//! other on a connection that stays. No pipelining ahead: the next request is read when the
//! reply to the last has gone out. It knows no paths and no content; the caller does.
//!
//! Heads are read by the crate httparse. What is ambiguous is refused, because whoever stands
//! between us and the client may read it otherwise (RFC 9112, 11.2): two different lengths, a
//! length and chunks, a coding other than chunked.

mod chunked;
mod head;
mod reply;

use self::chunked::Chunked;
pub use self::{head::Request, reply::Reply};
use super::{Limits, Refusal};

/// What stands at the start of a client's bytes.
#[derive(Debug)]
pub enum Progress {
    /// Nothing complete. The next look is worth it when there are `wanted` bytes.
    More {
        /// More than there are now.
        wanted: usize,
    },
    /// So many bytes were taken in.
    Taken {
        /// How many.
        consumed: usize,
    },
    /// The request is complete: [`Http::request`] has its head and [`Http::body`] its body.
    Request {
        /// How many bytes its body, or what was left of it, takes.
        consumed: usize,
    },
}

#[derive(Debug)]
enum State {
    Head,
    /// A body of a known length.
    Body(usize),
    Chunks(Chunked),
}

/// The requests of one connection.
#[derive(Debug)]
pub struct Http {
    state: State,
    request: Request,
    limits: Limits,
    /// So many bytes of a head are known to have no end in them.
    searched: usize,
    outbox: Vec<u8>,
}

impl Http {
    /// Nothing so far.
    pub fn new(limits: &Limits) -> Self {
        Self {
            state: State::Head,
            request: Request::default(),
            limits: limits.clone(),
            searched: 0,
            outbox: Vec::new(),
        }
    }

    /// Looks at `input`, which begins with the first byte that is not consumed.
    pub fn next(&mut self, input: &[u8]) -> Result<Progress, Refusal> {
        match &mut self.state {
            State::Head => self.head(input),
            State::Body(length) if input.len() < *length => Ok(Progress::More { wanted: *length }),
            State::Body(length) => Ok(Progress::Request { consumed: *length }),
            State::Chunks(chunks) => chunks.next(input, self.limits.body_bytes),
        }
    }

    /// The head of the request that is complete.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The body of the request that is complete; `consumed` are the bytes that
    /// [`next`](Self::next) said it takes.
    pub fn body<'b>(&'b self, consumed: &'b [u8]) -> &'b [u8] {
        match &self.state {
            State::Chunks(chunks) => chunks.body(),
            _ => consumed,
        }
    }

    /// Puts the reply to the request into the outbox and begins with the next request; says
    /// whether there may be one.
    pub fn answer(&mut self, reply: &Reply) -> bool {
        let stays = self.request.keeps_alive && !reply.last;
        reply.write(&mut self.outbox, stays, self.request.is_head());
        self.state = State::Head;
        self.request = Request::default();
        stays
    }

    /// Puts the reply to what was refused into the outbox.
    pub fn refuse(&mut self, refusal: &Refusal) {
        if let Refusal::Http { status, reason } = refusal {
            let reply = Reply::text(*status, reason);
            reply.write(&mut self.outbox, false, self.request.is_head());
        }
    }

    /// What has to be sent to the client. The owner removes what it sent.
    pub fn outbox(&mut self) -> &mut Vec<u8> {
        &mut self.outbox
    }

    /// Whether something has to be sent to the client.
    pub fn has_output(&self) -> bool {
        !self.outbox.is_empty()
    }

    /// Whether a request has begun of which `input` is left: what it is worth counting.
    pub fn is_within(&self, input: &[u8]) -> bool {
        !matches!(self.state, State::Head) || !input.is_empty()
    }

    /// Bytes of memory that hold a body that comes in chunks.
    pub fn held(&self) -> usize {
        match &self.state {
            State::Chunks(chunks) => chunks.held(),
            _ => 0,
        }
    }

    fn head(&mut self, input: &[u8]) -> Result<Progress, Refusal> {
        let blank = input
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let blank = blank.count();
        if blank > 0 {
            // Some clients end a body with a line end that they do not count.
            self.searched = 0;
            return Ok(Progress::Taken { consumed: blank });
        }
        let window = &input[..input.len().min(self.limits.head_bytes)];
        let Some(end) = head::end(window, self.searched) else {
            if input.len() >= self.limits.head_bytes {
                return Err(refused(431, "the head of a request is too long"));
            }
            // The three bytes before may belong to an end.
            self.searched = window.len().saturating_sub(3);
            return Ok(Progress::More {
                wanted: input.len() + 1,
            });
        };
        self.searched = 0;
        self.request = Request::read(&window[..end])?;
        let limit = self.limits.body_bytes;
        self.state = match self.request.length {
            Some(length) if length > limit as u64 => {
                return Err(refused(413, "the body of a request exceeds --max-body"));
            }
            Some(length) => State::Body(usize::try_from(length).unwrap_or(limit)),
            None if self.request.chunked => State::Chunks(Chunked::default()),
            None => State::Body(0),
        };
        if self.request.waits && input.len() == end {
            self.outbox
                .extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        Ok(Progress::Taken { consumed: end })
    }
}

fn refused(status: u16, reason: &'static str) -> Refusal {
    Refusal::Http { status, reason }
}

/// Shows arbitrary bytes of a client, in pieces of the given sizes, and returns the requests
/// and, if the rest was refused, why. For fuzz targets and properties: the pieces must make no
/// difference.
///
/// # Panics
///
/// If it wants what it has, or consumes nothing: never.
pub fn fuzz_http(bytes: &[u8], pieces: &[usize]) -> (Vec<(Request, Vec<u8>)>, Option<Refusal>) {
    let limits = Limits {
        body_bytes: 4096,
        head_bytes: 1024,
        ..Limits::default()
    };
    let mut http = Http::new(&limits);
    let (mut requests, mut start, mut end) = (Vec::new(), 0, 0);
    let mut pieces = pieces.iter().copied();
    while end < bytes.len() {
        let piece = pieces.next().unwrap_or(bytes.len()).max(1);
        end = end.saturating_add(piece).min(bytes.len());
        loop {
            let input = &bytes[start..end];
            match http.next(input) {
                Ok(Progress::More { wanted }) => {
                    assert!(wanted > input.len(), "nothing more is wanted");
                    break;
                }
                Ok(Progress::Taken { consumed }) => {
                    assert!(consumed > 0, "no progress");
                    start += consumed;
                }
                Ok(Progress::Request { consumed }) => {
                    let body = http.body(&input[..consumed]).to_vec();
                    assert!(body.len() <= limits.body_bytes, "a body over the limit");
                    requests.push((http.request().clone(), body));
                    start += consumed;
                    if !http.answer(&Reply::default()) {
                        return (requests, None);
                    }
                }
                Err(refusal) => {
                    http.refuse(&refusal);
                    return (requests, Some(refusal));
                }
            }
            http.outbox().clear();
        }
    }
    (requests, None)
}

#[cfg(test)]
mod tests;
