//! Who we are in TLS, whichever end of it is ours.

use std::path::{Path, PathBuf};

use clap::Args;

/// Our certificate and its key.
#[derive(Args, Debug)]
pub(super) struct IdentityArgs {
    /// Our certificate, for endpoints with TLS: PEM, with those between it and a root behind it
    ///
    /// A receiver needs one, a sender where its receiver asks for it.
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_key",
        hide_short_help = true
    )]
    tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert, in PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "tls_cert",
        hide_short_help = true
    )]
    tls_key: Option<PathBuf>,
}

impl IdentityArgs {
    /// The files of certificate and key, of which there is none without the other.
    pub(super) fn files(&self) -> Option<(&Path, &Path)> {
        self.tls_cert.as_deref().zip(self.tls_key.as_deref())
    }
}
