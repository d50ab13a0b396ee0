//! What a subscriber wants of a publisher.

use super::Refusal;

/// How many subscriptions a peer may have. Each of them is looked at for each message.
const MOST: usize = 1_000;

/// The topics that a peer has subscribed to.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Vec<Box<[u8]>>);

impl Subscriptions {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a message whose first frame this is has been asked for.
    pub(super) fn want(&self, first: &[u8]) -> bool {
        self.0.iter().any(|topic| first.starts_with(topic))
    }

    pub(super) fn add(&mut self, topic: &[u8]) -> Result<(), Refusal> {
        if self.0.len() == MOST {
            return Err(Refusal::Command("more than 1,000 subscriptions"));
        }
        self.0.push(topic.into());
        Ok(())
    }

    /// Takes one back; who has subscribed twice has the other one still.
    pub(super) fn cancel(&mut self, topic: &[u8]) {
        if let Some(at) = self.0.iter().position(|one| **one == *topic) {
            self.0.swap_remove(at);
        }
    }

    /// Takes a message that is a subscription, as ZMTP 3.0 has them (RFC 23); anything else is passed over.
    pub(super) fn take(&mut self, first: &[u8]) -> Result<(), Refusal> {
        match first {
            [1, topic @ ..] => self.add(topic)?,
            [0, topic @ ..] => self.cancel(topic),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscriptions_are_prefixes_and_are_counted() {
        let mut all = Subscriptions::default();
        assert!(all.is_empty() && !all.want(b""));
        for message in [
            &b"\x01PLJ"[..],
            b"\x01PLJ",
            b"\x01T",
            b"\x00T",
            b"\x02x",
            b"",
            b"\x00never",
        ] {
            all.take(message).expect("room");
        }
        assert!(all.want(b"PLJ") && all.want(b"PLJ2") && !all.want(b"PL") && !all.want(b"T"));
        all.cancel(b"PLJ");
        assert!(all.want(b"PLJ"));
        all.cancel(b"PLJ");
        assert!(all.is_empty());
        for _ in 0..MOST {
            all.add(b"").expect("room");
        }
        assert!(all.want(b"anything"));
        assert_eq!(
            all.add(b"x"),
            Err(Refusal::Command("more than 1,000 subscriptions"))
        );
    }
}
