//! The flags of dl-send by which peers of ZeroMQ are known.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use crate::{
    cli::{Program, SendArgs, curve, reach::is_zeromq_reached, say},
    endpoint::{Endpoint, PublishAt},
    error::{Error, Result},
    zmtp::Security,
};

/// Who is believed.
#[derive(Args, Debug)]
pub(super) struct SecurityArgs {
    /// The public key of CURVE of the receiver, which is talked to in no other way then
    ///
    /// A file with the key in Z85, or a certificate as pyzmq makes it. See CURVE in
    /// dl-endpoint(7).
    #[arg(long, value_name = "FILE")]
    curve_server: Option<PathBuf>,

    /// Our secret key, by which the receiver knows us, or that of a publisher
    ///
    /// With --curve-server, one is made for this run if there is none, which only a receiver takes that
    /// takes all. A publisher has this key with --curve-allow.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    curve_key: Option<PathBuf>,

    /// With --curve-key, let only subscribers of pub+tcp in whose public keys are in FILE
    ///
    /// A key a line; what stands behind it is a name. '*' instead of a file lets everybody in who knows
    /// our public key.
    #[arg(
        long,
        value_name = "FILE",
        requires = "curve_key",
        conflicts_with = "curve_server",
        hide_short_help = true
    )]
    curve_allow: Option<PathBuf>,

    /// Publish at other than loopback addresses without CURVE
    ///
    /// Whoever reaches such an address can read what is sent.
    #[arg(long, hide_short_help = true)]
    insecure: bool,
}

impl SecurityArgs {
    /// How the receiver is known, or the subscribers.
    pub(super) fn of(&self, endpoint: &Endpoint) -> Result<Security> {
        if let Endpoint::Publish(at) = endpoint {
            return self.publishing(at);
        }
        if self.curve_allow.is_some() || self.insecure {
            return Err(Error::Misused {
                reason:
                    "--curve-allow and --insecure are about subscribers, and nothing is published"
                        .into(),
                hint: "publish at pub+tcp://HOST:PORT",
            });
        }
        let Some(server) = &self.curve_server else {
            return match self.curve_key {
                None => Ok(Security::Null),
                Some(_) => Err(Error::Misused {
                    reason: "--curve-key needs the key of the receiver".into(),
                    hint: "use --curve-server FILE",
                }),
            };
        };
        if !matches!(endpoint, Endpoint::ZeroMq(address) if address.starts_with("tcp://")) {
            return Err(Error::Misused {
                reason: format!("--curve-server is about ZeroMQ over TCP, not {endpoint}"),
                hint: "send to tcp://HOST:PORT",
            });
        }
        let client = curve::client(server, self.curve_key.as_deref())?;
        Ok(Security::Client(client))
    }

    fn publishing(&self, at: &PublishAt) -> Result<Security> {
        let misused = |reason: String, hint| Err(Error::Misused { reason, hint });
        if self.curve_server.is_some() {
            return misused(
                format!("--curve-server is about receivers, and {at} has subscribers"),
                "use --curve-key FILE and --curve-allow FILE",
            );
        }
        match (&self.curve_key, &self.curve_allow) {
            (Some(_), _) if !at.address.starts_with("tcp://") => misused(
                format!("--curve-key is about ZeroMQ over TCP, not {at}"),
                "publish at pub+tcp://HOST:PORT",
            ),
            (Some(key), Some(allow)) => {
                let server = curve::server(key, allow)?;
                let public = server.secret.public();
                let words = format!("CURVE is used, and our public key is {public}");
                say(SendArgs::NAME, &words);
                Ok(Security::Server(Arc::new(server)))
            }
            (Some(_), None) => misused(
                "--curve-key says who we are, and nothing who is let in".into(),
                "use --curve-allow FILE, or --curve-allow '*' for everybody who knows our key",
            ),
            (None, _) if is_zeromq_reached(&at.address) && !self.insecure => misused(
                format!("{at}: other hosts reach it, and anybody can read there"),
                "use --curve-key FILE and --curve-allow FILE, or --insecure if every host that reaches it \
                 is trusted",
            ),
            (None, _) => Ok(Security::Null),
        }
    }
}
