//! Warnings about peers: of each peer and kind the first few one by one, and then no more than
//! one in a while, so that a hostile peer can neither fill somebody's disk with them nor hide
//! what there is to say of others.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{Program, RecvArgs, say};
use crate::cli::ledger::plural;

/// How many of a peer and kind are told one by one.
const AT_ONCE: u32 = 10;
/// How long it takes until another one may be told.
const EVERY: Duration = Duration::from_secs(10);
/// Of so many peers and kinds it is known how many were told; all others share one count. It
/// bounds memory, and what can be said at once by who has many addresses.
const MOST: usize = 256;
/// Of one peer so many kinds are told apart, because a kind may have the peer's own words.
const MOST_KINDS: usize = 8;
/// So many bytes tell a kind.
const KIND: usize = 64;
/// So many peers are named at the end.
const NAMED: usize = 5;

/// `1 byte of it is lost`: what had come of a message when its sender left.
pub(super) fn lost(bytes: usize) -> String {
    let are = if bytes == 1 { "is" } else { "are" };
    format!("{} of it {are} lost", plural(bytes as u64, "byte"))
}

/// Tells warnings at a bounded rate.
#[derive(Debug)]
pub(super) struct Warnings {
    /// By peer, without its port, and then by kind.
    peers: HashMap<String, HashMap<String, Rate>>,
    /// The sum of all kinds.
    known: usize,
    /// When those were last forgotten who have been silent: a flood must not have that done for
    /// each of its warnings.
    swept: Option<Instant>,
    others: Rate,
    /// How many were never told, by peer; no more peers than there are in `peers`.
    untold: HashMap<String, u64>,
    untold_of_others: u64,
}

/// How often something may be told.
#[derive(Debug)]
struct Rate {
    /// How many may be told now.
    left: u32,
    /// When `left` was last made more.
    since: Instant,
    /// Those that were not told since the last that was.
    untold: u64,
}

impl Rate {
    fn new(now: Instant) -> Self {
        Self {
            left: AT_ONCE,
            since: now,
            untold: 0,
        }
    }

    /// How many were not told before this one, or `None` if it is one of them.
    fn pass(&mut self, now: Instant) -> Option<u64> {
        let more = now.saturating_duration_since(self.since).as_secs() / EVERY.as_secs();
        if more > 0 {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            self.left = self.left.saturating_add(more).min(AT_ONCE);
            self.since = now;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.untold += 1;
            return None;
        };
        self.left = left;
        Some(std::mem::take(&mut self.untold))
    }

    /// True if it makes no difference to what may be told. How many were not is known beside.
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= EVERY * AT_ONCE
    }
}

impl Warnings {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            peers: HashMap::new(),
            known: 0,
            swept: None,
            others: Rate::new(now),
            untold: HashMap::new(),
            untold_of_others: 0,
        }
    }

    /// Tells a warning about a peer, or counts it.
    pub(super) fn tell(&mut self, now: Instant, peer: &str, words: &str) {
        if let Some(words) = self.pass(now, peer, words) {
            say(RecvArgs::NAME, &words);
        }
    }

    fn pass(&mut self, now: Instant, peer: &str, words: &str) -> Option<String> {
        let peer = host(peer);
        let kind = kind(words);
        if self.known >= MOST && !self.knows(peer, &kind) {
            self.forget(now);
        }
        let is_full = self.known >= MOST;
        let (rate, of) = match self.peers.get(peer) {
            Some(kinds) if kinds.contains_key(&kind) || (kinds.len() < MOST_KINDS && !is_full) => {
                (self.of(now, peer, kind), Some(peer))
            }
            // One more kind of a peer that has many of them.
            Some(kinds) if kinds.contains_key("") || (kinds.len() >= MOST_KINDS && !is_full) => {
                (self.of(now, peer, String::new()), Some(peer))
            }
            None if !is_full => (self.of(now, peer, kind), Some(peer)),
            _ => (&mut self.others, None),
        };
        let Some(before) = rate.pass(now) else {
            match of {
                Some(peer) => *self.untold.entry(peer.to_owned()).or_default() += 1,
                None => self.untold_of_others += 1,
            }
            return None;
        };
        // What is told of now is not told of again at the end.
        match of.map(|peer| self.untold.get_mut(peer)) {
            Some(Some(untold)) => *untold = untold.saturating_sub(before),
            Some(None) => {}
            None => self.untold_of_others = self.untold_of_others.saturating_sub(before),
        }
        let of = of.unwrap_or("other peers");
        Some(match before {
            0 => words.to_owned(),
            1 => format!("{words} (and 1 warning like it of {of} before that was not told)"),
            _ => {
                format!("{words} (and {before} warnings like it of {of} before that were not told)")
            }
        })
    }

    fn knows(&self, peer: &str, kind: &str) -> bool {
        let kinds = self.peers.get(peer);
        kinds.is_some_and(|kinds| kinds.contains_key(kind))
    }

    /// The rate of a peer and kind.
    fn of(&mut self, now: Instant, peer: &str, kind: String) -> &mut Rate {
        let known = &mut self.known;
        let kinds = self.peers.entry(peer.to_owned()).or_default();
        kinds.entry(kind).or_insert_with(|| {
            *known += 1;
            Rate::new(now)
        })
    }

    /// Makes room: forgets those of whom nothing has come for so long that it makes no
    /// difference.
    fn forget(&mut self, now: Instant) {
        let is_early = |swept| now.saturating_duration_since(swept) < EVERY;
        if self.swept.is_some_and(is_early) {
            return;
        }
        self.swept = Some(now);
        for kinds in self.peers.values_mut() {
            kinds.retain(|_, rate| !rate.is_over(now));
        }
        self.peers.retain(|_, kinds| !kinds.is_empty());
        self.known = self.peers.values().map(HashMap::len).sum();
        let gone: Vec<_> = self.untold.keys().cloned().collect();
        for peer in gone {
            if !self.peers.contains_key(&peer) {
                self.untold_of_others += self.untold.remove(&peer).unwrap_or(0);
            }
        }
    }

    /// Says at the end how many were not told, and of whom.
    pub(super) fn finish(&self) {
        if let Some(words) = self.sum() {
            say(RecvArgs::NAME, &words);
        }
    }

    fn sum(&self) -> Option<String> {
        let mut peers: Vec<_> = self
            .untold
            .iter()
            .filter(|(_, untold)| **untold > 0)
            .collect();
        peers.sort_by_key(|&(peer, untold)| (std::cmp::Reverse(untold), peer));
        let all = peers.iter().map(|(_, untold)| **untold).sum::<u64>() + self.untold_of_others;
        let mut named: Vec<_> = peers
            .iter()
            .take(NAMED)
            .map(|(peer, untold)| format!("{untold} about {peer}"))
            .collect();
        let unnamed = peers.iter().skip(NAMED).map(|(_, untold)| **untold);
        let unnamed = unnamed.sum::<u64>() + self.untold_of_others;
        if unnamed > 0 {
            named.push(format!("{unnamed} about others"));
        }
        let named = named.join(", ");
        match all {
            0 => None,
            1 => Some(format!("1 more warning about peers was not told: {named}")),
            _ => Some(format!(
                "{all} more warnings about peers were not told: {named}"
            )),
        }
    }
}

/// A peer without what is another for each of its connections: `tcp://10.0.0.7:53412` without
/// the port, `unix:///run/in.sock#3` without the number.
fn host(peer: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match peer.rsplit_once([':', '#']) {
        Some((host, number)) if is_number(number) && !host.is_empty() => host,
        _ => peer,
    }
}

/// What a warning is about: its words without the numbers in it, or their beginning.
fn kind(words: &str) -> String {
    let letters = words.chars().filter(|c| !c.is_ascii_digit());
    let mut kind = String::new();
    for letter in letters {
        if kind.len() + letter.len_utf8() > KIND {
            break;
        }
        kind.push(letter);
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: &str = "tcp://10.0.0.7:1";

    #[test]
    fn what_is_lost_is_counted() {
        assert_eq!(lost(1), "1 byte of it is lost");
        assert_eq!(lost(12), "12 bytes of it are lost");
    }

    #[test]
    fn a_flood_of_warnings_becomes_a_few() {
        let mut now = Instant::now();
        let mut warnings = Warnings::new(now);
        let told = |warnings: &mut Warnings, now| {
            (0..1000)
                .filter(|n| {
                    let peer = format!("tcp://10.0.0.7:{}", 40_000 + n);
                    warnings.pass(now, &peer, &format!("chunk {n}")).is_some()
                })
                .count()
        };
        assert_eq!(told(&mut warnings, now), 10);
        now += EVERY;
        let words =
            "chunk 7 (and 990 warnings like it of tcp://10.0.0.7 before that were not told)";
        assert_eq!(warnings.pass(now, LOUD, "chunk 7").as_deref(), Some(words));
        assert_eq!(warnings.sum(), None);
        assert_eq!(warnings.pass(now, LOUD, "chunk 8"), None);
        let words = "1 more warning about peers was not told: 1 about tcp://10.0.0.7";
        assert_eq!(warnings.sum().as_deref(), Some(words));
        now += EVERY * 100;
        assert_eq!(told(&mut warnings, now), 10);
    }

    #[test]
    fn a_loud_peer_hides_neither_others_nor_what_else_it_does() {
        let now = Instant::now();
        let mut warnings = Warnings::new(now);
        for _ in 0..1000 {
            warnings.pass(now, LOUD, "x");
        }
        let other = "tcp://10.0.0.8:1";
        assert_eq!(warnings.pass(now, other, "x").as_deref(), Some("x"));
        assert_eq!(warnings.pass(now, LOUD, "y").as_deref(), Some("y"));
        for _ in 0..20 {
            warnings.pass(now, other, "x");
        }
        let words = "1001 more warnings about peers were not told: 990 about tcp://10.0.0.7, 11 about tcp://10.0.0.8";
        assert_eq!(warnings.sum().as_deref(), Some(words));
    }

    #[test]
    fn what_is_known_and_what_is_said_at_once_is_bounded() {
        let mut now = Instant::now();
        let mut warnings = Warnings::new(now);
        let flood = |warnings: &mut Warnings, now| {
            let mut told = 0;
            for peer in 0..300 {
                for letter in 'a'..='z' {
                    let peer = format!("tcp://10.0.{}.{}:1", peer / 250, peer % 250);
                    let words = letter.to_string();
                    told += usize::from(warnings.pass(now, &peer, &words).is_some());
                }
            }
            assert!(warnings.known <= MOST && warnings.peers.len() <= MOST);
            assert!(warnings.untold.len() <= MOST);
            told
        };
        let told = flood(&mut warnings, now);
        assert!(told <= (MOST + 1) * AT_ONCE as usize, "{told}");
        assert!(warnings.sum().expect("some").ends_with(" about others"));
        // Who has been silent for long makes room.
        now += EVERY * 100;
        let new = "tcp://192.0.2.9:1";
        assert_eq!(warnings.pass(now, new, "x").as_deref(), Some("x"));
        flood(&mut warnings, now);
        // One peer with many words of its own is one peer.
        let mut warnings = Warnings::new(now);
        let words = |n: u8| {
            char::from(b'a' + n % 26)
                .to_string()
                .repeat(1 + usize::from(n / 26))
        };
        let told = (0..=255).filter(|&n| warnings.pass(now, LOUD, &words(n)).is_some());
        assert!(told.count() <= MOST_KINDS + AT_ONCE as usize);
        assert!(warnings.known <= MOST_KINDS + 1);
        assert!(
            warnings
                .sum()
                .expect("some")
                .ends_with(" about tcp://10.0.0.7")
        );
    }

    #[test]
    fn a_peer_is_known_without_its_port() {
        for (peer, expect) in [
            ("tcp://10.0.0.7:53412", "tcp://10.0.0.7"),
            ("udp://[::1]:514", "udp://[::1]"),
            ("unix:///run/in.sock#3", "unix:///run/in.sock"),
            ("--control", "--control"),
            ("tcp://10.0.0.7", "tcp://10.0.0.7"),
            ("", ""),
        ] {
            assert_eq!(host(peer), expect);
        }
    }
}
