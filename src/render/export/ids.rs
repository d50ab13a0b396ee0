//! Ids of OpenTelemetry's length: those that the records have, or ones made of them.
//!
//! What is made depends on nothing but the ids in the tree, so that two exports of one request,
//! also of parts of it, belong together.

use std::{borrow::Cow, collections::HashMap, fmt::Write};

use sha2::{Digest, Sha256};

use crate::tree::Tree;

/// The id of a trace as 32 hexadecimal digits.
///
/// An id of that form is kept, so are those of UUIDs without their dashes, and one of 16 digits
/// gets zeros in front, as B3 compares them. All else is hashed.
pub(super) fn trace(id: &str) -> String {
    let digits: Cow<'_, str> = if is_uuid(id) {
        id.replace('-', "").into()
    } else {
        id.into()
    };
    if matches!(digits.len(), 16 | 32) && is_id(&digits) {
        return format!("{:0>32}", digits.to_ascii_lowercase());
    }
    hash(&["trace", id], 16)
}

/// The ids of a tree's scopes as 16 hexadecimal digits, in the order of the nodes.
pub(super) fn spans(tree: &Tree<'_>) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(tree.nodes.len());
    let id = |id: &str, count: usize| {
        // Both ends of a call may have the same id; here each has its own.
        if count == 1 && is_span(id) {
            id.to_ascii_lowercase()
        } else {
            hash(&["span", &tree.id, id, &count.to_string()], 8)
        }
    };
    let nodes = tree.nodes.iter().map(|node| {
        let count = seen.entry(node.id.as_ref()).or_default();
        *count += 1;
        id(&node.id, *count)
    });
    nodes.collect()
}

/// True for what is the id of a span as it stands.
pub(super) fn is_span(id: &str) -> bool {
    id.len() == 16 && is_id(id)
}

/// True for hexadecimal digits that are not all zeros, which would be no id.
fn is_id(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && digits.bytes().any(|byte| byte != b'0')
}

fn is_uuid(id: &str) -> bool {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| {
            if is_dash(at) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// So many bytes of a hash of these texts, as hexadecimal digits.
pub(super) fn hash(parts: &[&str], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With their lengths, so that no text can stand for two.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()[..bytes]
        .iter()
        .fold(String::new(), |mut out, byte| {
            // Writing to a string cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_there_are_kept() {
        let check = |id: &str, expect: &str| assert_eq!(trace(id), expect, "{id}");
        let full = "37140fb75f80fc14d3d5ccb5b8e92654";
        check(full, full);
        check(&full.to_uppercase(), full);
        check("37140fb7-5f80-fc14-d3d5-ccb5b8e92654", full);
        check("d3d5ccb5b8e92654", "0000000000000000d3d5ccb5b8e92654");
        let made = trace("order-17");
        assert!(made.len() == 32 && made == trace("order-17") && made != trace("order-18"));
        assert_ne!(trace(&"0".repeat(32)), "0".repeat(32));
    }
}
