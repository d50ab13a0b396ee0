//! One input: a file or standard input, decompressed if its first bytes say so, or a store.

use std::{
    fs::File,
    io::{self, Read, Seek, Take},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{FileType, fstat},
};

use super::{
    extent::Extent,
    first_bytes::{self, Form},
};
use crate::{
    endpoint::{Endpoint, StoreAt},
    error::{Error, Result},
    store::{Feed, Where},
};

/// A stream of bytes and what is known about it.
pub struct Input {
    /// The descriptor that the bytes come from, to wait on. It is the first to be closed: whoever
    /// writes into the pipe of a store ends then, which its stream waits for.
    fd: Arc<OwnedFd>,
    stream: Stream,
    place: String,
    /// Where the next byte stands, if this is a regular file.
    position: u64,
    regular: bool,
    /// True if it is what another program writes, and not a person.
    pipe: bool,
    size: Option<u64>,
}

enum Stream {
    /// Nothing read yet, so it is not known whether the bytes are compressed.
    Fresh(Take<File>),
    /// The first bytes, still to be handed out, and the rest.
    Plain(Vec<u8>, Take<File>),
    Gzip(Box<MultiGzDecoder<Prefixed>>),
    Zstd(Box<zstd::Decoder<'static, io::BufReader<Prefixed>>>),
    Store(Feed),
    /// Only while the stream changes from one state to the next.
    Gone,
}

type Prefixed = io::Chain<io::Cursor<Vec<u8>>, Patient>;

/// A file under a decompressor. It never waits for its writer, so that whoever reads can
/// wait for other things too: it says that it would, and the decompressor goes on later.
struct Patient(Take<File>);

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut fds = [PollFd::new(self.0.get_ref(), PollFlags::IN)];
        if poll(&mut fds, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.0.read(buffer)
    }
}

impl Input {
    /// Opens what an endpoint names, if a program can read it by itself; of a store what is
    /// `wanted`.
    pub fn at(endpoint: &Endpoint, wanted: Option<&Where>) -> Result<Self> {
        let refuse = |reason: &str| Error::Endpoint {
            text: endpoint.to_string(),
            reason: reason.into(),
        };
        match endpoint {
            Endpoint::Standard => Self::stdin(),
            Endpoint::File(path) => Self::open(path),
            Endpoint::Store(at) => Self::store(at, wanted),
            Endpoint::ZeroMq(_)
            | Endpoint::Subscribe(_)
            | Endpoint::Nats(_)
            | Endpoint::Listen(_) => Err(refuse("is no file; dl-recv reads it")),
            Endpoint::Publish(_) => Err(refuse("is no input; subscribers use sub+tcp or sub+ipc")),
            Endpoint::Exec(_) => Err(refuse("is no input; pipe what the command writes")),
        }
    }

    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let fail = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(fail)?;
        let input = Self::new(file, place).map_err(fail)?;
        if FileType::from_raw_mode(fstat(&input.fd).map_err(|e| fail(e.into()))?.st_mode).is_dir() {
            return Err(Error::Misused {
                reason: format!("{}: is a directory", path.display()),
                hint: "name the files in it",
            });
        }
        Ok(input)
    }

    /// Standard input.
    pub fn stdin() -> Result<Self> {
        let place = "<stdin>";
        let fail = |source| Error::Read {
            place: place.into(),
            source,
        };
        let file = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(fail)?);
        Self::new(file, place.into()).map_err(fail)
    }

    /// The records of a store.
    fn store(at: &StoreAt, wanted: Option<&Where>) -> Result<Self> {
        let place = at.to_string();
        let opened = Feed::open(at, wanted).and_then(|feed| {
            let fd = feed.as_fd().try_clone_to_owned()?;
            Ok((feed, fd))
        });
        match opened {
            Ok((feed, fd)) => Ok(Self {
                fd: Arc::new(fd),
                stream: Stream::Store(feed),
                place,
                position: 0,
                regular: false,
                pipe: false,
                size: None,
            }),
            Err(source) => Err(Error::Read { place, source }),
        }
    }

    fn new(file: File, place: String) -> io::Result<Self> {
        let fd = file.as_fd().try_clone_to_owned()?;
        let stat = fstat(&fd)?;
        let kind = FileType::from_raw_mode(stat.st_mode);
        let regular = kind.is_file();
        let size = regular.then(|| u64::try_from(stat.st_size).unwrap_or(0));
        let position = if regular {
            (&file).stream_position()?
        } else {
            0
        };
        Ok(Self {
            fd: Arc::new(fd),
            stream: Stream::Fresh(file.take(u64::MAX)),
            place,
            position,
            regular,
            pipe: kind.is_fifo() || kind.is_socket(),
            size,
        })
    }

    /// The same input, but no more of it than `extent` says, and from where that begins. Fails
    /// if it is another file by now, or has less.
    pub fn within(mut self, extent: &Extent) -> Result<Self> {
        if let Stream::Fresh(file) = &mut self.stream {
            extent.begin(file.get_ref()).map_err(|source| Error::Read {
                place: self.place.clone(),
                source,
            })?;
            file.set_limit(extent.bytes());
            self.position = file.get_ref().stream_position().unwrap_or(0);
        }
        Ok(self)
    }

    /// The input's name in messages.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The size in bytes, for a regular file.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// True if a read can have to wait for a writer.
    pub fn may_block(&self) -> bool {
        !self.regular
    }

    /// True if it is a pipe, which ends when who writes into it does.
    pub(super) fn is_pipe(&self) -> bool {
        self.pipe
    }

    /// True if bytes may be held inside, where polling the descriptor does not see them.
    pub fn is_compressed(&self) -> bool {
        matches!(self.stream, Stream::Gzip(_) | Stream::Zstd(_))
    }

    /// The file and the place behind the last byte that was read, if the bytes stand in it as
    /// they are.
    pub(super) fn reached(&self) -> Option<(&Arc<OwnedFd>, u64)> {
        let plain = self.regular && matches!(self.stream, Stream::Plain(..));
        plain.then_some((&self.fd, self.position))
    }

    /// Reads some bytes; 0 is the end. What is compressed does not wait for its writer:
    /// it fails with [`io::ErrorKind::WouldBlock`], and the next call goes on.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = match &mut self.stream {
                Stream::Fresh(_) => {
                    self.detect()?;
                    continue;
                }
                Stream::Plain(head, file) if head.is_empty() => file.read(buffer),
                Stream::Plain(head, _) => {
                    let count = head.len().min(buffer.len());
                    buffer[..count].copy_from_slice(&head[..count]);
                    head.drain(..count);
                    Ok(count)
                }
                Stream::Gzip(decoder) => decoder.read(buffer),
                Stream::Zstd(decoder) => decoder.read(buffer),
                Stream::Store(feed) => feed.read(buffer),
                Stream::Gone => Ok(0),
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(count) => {
                    self.position += count as u64;
                    return Ok(count);
                }
                other => return other,
            }
        }
    }

    /// Reads as many of the first bytes as it takes to tell what all of it is.
    ///
    /// It stops as soon as they can be nothing but text, so that a slow writer's first record is
    /// not held up.
    fn detect(&mut self) -> io::Result<()> {
        let Stream::Fresh(mut file) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Ok(());
        };
        let mut head = Vec::new();
        let form = loop {
            if let found @ Some(_) = first_bytes::form(&head) {
                break found;
            }
            let mut byte = [0];
            if !first_bytes::may_be(&head) || file.read(&mut byte)? == 0 {
                break None;
            }
            head.push(byte[0]);
        };
        self.stream = match form {
            Some(Form::Gzip) => Stream::Gzip(Box::new(MultiGzDecoder::new(
                io::Cursor::new(head).chain(Patient(file)),
            ))),
            Some(Form::Zstd) => {
                let bytes = io::BufReader::new(io::Cursor::new(head).chain(Patient(file)));
                Stream::Zstd(Box::new(zstd::Decoder::with_buffer(bytes)?))
            }
            Some(Form::Foreign(reason, hint)) => return Err(first_bytes::refusal(reason, hint)),
            None => Stream::Plain(head, file),
        };
        Ok(())
    }
}

impl AsFd for Input {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
