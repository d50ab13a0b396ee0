//! Bytes in the spellings that pickles have for them.
//!
//! Protocols 0 to 2 know no bytes; Python 3 writes them as `_codecs.encode('…', 'latin1')`, and
//! as `bytes()` when there are none; a bytearray is a call with bytes or with Latin-1 text.

use super::{
    arena::Chain,
    names,
    value::{Span, Value},
    view::View,
};

/// The bytes that a call of `bytes`, `bytearray` or `_codecs.encode` with these arguments makes.
pub(super) fn call(view: View<'_>, args: Chain) -> Option<Vec<u8>> {
    if args.is_empty() {
        return Some(Vec::new());
    }
    if let Some([value]) = view.exactly(args) {
        return match value {
            Value::Bytes(span) | Value::OldText(span) => Some(view.bytes(span).to_vec()),
            _ => latin1(view, encode_args(view, value)?)?.collect(),
        };
    }
    latin1(view, args)?.collect()
}

/// Exactly `N` bytes: what the classes of `datetime` keep their fields in.
pub(super) fn exactly<const N: usize>(view: View<'_>, value: Value) -> Option<[u8; N]> {
    match value {
        Value::Bytes(span) | Value::OldText(span) => view.bytes(span).try_into().ok(),
        // Pickles of Python 2 that were read as Latin-1 and written again hold text.
        Value::Text(span) => fill(text(view, span, 2 * N)?),
        _ => {
            let [Value::Text(span), _] = view.exactly(encode_args(view, value)?)? else {
                return None;
            };
            fill(text(view, span, 2 * N)?)
        }
    }
}

/// An array from exactly as many characters.
fn fill<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut chars = text.chars();
    let mut array = [0; N];
    for byte in &mut array {
        *byte = u8::try_from(chars.next()?).ok()?;
    }
    chars.next().is_none().then_some(array)
}

/// The text of a span of at most `max` bytes, so that asking again and again stays cheap.
fn text(view: View<'_>, span: Span, max: usize) -> Option<&str> {
    let bytes = view.bytes(span);
    let short = bytes.len() <= max;
    short.then(|| std::str::from_utf8(bytes).ok()).flatten()
}

/// The arguments of a call of `_codecs.encode`.
fn encode_args(view: View<'_>, value: Value) -> Option<Chain> {
    let object = view.object(value)?;
    let encode = names::is(view, object.class, b"_codecs", b"encode");
    encode.then(|| view.node(object.args).items)
}

/// The bytes of a text and the name of the Latin-1 encoding; each is `None` past U+00FF.
fn latin1(view: View<'_>, args: Chain) -> Option<impl Iterator<Item = Option<u8>>> {
    let [
        Value::Text(text),
        Value::Text(encoding) | Value::OldText(encoding),
    ] = view.exactly(args)?
    else {
        return None;
    };
    if !matches!(view.bytes(encoding), b"latin1" | b"latin-1") {
        return None;
    }
    let text = std::str::from_utf8(view.bytes(text)).ok()?;
    Some(text.chars().map(|c| u8::try_from(c).ok()))
}
