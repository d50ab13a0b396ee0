//! What a session finds next in the words of a peer.

use crate::zmtp::{Message, Refusal, SocketType, subscriptions::Subscriptions};

/// What [`Session::next`] found.
#[derive(Debug)]
pub enum Step<'a> {
    /// Nothing complete in what is there.
    More,
    /// A part of the protocol that the owner has no use for was consumed.
    Internal,
    /// The handshake is done: messages may be sent and will come.
    Ready,
    /// The peer sent PING. It is answered already; the time that the peer gives itself
    /// until it should count as dead is in tenths of a second, 0 for never.
    Ping(u16),
    /// A message.
    Message(Message<'a>),
}

/// A message as a step. A publisher may send more than was asked for, until it has read the
/// subscriptions for example, and what comes to one are subscriptions.
pub(super) fn of<'a>(
    ours: SocketType,
    topics: &[Vec<u8>],
    subscriptions: &mut Subscriptions,
    message: Message<'a>,
) -> Result<Step<'a>, Refusal> {
    let first = || message.frames().next().unwrap_or_default();
    let is_wanted = match ours {
        SocketType::Sub => topics.iter().any(|topic| first().starts_with(topic)),
        SocketType::Pub => {
            subscriptions.take(first())?;
            false
        }
        SocketType::Pull | SocketType::Push => true,
    };
    Ok(if is_wanted {
        Step::Message(message)
    } else {
        Step::Internal
    })
}
