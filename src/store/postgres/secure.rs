//! TLS with a server, asked for as `psql` and all that stand on libpq are asked for it: by
//! options of the URI, by variables of the environment, by files at their usual places
//! ("SSL Support" of PostgreSQL's manual).

use std::{
    env,
    error::Error as _,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use postgres::{
    Config,
    config::{Host, SslMode},
};
use rustls::{AlertDescription, ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::judge::Judge;
use crate::{endpoint::unescape, tls};

/// The options that are read here, and the variables that stand in for them.
const OPTIONS: [(&str, &str); 4] = [
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
];

/// How much is wanted, in the order of its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// No TLS.
    Disable,
    /// TLS if the server has it.
    Prefer,
    /// TLS with whoever answers; with roots, as the next.
    Require,
    /// TLS with a server whose certificate one of the roots has issued.
    VerifyCa,
    /// And the certificate is for the host that was asked for.
    VerifyFull,
}

const MODES: [(&str, Mode); 5] = [
    ("disable", Mode::Disable),
    ("prefer", Mode::Prefer),
    ("require", Mode::Require),
    ("verify-ca", Mode::VerifyCa),
    ("verify-full", Mode::VerifyFull),
];

/// The word for the certificates that the system trusts, where a file of roots is named.
const SYSTEM: &str = "system";

/// How a server is talked to.
#[derive(Debug)]
pub(super) struct Secure {
    mode: Mode,
    /// `system`, or a file.
    roots: Option<PathBuf>,
    /// A certificate and its key.
    ours: Option<(PathBuf, PathBuf)>,
}

impl Secure {
    /// Takes what is about TLS out of a URI, which the library would not understand.
    pub(super) fn split(place: &str) -> Result<(Self, String), String> {
        let (server, options) = place.split_once('?').unwrap_or((place, ""));
        let mut values = OPTIONS.map(|(_, variable)| given(variable));
        let mut others = Vec::new();
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match OPTIONS.iter().position(|(known, _)| *known == name) {
                Some(at) => {
                    let text = unescape(value).map(String::from_utf8);
                    let text = text.map_err(|reason| format!("{option}: {reason}"))?;
                    values[at] = Some(text.map_err(|_| format!("{option}: it is no UTF-8"))?);
                }
                None => others.push(option),
            }
        }
        let mut rest = server.to_owned();
        if !others.is_empty() {
            rest = format!("{server}?{}", others.join("&"));
        }
        let [mode, roots, certificate, key] = values;
        Ok((Self::of(mode.as_deref(), roots, certificate, key)?, rest))
    }

    fn of(
        mode: Option<&str>,
        roots: Option<String>,
        certificate: Option<String>,
        key: Option<String>,
    ) -> Result<Self, String> {
        let is_system = roots.as_deref() == Some(SYSTEM);
        let mode = match mode {
            // Anybody may have a certificate that a system trusts, for some name.
            None if is_system => Mode::VerifyFull,
            None => Mode::Prefer,
            Some(name) => {
                let found = MODES.iter().find(|(known, _)| *known == name);
                found.map(|(_, mode)| *mode).ok_or_else(|| {
                    let names = MODES.map(|(name, _)| name).join(", ");
                    format!("sslmode={name}: known are {names}")
                })?
            }
        };
        if is_system && mode != Mode::VerifyFull {
            return Err("sslrootcert=system wants sslmode=verify-full".into());
        }
        let named = |value: Option<String>, usual: &str| {
            let named = value.map(PathBuf::from);
            named.or_else(|| usual_place(usual).filter(|path| path.exists()))
        };
        let roots = named(roots, "root.crt");
        if roots.is_none() && mode >= Mode::VerifyCa {
            return Err(
                "whom to trust is not told: sslrootcert=FILE, or sslrootcert=system for those \
                 that the system trusts"
                    .into(),
            );
        }
        let ours = match (
            named(certificate, "postgresql.crt"),
            named(key, "postgresql.key"),
        ) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(_), None) => return Err("sslcert wants sslkey=FILE".into()),
            (None, _) => None,
        };
        Ok(Self { mode, roots, ours })
    }

    /// Tells a connection how much is wanted, and how it is had.
    pub(super) fn apply(&self, config: &mut Config) -> Result<MakeRustlsConnect, String> {
        let is_local = |host: &Host| matches!(host, Host::Unix(_));
        let hosts = config.get_hosts();
        // Through a socket of this host there is no TLS, whatever is asked for.
        let is_off = !hosts.is_empty() && hosts.iter().all(is_local);
        let mode = match self.mode {
            Mode::Disable => SslMode::Disable,
            _ if is_off => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        };
        config.ssl_mode(mode);
        let client = self.client(mode == SslMode::Disable)?;
        Ok(MakeRustlsConnect::new(client))
    }

    fn client(&self, is_off: bool) -> Result<ClientConfig, String> {
        // Files are of no interest to who does not need them.
        let roots = match &self.roots {
            Some(path) if self.mode > Mode::Prefer && !is_off => Some(read_roots(path)?),
            _ => None,
        };
        let provider = tls::provider();
        let judge = Judge {
            roots,
            is_name_asked: self.mode == Mode::VerifyFull,
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge));
        let mut client = match &self.ours {
            Some((certificate, key)) if !is_off => {
                let files = tls::identity(certificate, key);
                let (chain, private) = files.map_err(|error| error.to_string())?;
                let with_ours = builder.with_client_auth_cert(chain, private);
                with_ours.map_err(|error| tls::not_usable(certificate, key, &error).to_string())?
            }
            _ => builder.with_no_client_auth(),
        };
        // What servers since 17 want to hear if TLS comes first (sslnegotiation=direct).
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(client)
    }
}

fn given(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|text| !text.is_empty())
}

/// Where a file is looked for that nobody names.
fn usual_place(name: &str) -> Option<PathBuf> {
    env::var_os("HOME").map(|home| Path::new(&home).join(".postgresql").join(name))
}

fn read_roots(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if path == Path::new(SYSTEM) {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        tls::add(&mut roots, path).map_err(|error| error.to_string())?;
    }
    Ok(roots)
}

/// Why one end does not want the other, in our words; `None` if it is something else that went
/// wrong, which may go well the next time.
pub(super) fn refused(error: &postgres::Error) -> Option<String> {
    let mut reason = error.source();
    while let Some(inner) = reason {
        let inside = inner
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(error) = inside.and_then(|inside| inside.downcast_ref::<rustls::Error>()) {
            let words = format!("TLS: {}", tls::words(error, "sslrootcert"));
            return is_lasting(error).then_some(words);
        }
        reason = inner.source();
    }
    None
}

fn is_lasting(error: &rustls::Error) -> bool {
    match error {
        rustls::Error::InvalidCertificate(_)
        | rustls::Error::NoCertificatesPresented
        | rustls::Error::PeerIncompatible(_) => true,
        rustls::Error::AlertReceived(alert) => matches!(
            alert,
            AlertDescription::AccessDenied
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRequired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::HandshakeFailure
                | AlertDescription::ProtocolVersion
                | AlertDescription::UnknownCA
                | AlertDescription::UnsupportedCertificate
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mode: Option<&str>, roots: Option<&str>) -> Result<Mode, String> {
        let roots = roots.map(str::to_owned);
        Secure::of(mode, roots, None, None).map(|secure| secure.mode)
    }

    #[test]
    fn modes_are_those_of_libpq_and_say_whom_they_need() {
        assert_eq!(of(None, Some("ca.pem")), Ok(Mode::Prefer));
        assert_eq!(of(Some("disable"), None), Ok(Mode::Disable));
        assert_eq!(of(Some("verify-ca"), Some("a")), Ok(Mode::VerifyCa));
        assert_eq!(of(None, Some(SYSTEM)), Ok(Mode::VerifyFull));
        for (mode, roots, words) in [
            ("allow", None, "sslmode=allow: known are disable, prefer"),
            ("require", Some(SYSTEM), "wants sslmode=verify-full"),
        ] {
            let refused = of(Some(mode), roots).err();
            assert!(refused.is_some_and(|told| told.contains(words)), "{words}");
        }
        let half = Secure::of(None, None, Some("ours.pem".into()), None);
        // A key at its usual place would do.
        if usual_place("postgresql.key").is_none_or(|path| !path.exists()) {
            assert!(half.is_err());
        }
    }

    #[test]
    fn what_is_about_tls_is_taken_out_of_the_uri() {
        let place = "postgres://h/d?sslmode=require&connect_timeout=3&sslrootcert=/a%20b.pem";
        let (secure, rest) = Secure::split(place).expect("a good one");
        assert_eq!(rest, "postgres://h/d?connect_timeout=3");
        assert_eq!(secure.mode, Mode::Require);
        assert_eq!(secure.roots.as_deref(), Some(Path::new("/a b.pem")));
        let odd = Secure::split("postgres://h/d?sslcert=%zz").err();
        assert!(odd.is_some_and(|told| told.starts_with("sslcert=%zz: ")));
    }
}
