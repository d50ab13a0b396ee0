//! Our end of HTTP where we are the client: what all have in common who send requests.

use std::io;

use ureq::{
    Agent,
    tls::{TlsConfig, TlsProvider},
};

use crate::{tls::TlsClient, zmtp::lower};

/// A client, which goes straight to where it is sent: a redirect or a proxy of the environment
/// would take records elsewhere. What answers mean is for the caller to know.
pub(crate) fn agent(tls: Option<&TlsClient>, name: &str) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(format!("{name}/{}", env!("CARGO_PKG_VERSION")))
        .tls_config(tls_config(tls))
        .build();
    config.into()
}

fn tls_config(tls: Option<&TlsClient>) -> TlsConfig {
    let builder = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(crate::tls::provider());
    match tls {
        Some(tls) => builder
            .root_certs(tls.roots())
            .client_cert(tls.identity())
            .build(),
        None => builder.build(),
    }
}

/// Why there is no answer, in the words of our other connections.
pub(crate) fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => lower(error),
        ureq::Error::Timeout(_) => "no answer in time".into(),
        ureq::Error::HostNotFound => "the host is not known".into(),
        error => error.to_string(),
    }
}

/// Why an answer broke off.
pub(crate) fn lost(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| lower(error), words)
}
