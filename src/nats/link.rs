//! A connection to a server of NATS.

use std::{env, path::PathBuf, time::Duration};

use async_nats::{
    ConnectErrorKind, ConnectOptions, Event,
    jetstream::{Context, context::ContextBuilder},
};
use tokio::sync::watch;

use crate::{
    endpoint::NatsAt,
    store::{Fault, explained},
    tls::TlsClient,
};

/// How long a server that does not answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that is there.
pub(crate) struct Link {
    /// What is asked of JetStream there.
    pub(crate) context: Context,
    /// Why it is there no more.
    pub(crate) trouble: watch::Receiver<Option<Fault>>,
}

impl Link {
    /// Waits until the connection is lost, and says why.
    pub(crate) async fn lost(&self) -> Fault {
        let mut trouble = self.trouble.clone();
        let told = trouble.wait_for(Option::is_some).await;
        let told = told.ok().and_then(|told| told.clone());
        told.unwrap_or_else(|| Fault::Passing("the connection is closed".into()))
    }
}

/// Connects; `in_flight` messages may be without an acknowledgement.
pub(crate) async fn connect(
    at: &NatsAt,
    tls: Option<&TlsClient>,
    in_flight: usize,
) -> Result<Link, Fault> {
    let (tell, trouble) = watch::channel(None);
    let mut options = credentials(at)?
        .name("distlog")
        .connection_timeout(TIMEOUT)
        .request_timeout(Some(TIMEOUT))
        .skip_subject_validation(true)
        .event_callback(move |event| {
            let fault = match event {
                Event::Disconnected | Event::Closed => {
                    Some(Fault::Passing("the connection was lost".into()))
                }
                Event::ServerError(error) => Some(refused(&error.to_string())),
                Event::ClientError(error) => Some(Fault::Passing(error.to_string())),
                _ => None,
            };
            if fault.is_some() {
                // The first reason is the one that tells most.
                tell.send_if_modified(|told| {
                    let is_first = told.is_none();
                    if is_first {
                        *told = fault;
                    }
                    is_first
                });
            }
            std::future::ready(())
        });
    if at.tls {
        let ours = match tls {
            Some(tls) => tls.clone(),
            None => tls_of_environment()?,
        };
        options = options.require_tls(true).tls_client_config(ours.config());
    }
    let connecting = options.connect(format!("nats://{}:{}", at.host, at.port));
    let client = match tokio::time::timeout(TIMEOUT, connecting).await {
        Err(_) => return Err(Fault::Passing("no answer in time".into())),
        Ok(connected) => connected.map_err(|error| {
            let words = explained(&error);
            match error.kind() {
                ConnectErrorKind::Authentication
                | ConnectErrorKind::AuthorizationViolation
                | ConnectErrorKind::ServerParse => Fault::Lasting(words),
                _ => Fault::Passing(words),
            }
        })?,
    };
    if !client.server_info().jetstream {
        let words = "JetStream is not enabled there (nats-server -js)";
        return Err(Fault::Lasting(words.into()));
    }
    let context = ContextBuilder::new()
        .timeout(TIMEOUT)
        .max_ack_inflight(in_flight.max(1))
        .build(client);
    Ok(Link { context, trouble })
}

/// What a server has to say against us.
fn refused(words: &str) -> Fault {
    if words.to_ascii_lowercase().contains("permissions violation") {
        Fault::Lasting(words.to_owned())
    } else {
        Fault::Passing(words.to_owned())
    }
}

/// Who we are: what the programs of NATS read in their environment.
fn credentials(at: &NatsAt) -> Result<ConnectOptions, Fault> {
    let given = |name: &str| env::var(name).ok().filter(|text| !text.is_empty());
    let unread = |name: &str, path: &str, error: &std::io::Error| {
        Fault::Lasting(format!("{name}={path}: {error}"))
    };
    let options = ConnectOptions::new();
    if let Some(path) = given("NATS_CREDS") {
        let text = std::fs::read_to_string(&path);
        let read = text.and_then(|text| options.credentials(&text));
        return read.map_err(|error| unread("NATS_CREDS", &path, &error));
    }
    if let Some(path) = given("NATS_NKEY") {
        let seed = std::fs::read_to_string(&path);
        let seed = seed.map_err(|error| unread("NATS_NKEY", &path, &error))?;
        return Ok(options.nkey(seed.trim().to_owned()));
    }
    if let Some(token) = given("NATS_TOKEN") {
        return Ok(options.token(token));
    }
    Ok(match at.user.clone().or_else(|| given("NATS_USER")) {
        Some(user) => options.user_and_password(user, given("NATS_PASSWORD").unwrap_or_default()),
        None => options,
    })
}

/// Our end of TLS where no flag tells: what the programs of NATS read in their environment.
fn tls_of_environment() -> Result<TlsClient, Fault> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from);
    let (authority, ours) = (path("NATS_CA"), path("NATS_CERT").zip(path("NATS_KEY")));
    let ours = ours.as_ref().map(|(cert, key)| (&**cert, &**key));
    let read = TlsClient::read(authority.as_deref(), ours);
    read.map_err(|error| Fault::Lasting(error.to_string()))
}
