//! How this end of TLS is set up: certificate, key, and whose clients are let in.
//!
//! No session is resumed: nothing is kept of clients that have left, and a certificate that has
//! expired since is looked at again.

use std::{fmt, path::Path, sync::Arc, time::SystemTime};

use rustls::{
    CertificateError, RootCertStore, ServerConfig, ServerConnection,
    pki_types::CertificateDer,
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};
use x509_cert::{Certificate, der::Decode};

use crate::{error::Result, tls};

/// The longest subject that is told of: names of directories are below 200 characters.
const SUBJECT: usize = 256;

/// This end of TLS, for all endpoints that have it.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    expires: Option<SystemTime>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads files in PEM: our certificate, with those between it and a root behind it, its key,
    /// and the certificates of those who have to have issued those of clients. Without the
    /// last, clients show none.
    pub fn read(certificate: &Path, key: &Path, clients: Option<&Path>) -> Result<Self> {
        let (chain, private) = tls::identity(certificate, key)?;
        let expires = chain.first().and_then(|first| {
            let first = Certificate::from_der(first).ok()?;
            let validity = first.tbs_certificate().validity();
            Some(validity.not_after.to_system_time())
        });
        let builder = ServerConfig::builder_with_provider(tls::provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| tls::failed(certificate, &error))?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                tls::add(&mut roots, path)?;
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots.into(), tls::provider());
                let verifier = verifier
                    .build()
                    .map_err(|error| tls::failed(path, &error))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(chain, private)
            .map_err(|error| tls::not_usable(certificate, key, &error))?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self {
            config: Arc::new(config),
            expires,
        })
    }

    /// When our certificate expires, if that could be read.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    pub(super) fn begin(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.config))
    }
}

/// Whose a certificate is, in the form of RFC 4514.
pub(super) fn subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let subject = certificate.tbs_certificate().subject().to_string();
    let subject: String = subject.chars().take(SUBJECT).collect();
    (!subject.is_empty()).then_some(subject)
}

/// What went wrong, in our words.
pub(super) fn words(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        ) => "the peer's certificate is not for clients".into(),
        error => tls::words(error, "--tls-client-ca"),
    }
}
