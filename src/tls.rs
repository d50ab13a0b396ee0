//! What both ends of TLS share: files in PEM, words for what went wrong, and our end where we are
//! the client.

use std::{fmt, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, ClientConnection, InvalidMessage, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName,
        pem::{self, PemObject},
    },
};
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts};

use crate::error::{Error, Result};

/// Our certificate, with those between it and a root behind it, and its key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Our end of TLS where we are the client.
#[derive(Clone)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    /// What it was made of, for who makes one of its own.
    roots: RootCerts,
    ours: Option<ClientCert>,
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is nobody's business.
        f.debug_struct("TlsClient").finish_non_exhaustive()
    }
}

impl TlsClient {
    /// Reads files in PEM: the certificates of those who have to have issued the server's, and
    /// ours with its key. Without the first, those count that the system trusts.
    pub fn read(authority: Option<&Path>, ours: Option<(&Path, &Path)>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        let trusted = if let Some(path) = authority {
            add(&mut roots, path)?;
            certificates(path)?
        } else {
            let found = rustls_native_certs::load_native_certs().certs;
            if roots.add_parsable_certificates(found.iter().cloned()).0 == 0 {
                return Err(Error::Misused {
                    reason: "this system has no certificates that it trusts".into(),
                    hint: "use --tls-ca FILE",
                });
            }
            found
        };
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Failed(format!("TLS: {error}")))?
            .with_root_certificates(roots);
        let (config, ours) = match ours {
            None => (builder.with_no_client_auth(), None),
            Some((certificate, key)) => {
                let (chain, private) = identity(certificate, key)?;
                let ours = ClientCert::new_with_certs(&owned(&chain), owned_key(key)?);
                let config = builder
                    .with_client_auth_cert(chain, private)
                    .map_err(|error| not_usable(certificate, key, &error))?;
                (config, Some(ours))
            }
        };
        Ok(Self {
            config: Arc::new(config),
            roots: RootCerts::new_with_certs(&owned(&trusted)),
            ours,
        })
    }

    /// Whom we trust, for the client of HTTP.
    pub(crate) fn roots(&self) -> RootCerts {
        self.roots.clone()
    }

    /// Who we are, for the client of HTTP.
    pub(crate) fn identity(&self) -> Option<ClientCert> {
        self.ours.clone()
    }

    /// All of it, for who connects by itself.
    pub(crate) fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.config)
    }

    pub(crate) fn begin(&self, host: &str) -> Result<ClientConnection, String> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| format!("'{host}' cannot be the name of a certificate"))?;
        let config = Arc::clone(&self.config);
        ClientConnection::new(config, name).map_err(|error| error.to_string())
    }
}

fn owned(certificates: &[CertificateDer<'_>]) -> Vec<Certificate<'static>> {
    let owned = certificates
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    owned.collect()
}

/// The key once more, in the form of the client of HTTP.
fn owned_key(path: &Path) -> Result<PrivateKey<'static>> {
    let pem = std::fs::read(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })?;
    PrivateKey::from_pem(&pem).map_err(|error| failed(path, &error))
}

/// What does the mathematics.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Adds the certificates of a file to those that are trusted.
pub(crate) fn add(roots: &mut RootCertStore, path: &Path) -> Result<()> {
    for root in certificates(path)? {
        roots.add(root).map_err(|error| failed(path, &error))?;
    }
    Ok(())
}

/// Reads a certificate and its key.
pub(crate) fn identity(certificate: &Path, key: &Path) -> Result<Identity> {
    let chain = certificates(certificate)?;
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| unread(key, "private key", error))?;
    Ok((chain, private))
}

/// Why a certificate and its key are of no use.
pub(crate) fn not_usable(certificate: &Path, key: &Path, error: &rustls::Error) -> Error {
    match error {
        rustls::Error::InconsistentKeys(_) => Error::Failed(format!(
            "{}: is not the key of the certificate in {}",
            key.display(),
            certificate.display()
        )),
        error => failed(certificate, error),
    }
}

/// A file and what is wrong with it.
pub(crate) fn failed(path: &Path, error: &dyn fmt::Display) -> Error {
    Error::Failed(format!("{}: {error}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unread = |error| unread(path, "certificate", error);
    let found = CertificateDer::pem_file_iter(path).map_err(unread)?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(unread)?;
    if found.is_empty() {
        return Err(unread(pem::Error::NoItemsFound));
    }
    Ok(found)
}

fn unread(path: &Path, what: &str, error: pem::Error) -> Error {
    match error {
        pem::Error::Io(source) => Error::File {
            path: path.to_owned(),
            source,
        },
        pem::Error::NoItemsFound => {
            Error::Failed(format!("{}: no {what} in PEM in it", path.display()))
        }
        error => Error::Failed(format!("{}: no {what}: {error}", path.display())),
    }
}

/// What went wrong, in our words where rustls has those of its code; `authority` is the flag that
/// says who issues certificates.
pub(crate) fn words(error: &rustls::Error, authority: &str) -> String {
    match error {
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => "the peer speaks something else".into(),
        rustls::Error::NoCertificatesPresented => "the peer has shown no certificate".into(),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "the peer's certificate has expired".into(),
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            format!("the peer's certificate is not of {authority}")
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the peer's certificate is for another name".into(),
        rustls::Error::InvalidCertificate(
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
        ) => "the peer's certificate is not for its purpose".into(),
        rustls::Error::AlertReceived(alert) => format!("the peer refused us: {alert:?}"),
        error => error.to_string(),
    }
}
