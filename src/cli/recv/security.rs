//! The flags of dl-recv that keep others out, and what may be listened at without them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;

use super::{Error, Program, RecvArgs, Result, say};
use crate::{
    cli::{
        curve,
        identity::IdentityArgs,
        outgoing::has_tls,
        reach::{is_reached, is_zeromq_reached},
    },
    endpoint::{Endpoint, Listen, Place, PublishAt},
    record::Instant,
    source::net::Tls,
    zmtp::Security,
};

/// Who is let in.
#[derive(Args, Debug)]
pub(super) struct SecurityArgs {
    #[command(flatten)]
    identity: IdentityArgs,

    /// Let only clients in whose certificate was issued by one of those in FILE
    ///
    /// The subject of a client's certificate is kept as dl.recv.client. Without this option TLS
    /// hides what is sent, and keeps nobody out.
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        hide_short_help = true
    )]
    tls_client_ca: Option<PathBuf>,

    /// Our secret key of CURVE, which all ZeroMQ endpoints over TCP have then
    ///
    /// A file with the key in Z85, or a certificate as pyzmq makes it. See CURVE in
    /// dl-endpoint(7).
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    curve_key: Option<PathBuf>,

    /// With --curve-key, let only clients in whose public keys are in FILE
    ///
    /// A key a line; what stands behind it is the client's name, which is kept as
    /// dl.recv.client. '*' instead of a file lets everybody in who knows our public key.
    #[arg(
        long,
        value_name = "FILE",
        requires = "curve_key",
        hide_short_help = true
    )]
    curve_allow: Option<PathBuf>,

    /// The public key of CURVE of the publishers that sub+tcp connects to
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    curve_server: Option<PathBuf>,

    /// Listen at other than loopback addresses without encryption, and for datagrams
    ///
    /// Whoever reaches such an address is believed, and whoever is between can read along.
    #[arg(long, hide_short_help = true)]
    insecure: bool,
}

impl SecurityArgs {
    /// Refuses an address of ZeroMQ that others reach.
    pub(super) fn check_zeromq(&self, name: &str, address: &str) -> Result<()> {
        self.refuse(
            is_zeromq_reached(address) && self.curve_key.is_none(),
            name,
            "use --curve-key FILE and --curve-allow FILE, or --insecure if every host that reaches \
             it is trusted",
        )
    }

    /// Refuses to publish where others reach what is not sealed.
    pub(super) fn check_published(&self, at: &PublishAt) -> Result<()> {
        self.refuse(
            is_zeromq_reached(&at.address),
            &at.to_string(),
            "pipe to dl-send with --curve-key FILE and --curve-allow FILE, or use --insecure if every host \
             that reaches it is trusted",
        )
    }

    /// Refuses any other endpoint that others reach.
    pub(super) fn check_listener(&self, listen: &Listen) -> Result<()> {
        let (reached, hint) = match &listen.place {
            Place::Unix(_) => return Ok(()),
            Place::Tcp { host, .. } => (
                is_reached(host) && !listen.tls,
                "use the endpoint of the same name with tls or https, or --insecure if every host \
                 that reaches it is trusted",
            ),
            Place::Udp { host, .. } => (
                is_reached(host),
                "use an endpoint with tls, or --insecure if every host that reaches it is trusted",
            ),
        };
        self.refuse(reached, &listen.to_string(), hint)
    }

    /// Refuses a place that others reach of something that speaks no TLS.
    pub(super) fn check_plain(&self, name: &str, place: &Place) -> Result<()> {
        let reached = matches!(place, Place::Tcp { host, .. } if is_reached(host));
        let hint =
            "use an address of this host, or --insecure if every host that reaches it is trusted";
        self.refuse(reached, name, hint)
    }

    fn refuse(&self, reached: bool, name: &str, hint: &'static str) -> Result<()> {
        if !reached || self.insecure {
            return Ok(());
        }
        Err(Error::Misused {
            reason: format!("{name}: other hosts reach it, and anybody is believed there"),
            hint,
        })
    }

    /// The files of our certificate and its key.
    pub(super) fn ours(&self) -> Option<(&Path, &Path)> {
        self.identity.files()
    }

    /// Refuses files without an endpoint that they are for, and an endpoint without its files.
    pub(super) fn check_use(&self, listen: &[Listen], output: &Endpoint) -> Result<()> {
        let secure = listen.iter().find(|listen| listen.tls);
        match (secure, self.identity.files()) {
            (Some(listen), None) => Err(Error::Misused {
                reason: format!("{listen}: TLS needs a certificate"),
                hint: "use --tls-cert FILE and --tls-key FILE",
            }),
            (None, Some(_)) if !has_tls(output) => Err(Error::Misused {
                reason: "--tls-cert is about endpoints with TLS, and none is named".into(),
                hint: "name one, such as syslog+tls://:6514",
            }),
            _ => Ok(()),
        }
    }

    /// Refuses keys without an endpoint that they are for: of those over TCP, whether any is
    /// listened at and whether any is connected to.
    pub(super) fn check_curve(&self, listens: bool, dials: bool) -> Result<()> {
        let misused = |reason: &str, hint| {
            let reason = reason.to_owned();
            Err(Error::Misused { reason, hint })
        };
        if self.curve_key.is_some() && !(listens || dials) {
            let reason = "--curve-key is about ZeroMQ over TCP, and no such endpoint is named";
            return misused(reason, "name one, such as tcp://127.0.0.1:5010");
        }
        if self.curve_server.is_some() && !dials {
            let reason = "--curve-server is about publishers, and none is connected to";
            return misused(reason, "name one, such as sub+tcp://127.0.0.1:5556");
        }
        if self.curve_key.is_some() && listens && self.curve_allow.is_none() {
            let reason = "--curve-key says who we are, and nothing who is let in";
            return misused(
                reason,
                "use --curve-allow FILE, or --curve-allow '*' for everybody who knows our key",
            );
        }
        if self.curve_key.is_some() && dials && self.curve_server.is_none() {
            let reason = "--curve-key needs the key of the publishers that are connected to";
            return misused(reason, "use --curve-server FILE");
        }
        Ok(())
    }

    /// How peers of ZeroMQ are known: those that connect to us, and those that we connect to.
    pub(super) fn curve(&self) -> Result<(Security, Security)> {
        let listening = match (&self.curve_key, &self.curve_allow) {
            (Some(key), Some(allow)) => {
                let server = curve::server(key, allow)?;
                let public = server.secret.public();
                let words = format!("CURVE is used over TCP, and our public key is {public}");
                say(RecvArgs::NAME, &words);
                Security::Server(Arc::new(server))
            }
            _ => Security::Null,
        };
        let dialing = match &self.curve_server {
            Some(server) => Security::Client(curve::client(server, self.curve_key.as_deref())?),
            None => Security::Null,
        };
        Ok((listening, dialing))
    }

    /// Our end of TLS, if any of the endpoints has it.
    pub(super) fn tls(&self, listen: &[Listen]) -> Result<Option<Tls>> {
        let Some((certificate, key)) = self.identity.files() else {
            return Ok(None);
        };
        if !listen.iter().any(|listen| listen.tls) {
            return Ok(None);
        }
        let tls = Tls::read(certificate, key, self.tls_client_ca.as_deref())?;
        if let Some(expires) = tls
            .expires()
            .filter(|expires| *expires <= SystemTime::now())
        {
            let seconds = expires.duration_since(UNIX_EPOCH).unwrap_or_default();
            let nanos = i64::try_from(seconds.as_nanos()).unwrap_or(i64::MAX);
            let words = format!(
                "{}: has expired at {}, so clients will refuse it",
                certificate.display(),
                Instant(nanos)
            );
            say(RecvArgs::NAME, &words);
        }
        Ok(Some(tls))
    }
}
