//! What a process answers to a rule, found in its records.
//!
//! An answer is the member `control` of a record of the logger `distlog.control`. It comes over the network like
//! any record, so it is bounded here, and believed no further than to be shown.

use serde::{Deserialize, Serialize};

/// What the line of an answer contains, for a search in many lines.
pub const MARK: &[u8] = b"distlog.control";

/// The longest line that can be an answer: a process names 50 loggers at most.
const LONGEST_LINE: usize = 64 << 10;
/// The longest name that is kept.
const LONGEST_NAME: usize = 200;
/// Loggers that are kept by name.
const MOST_CHANGES: usize = 50;

/// What a process did with a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What.
    pub event: Event,
    /// The rule's id.
    pub rule: String,
    /// The id that the process gave itself.
    pub process_id: String,
    /// How many loggers have the rule's level, or had.
    #[serde(default)]
    pub loggers: u64,
    /// Some of them by name.
    #[serde(default)]
    pub matched: Vec<Change>,
    /// How many of them have no handler that would take a record of the level.
    #[serde(default)]
    pub unheard: u64,
    /// When the rule ends there by itself: RFC 3339, by the clock of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Why the rule was refused, or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What happened to a rule in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// It holds.
    Applied,
    /// It would hold, had it not been a dry run.
    Matched,
    /// The process does not take it.
    Refused,
    /// It held, and does no more.
    Ended,
}

/// A logger, and its level without and with the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name.
    pub logger: String,
    /// Without.
    pub old: String,
    /// With.
    pub new: String,
}

impl Answer {
    /// Reads the answer that a record is, if it is one.
    pub fn read(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Record {
            control: Answer,
        }
        if line.len() > LONGEST_LINE {
            return None;
        }
        let Record {
            control: mut answer,
        } = serde_json::from_slice(line).ok()?;
        answer.matched.truncate(MOST_CHANGES);
        let changes = answer.matched.iter_mut();
        let of_changes =
            changes.flat_map(|change| [&mut change.logger, &mut change.old, &mut change.new]);
        let others = [&mut answer.rule, &mut answer.process_id];
        let optional = [&mut answer.expires, &mut answer.reason];
        for text in of_changes
            .chain(others)
            .chain(optional.into_iter().flatten())
        {
            shorten(text);
        }
        Some(answer)
    }
}

/// Leaves no more of a text than is shown.
pub(super) fn shorten(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(LONGEST_NAME) {
        text.truncate(at);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_in_its_record() {
        let line = r#"{"name":"distlog.control","levelname":"INFO","control":{"event":"applied","rule":"ab-1",
            "process_id":"77","host":"h","pid":3,"loggers":1,"unheard":0,"expires":"2026-11-28T07:00:00Z",
            "matched":[{"logger":"orders.db","old":"INFO","new":"DEBUG"}]},"message":"x"}"#;
        let answer = Answer::read(line.as_bytes()).expect("an answer");
        assert_eq!(answer.event, Event::Applied);
        assert_eq!((answer.rule.as_str(), answer.loggers), ("ab-1", 1));
        assert_eq!(answer.matched[0].logger, "orders.db");
    }

    #[test]
    fn other_records_are_none() {
        for line in [
            "",
            "{}",
            "[1]",
            r#"{"control":null}"#,
            r#"{"control":{"event":"exploded","rule":"a","process_id":"b"}}"#,
            r#"{"control":{"event":"applied","rule":7,"process_id":"b"}}"#,
        ] {
            assert_eq!(Answer::read(line.as_bytes()), None, "{line}");
        }
        let long = format!(
            r#"{{"control":{{"event":"ended","rule":"a","process_id":"b"}},"x":"{}"}}"#,
            "x".repeat(LONGEST_LINE)
        );
        assert_eq!(Answer::read(long.as_bytes()), None);
    }

    #[test]
    fn what_is_kept_of_an_answer_is_bounded() {
        let change = r#"{"logger":"l","old":"o","new":"n"}"#;
        let line = format!(
            r#"{{"control":{{"event":"ended","rule":"{}","process_id":"b","matched":[{}]}}}}"#,
            "ä".repeat(10_000),
            vec![change; 1000].join(",")
        );
        let answer = Answer::read(line.as_bytes()).expect("an answer");
        assert_eq!(answer.matched.len(), MOST_CHANGES);
        assert_eq!(answer.rule.chars().count(), LONGEST_NAME + 1);
    }
}
