//! The flags about where dl-send and `dl-recv -o` connect to: TLS, and how records go over a wire that is not
//! ZeroMQ's.

mod exporter;

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use self::exporter::Exporter;
use super::say;
use crate::{
    decode::otlp::Encoding,
    endpoint::{Endpoint, Packing, Protocol, StoreAt, StoreKind},
    error::{Error, Result},
    record::FACILITIES,
    render::export::Syslog,
    sink::{self, Compose, Encode, Refuse, Wire},
    tls::TlsClient,
};

/// How receivers that speak TLS are known, and what they get.
#[derive(Args, Debug)]
pub(super) struct WireArgs {
    /// Talk TLS only to receivers whose certificate was issued by one of those in FILE
    ///
    /// PEM. Without this option it is those that the system trusts.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    tls_ca: Option<PathBuf>,

    /// The facility of messages of syslog [default: user]
    ///
    /// kern, user, mail, daemon, auth, syslog, lpr, news, uucp, cron, authpriv, ftp, ntp, audit,
    /// alert, clock, or local0 to local7.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    #[arg(value_parser = parse_facility)]
    facility: Option<u8>,

    /// How requests of OTLP are written [default: protobuf]
    #[arg(long, value_name = "WHAT", value_enum, hide_short_help = true)]
    encoding: Option<WireEncoding>,

    /// Into how many partitions a stream of NATS is divided [default: 16]
    ///
    /// It is when it is made that this is decided. If the stream is there, the number has to be
    /// the one that it has.
    #[arg(long, value_name = "N", hide_short_help = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_024))]
    partitions: Option<u32>,

    /// How requests of OTLP [default: gzip], files of Parquet and batches for ClickHouse [default:
    /// zstd] and streams of lines [default: none] are compressed
    ///
    /// Requests are by gzip or not, files by zstd, by Snappy or not, batches by zstd or not, and streams to
    /// ndjson+tcp, ndjson+tls and ndjson+unix by zstd, by gzip or not.
    #[arg(long, value_name = "WHAT", value_enum, hide_short_help = true)]
    compress: Option<Compress>,
}

/// How requests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WireEncoding {
    /// Binary
    Protobuf,
    /// OTLP/JSON
    Json,
}

/// How requests and files are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Compress {
    /// By gzip
    Gzip,
    /// By zstd
    Zstd,
    /// By Snappy
    Snappy,
    /// Not at all
    None,
}

/// The facility of messages that users' programs write.
const USER: u8 = 1;

impl WireArgs {
    /// Says to a store that compresses how it is to be done.
    pub(super) fn pack(&self, endpoint: &mut Endpoint) -> Result<()> {
        let (Endpoint::Store(at), Some(compress)) = (&mut *endpoint, self.compress) else {
            return Ok(());
        };
        let others = match (&mut at.kind, compress) {
            (StoreKind::Parquet(layout), _) => {
                layout.packing = match compress {
                    Compress::Zstd => Packing::Zstd,
                    Compress::Snappy => Packing::Snappy,
                    Compress::None => Packing::None,
                    Compress::Gzip => return Err(not_packed(endpoint, "gzip", PARQUET)),
                };
                return Ok(());
            }
            (StoreKind::ClickHouse(at), Compress::Zstd | Compress::None) => {
                at.packed = compress == Compress::Zstd;
                return Ok(());
            }
            (StoreKind::ClickHouse(_), Compress::Gzip) => "gzip",
            (StoreKind::ClickHouse(_), Compress::Snappy) => "Snappy",
            _ => return Ok(()),
        };
        Err(not_packed(endpoint, others, CLICKHOUSE))
    }

    /// How records go to an endpoint; `ours` are the files of our certificate and its key.
    pub(super) fn wire(&self, endpoint: &Endpoint, ours: Option<(&Path, &Path)>) -> Result<Wire> {
        let is_nats = matches!(endpoint, Endpoint::Nats(_));
        if self.partitions.is_some() && !is_nats {
            return Err(Error::Misused {
                reason: format!("--partitions is about streams of NATS, and {endpoint} is none"),
                hint: "send to nats://HOST:PORT/STREAM",
            });
        }
        if self.tls_ca.is_some() && !has_tls(endpoint) {
            return Err(no_tls("--tls-ca", endpoint));
        }
        let tls = if !has_tls(endpoint) || is_nats && self.tls_ca.is_none() && ours.is_none() {
            // For NATS the environment may tell.
            None
        } else {
            Some(TlsClient::read(self.tls_ca.as_deref(), ours)?)
        };
        Ok(Wire {
            tls,
            partitions: self.partitions,
            encode: self.encode(endpoint)?,
            compose: self.compose(endpoint)?,
            gzip: self.compress != Some(Compress::None),
            packing: self.packing(endpoint)?,
        })
    }

    /// What makes requests of records.
    fn compose(&self, endpoint: &Endpoint) -> Result<Option<Box<dyn Compose>>> {
        match endpoint {
            Endpoint::Listen(listen) if listen.protocol == Protocol::Otlp => {
                if matches!(self.compress, Some(Compress::Zstd | Compress::Snappy)) {
                    return Err(Error::Misused {
                        reason: "requests of OTLP are compressed by gzip or not at all".into(),
                        hint: "use --compress gzip or none",
                    });
                }
                let encoding = match self.encoding {
                    Some(WireEncoding::Json) => Encoding::Json,
                    Some(WireEncoding::Protobuf) | None => Encoding::Protobuf,
                };
                Ok(Some(Box::new(Exporter::new(encoding))))
            }
            _ => {
                let flag = match (self.encoding, self.compress) {
                    (Some(_), _) => "--encoding",
                    (None, Some(_)) if !is_packed(endpoint) && !is_of_lines(endpoint) => {
                        return Err(Error::Misused {
                            reason: format!("--compress does not hold for {endpoint}"),
                            hint: "send to otlp+http://, ndjson+tcp://, clickhouse:// or parquet:, or name a file with .gz or .zst",
                        });
                    }
                    (None, _) => return Ok(None),
                };
                Err(Error::Misused {
                    reason: format!("{flag} is about OTLP, and {endpoint} is none"),
                    hint: "send to otlp+http://HOST:PORT or otlp+https",
                })
            }
        }
    }

    /// How a stream is compressed.
    fn packing(&self, endpoint: &Endpoint) -> Result<Option<sink::Packing>> {
        Ok(match self.compress {
            _ if !is_of_lines(endpoint) => None,
            None | Some(Compress::None) => None,
            Some(Compress::Gzip) => Some(sink::Packing::Gzip),
            Some(Compress::Zstd) => Some(sink::Packing::Zstd),
            Some(Compress::Snappy) => {
                return Err(Error::Misused {
                    reason: format!("{endpoint} is not compressed by Snappy"),
                    hint: "use --compress zstd, gzip or none",
                });
            }
        })
    }

    /// What makes messages of records.
    fn encode(&self, endpoint: &Endpoint) -> Result<Option<Box<dyn Encode>>> {
        match endpoint {
            Endpoint::Listen(listen) if listen.protocol == Protocol::Syslog => {
                let syslog = Syslog::new(self.facility.unwrap_or(USER));
                Ok(Some(Box::new(Messages(syslog))))
            }
            _ if self.facility.is_some() => Err(Error::Misused {
                reason: format!("--facility is about syslog, and {endpoint} is none"),
                hint: "send to syslog+tcp://HOST:PORT, syslog+tls or syslog+udp",
            }),
            _ => Ok(None),
        }
    }
}

/// Keeps lines that a place refuses in the file of rejected lines.
pub(super) fn keep_refused(program: &'static str, mut file: File) -> Refuse {
    let mut told = false;
    Box::new(move |line| {
        let line = [line, b"\n"].concat();
        if let Err(error) = file.write_all(&line)
            && !std::mem::replace(&mut told, true)
        {
            say(program, &format!("--rejects: {error}"));
        }
    })
}

/// True if what goes to an endpoint is encrypted by TLS.
pub(super) fn has_tls(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Listen(listen) => listen.tls,
        Endpoint::Nats(at) => at.tls,
        Endpoint::Store(StoreAt {
            kind: StoreKind::ClickHouse(at),
            ..
        }) => at.tls,
        _ => false,
    }
}

/// Says that a flag is about TLS.
pub(super) fn no_tls(flag: &str, endpoint: &Endpoint) -> Error {
    Error::Misused {
        reason: format!("{flag} is about endpoints with TLS, and {endpoint} is none"),
        hint: "send to one, such as ndjson+tls://HOST:PORT",
    }
}

fn is_packed(endpoint: &Endpoint) -> bool {
    let Endpoint::Store(at) = endpoint else {
        return false;
    };
    matches!(at.kind, StoreKind::Parquet(_) | StoreKind::ClickHouse(_))
}

/// What there is instead.
const PARQUET: &str = "use --compress zstd, snappy or none";
const CLICKHOUSE: &str = "use --compress zstd or none";

fn not_packed(endpoint: &Endpoint, how: &str, hint: &'static str) -> Error {
    Error::Misused {
        reason: format!("{endpoint} is not compressed by {how}"),
        hint,
    }
}

fn is_of_lines(endpoint: &Endpoint) -> bool {
    matches!(endpoint, Endpoint::Listen(listen) if listen.protocol == Protocol::Ndjson)
}

/// Messages of syslog, as a sink asks for them.
struct Messages(Syslog);

impl Encode for Messages {
    fn message(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.0.message(line, out);
    }
}

fn parse_facility(text: &str) -> std::result::Result<u8, String> {
    let found = FACILITIES.iter().zip(0..).find(|(name, _)| **name == text);
    let unknown = || format!("known are {}", FACILITIES.join(", "));
    found.map(|(_, number)| number).ok_or_else(unknown)
}
