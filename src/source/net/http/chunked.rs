//! A body in chunks (RFC 9112, 7.1): a length in hexadecimal digits, so many bytes, and again
//! until a length of 0; then fields that nobody wants, up to a blank line.

use super::{Progress, Refusal, refused};

/// The longest line between chunks: a length, and extensions that nobody uses.
const LINE: usize = 256;
/// Bytes of fields behind the last chunk.
const TRAILER: usize = 4096;

#[derive(Clone, Copy, Debug, Default)]
enum At {
    /// Before a length.
    #[default]
    Size,
    /// So many bytes of a chunk are left.
    Data(usize),
    /// Before the line end behind a chunk.
    DataEnd,
    /// Behind the last chunk, after so many bytes of fields.
    Trailer(usize),
}

/// What has come of a body.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    at: At,
    body: Vec<u8>,
}

impl Chunked {
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn held(&self) -> usize {
        self.body.capacity()
    }

    pub(super) fn next(&mut self, input: &[u8], limit: usize) -> Result<Progress, Refusal> {
        match self.at {
            At::Data(0) => {
                self.at = At::DataEnd;
                self.next(input, limit)
            }
            At::Data(left) if !input.is_empty() => {
                let consumed = left.min(input.len());
                self.body.extend_from_slice(&input[..consumed]);
                self.at = At::Data(left - consumed);
                Ok(Progress::Taken { consumed })
            }
            At::Data(_) => Ok(Progress::More { wanted: 1 }),
            At::Size | At::DataEnd | At::Trailer(_) => self.line(input, limit),
        }
    }

    fn line(&mut self, input: &[u8], limit: usize) -> Result<Progress, Refusal> {
        let broken = || refused(400, "broken chunks");
        let window = &input[..input.len().min(LINE)];
        let Some(end) = memchr::memchr(b'\n', window) else {
            return if input.len() >= LINE {
                Err(broken())
            } else {
                Ok(Progress::More {
                    wanted: input.len() + 1,
                })
            };
        };
        let line = window[..end].strip_suffix(b"\r").unwrap_or(&window[..end]);
        let consumed = end + 1;
        match self.at {
            At::DataEnd if line.is_empty() => self.at = At::Size,
            At::DataEnd | At::Data(_) => return Err(broken()),
            At::Size => {
                let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
                let digits = digits.trim_ascii();
                // A plus sign is no digit, whatever `from_str_radix` says.
                if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(broken());
                }
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                let size = usize::from_str_radix(digits, 16).unwrap_or(usize::MAX);
                if size > limit.saturating_sub(self.body.len()) {
                    return Err(refused(413, "the body of a request exceeds --max-body"));
                }
                self.at = if size == 0 {
                    At::Trailer(0)
                } else {
                    At::Data(size)
                };
            }
            At::Trailer(_) if line.is_empty() => return Ok(Progress::Request { consumed }),
            At::Trailer(bytes) if bytes + consumed > TRAILER => return Err(broken()),
            At::Trailer(bytes) => self.at = At::Trailer(bytes + consumed),
        }
        Ok(Progress::Taken { consumed })
    }
}
