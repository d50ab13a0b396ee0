//! Collectors with TLS, and clients that show certificates.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::support::Collector;
use crate::{certificates, support::Dir};

/// A folder of certificates.
pub(super) struct Certificates(Dir);

/// TLS of a client.
pub(super) type Client = StreamOwned<ClientConnection, std::net::TcpStream>;

impl Certificates {
    /// See [`certificates::write`].
    pub(super) fn new() -> Self {
        let dir = Dir::new();
        certificates::write(&dir.path(""));
        Self(dir)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    /// The path as an argument.
    pub(super) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// A collector that has the server's certificate, and lets clients in whose certificate was
    /// issued by `ca`.
    pub(super) fn collector(&self, args: &[&str]) -> Collector {
        let ca = self.arg("ca.pem");
        self.open_collector(&[args, &["--tls-client-ca", &ca]].concat())
    }

    /// The same, that lets everybody in.
    pub(super) fn open_collector(&self, args: &[&str]) -> Collector {
        let (certificate, key) = (self.arg("server.pem"), self.arg("server.key"));
        let own = ["--tls-cert", &certificate, "--tls-key", &key];
        Collector::start(&[args, &own].concat())
    }

    /// What a client knows that shows the certificate of this name, or none.
    fn config(&self, name: Option<&str>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_file(self.path("ca.pem"));
        roots.add(root.expect("a certificate")).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        Arc::new(match name {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let chain = CertificateDer::from_pem_file(self.path(&format!("{name}.pem")));
                let key = PrivateKeyDer::from_pem_file(self.path(&format!("{name}.key")));
                builder
                    .with_client_auth_cert(vec![chain.expect("a certificate")], key.expect("a key"))
                    .expect("a pair")
            }
        })
    }

    /// A connection to an endpoint, before its handshake.
    pub(super) fn client(
        &self,
        collector: &Collector,
        endpoint: usize,
        name: Option<&str>,
    ) -> Client {
        let server = "127.0.0.1".try_into().expect("a name");
        let tls = ClientConnection::new(self.config(name), server).expect("a client");
        let socket = collector.tcp(endpoint);
        socket
            .set_read_timeout(Some(crate::support::DEADLINE))
            .expect("a socket");
        StreamOwned::new(tls, socket)
    }
}
