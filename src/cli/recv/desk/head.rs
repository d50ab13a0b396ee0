//! The stamp of what comes from the network.

use super::{Origin, quoted};
use crate::record::Additions;

/// The stamp of the present message. What it has in common with that of the message before stays, because those of
/// one origin mostly come many at a time.
#[derive(Default)]
pub(super) struct Head {
    /// What it is of; nothing if empty.
    peer: String,
    client: Option<String>,
    endpoint: Option<String>,
    topic: Option<Vec<u8>>,
    /// The object.
    pub(super) text: Vec<u8>,
    /// How much of the text that is.
    common: usize,
}

impl Head {
    /// Says that nothing of it is to be used again.
    pub(super) fn forget(&mut self) {
        self.peer.clear();
    }

    /// Makes it that of a message from there, which came at that time.
    pub(super) fn be(&mut self, origin: &Origin<'_>, time: &str, given: &Additions) {
        self.begin(origin, time, given);
        let mut digits = itoa::Buffer::new();
        let number = digits.format(origin.number);
        self.text.extend_from_slice(number.as_bytes());
        if origin.replayed {
            self.text.extend_from_slice(b",\"replayed\":true");
        }
        self.text.push(b'}');
    }

    /// Makes it that of an origin, up to the number of the message.
    fn begin(&mut self, origin: &Origin<'_>, time: &str, given: &Additions) {
        if self.peer == origin.peer
            && self.client.as_deref() == origin.client
            && self.endpoint.as_deref() == origin.endpoint
            && self.topic.as_deref() == origin.topic
        {
            self.text.truncate(self.common);
            return;
        }
        origin.peer.clone_into(&mut self.peer);
        self.client = origin.client.map(str::to_owned);
        self.endpoint = origin.endpoint.map(str::to_owned);
        self.topic = origin.topic.map(<[u8]>::to_vec);
        let endpoint = origin
            .endpoint
            .map(|endpoint| format!("\"endpoint\":{endpoint},"));
        let given = (!given.is_empty()).then(|| format!("{},", given.text()));
        let client = origin.client;
        let client = client.map(|client| format!(",\"client\":{}", quoted(client)));
        let topic = origin.topic.map(String::from_utf8_lossy);
        let topic = topic.map(|topic| format!(",\"topic\":{}", quoted(&topic)));
        let text = format!(
            "{{{}{}\"peer\":{}{}{},\"time\":\"{time}\",\"seq\":",
            given.unwrap_or_default(),
            endpoint.unwrap_or_default(),
            quoted(origin.peer),
            client.unwrap_or_default(),
            topic.unwrap_or_default(),
        );
        self.text = text.into_bytes();
        self.common = self.text.len();
    }
}
