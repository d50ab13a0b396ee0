//! Pickles to JSON text, without running anything.
//!
//! Python programs send log records as pickles: `SocketHandler` in protocol 1, distlog in 2 and
//! 3, `QueueHandler` in 4. Reading one in Python runs whatever it names; here it is data. A
//! bounded stack machine ([`Limits`]) turns the opcodes of protocols 0 to 5 into a graph of
//! inert nodes, and a writer turns the graph into one line of JSON. The module deliberately
//! knows nothing of records, sockets or framing: bytes in, text out.
//!
//! # What becomes what
//!
//! | Python | JSON |
//! |---|---|
//! | `None`, `bool`, `int` of any size | `null`, `true`, `123` |
//! | `float` | as `repr` writes it: `1.0`, `1e+16`; `NaN`, `Infinity`, `-Infinity` bare |
//! | `str` | a string; lone surrogates as `\udce9`, other non-ASCII as UTF-8 |
//! | `str` of Python 2 | a string where it is UTF-8, else as `bytes` |
//! | `list`, `tuple`, `set`, `frozenset`, `deque` | an array |
//! | `dict`, `OrderedDict`, `defaultdict`, `Counter` | an object, order and duplicates kept |
//! | a key that is no `str` | its JSON text as a string: `"1"`, `"1.5"`, `"true"`, `"null"`, `"[1,\"a\"]"`; where that text is a string already (a UUID, a date), that string |
//! | `bytes`, `bytearray` | `{"$bytes":"<base64>"}` |
//! | `datetime`, `date`, `time` | `isoformat()`: `"2026-11-20T12:25:40.000123+00:00"`, without zone if naive |
//! | one whose zone has no offset in the pickle | `{"$class":"datetime.datetime","args":["<local>",<zone>]}` |
//! | `timedelta` | seconds, exact: `90.5` |
//! | `UUID`, `Decimal`, `Fraction`, `ipaddress.*`, `pathlib.*` | `str()` of it as a string |
//! | a log record (`logging.LogRecord`; at the top any class whose state has `levelno` and `created`) | its state: a plain record |
//! | a class or function itself | `{"$global":"builtins.ValueError"}` |
//! | any other object, exceptions, enum members, `complex`, named tuples, numpy scalars … | `{"$class":"module.Name","args":[…],"kwargs":{…},"items":[…],"entries":{…},"state":…}`, each part only if there is one |
//! | an object made by something without a name | the same with `"$call":…` for `"$class"` |
//! | a persistent id | `{"$persid":…}` |
//! | a container inside itself | `{"$cycle":true}` |
//!
//! An enum member pickles as a call of its class with its value, which nothing tells from other
//! calls, so it keeps its mark: `{"$class":"app.Color","args":[2]}`; Python 3.11.0 to 3.11.3
//! write its name instead: `{"$global":"app.Color.RED"}`. Paths are joined, not normalised. Names of builtins and
//! exceptions are those of Python 3, also where the pickle has those of Python 2.
//!
//! Refused: codes of the extension registry, out-of-band buffers, text that is not UTF-8
//! (surrogates aside), bytes after STOP. Stricter than Python in one way: numbers in lines are
//! plain decimals. Laxer in another: frames are not checked against opcode borders.

mod arena;
mod calendar;
mod digits;
mod error;
mod keys;
mod known;
mod limits;
mod machine;
mod memo;
mod names;
mod objects;
mod octets;
mod opcode;
mod operands;
mod reader;
mod scalar;
mod straight;
mod unescape;
mod value;
mod view;
mod write;
mod write_object;

pub use error::PickleError;
pub use limits::Limits;

pub(super) use scalar::base64;

use machine::{Machine, Store};
use straight::Straight;
use value::Value;
use view::View;
use write::{Desk, Writer};

/// Room for this many values stays between pickles: a log record has about a hundred, a large
/// one a few thousand, and a hundred bytes each is nothing to worry about.
const KEEP: usize = 8192;

/// What the top value of a pickle was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// A dict, or an object whose natural form is one: the text is an object whose keys are the
    /// producer's.
    Map,
    /// Anything else: a number, a string, an array, or an object that begins with one of our
    /// marks, such as `{"$class":`.
    Other,
}

/// Decodes one pickle after another with the same working memory.
///
/// ```
/// use distlog::decode::pickle::{Decoder, Limits, Top};
///
/// let mut decoder = Decoder::new(Limits::default());
/// let mut out = Vec::new();
/// // pickle.dumps({"a": (1, None)}, 2)
/// let top = decoder.decode(b"\x80\x02}q\x00U\x01aK\x01N\x86s.", &mut out)?;
/// assert_eq!(out, br#"{"a":[1,null]}"#);
/// assert_eq!(top, Top::Map);
/// # Ok::<(), distlog::decode::pickle::PickleError>(())
/// ```
#[derive(Default)]
pub struct Decoder {
    limits: Limits,
    store: Store,
    desk: Desk,
    straight: Straight,
}

impl Decoder {
    /// Makes a decoder that keeps to `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Appends the JSON text of `pickle` to `out`: one line, without a newline in it or after it.
    ///
    /// The pickle must be whole, and the only thing in the slice. On an error `out` is as it was.
    pub fn decode(&mut self, pickle: &[u8], out: &mut Vec<u8>) -> Result<Top, PickleError> {
        let before = out.len();
        let result = self.attempt(pickle, out);
        if result.is_err() {
            out.truncate(before);
        }
        self.store.clear(KEEP);
        self.desk.clear(KEEP);
        self.straight.clear(KEEP);
        result
    }

    fn attempt(&mut self, pickle: &[u8], out: &mut Vec<u8>) -> Result<Top, PickleError> {
        let limit = self.limits.input.min(Limits::MAX_INPUT);
        let len = pickle.len();
        if len > limit {
            return Err(PickleError::Input { len, limit });
        }
        let start = out.len();
        if self.straight.write(pickle, &self.limits, out) {
            return Ok(Top::Map);
        }
        out.truncate(start);
        let top = Machine::new(&mut self.store, pickle, &self.limits).run()?;
        let view = View::new(pickle, &self.store.arena);
        Writer::new(view, &self.limits, &mut self.desk, out).run(top)?;
        Ok(kind(view, top, &out[start..]))
    }
}

/// Tells a map from a mark: only nodes become either, and a mark begins with a key of ours that
/// a dict can have too, so that the text alone does not say.
fn kind(view: View<'_>, top: Value, text: &[u8]) -> Top {
    let map = match top {
        Value::Node(id) => match view.node(id).shape {
            arena::Shape::Dict => true,
            arena::Shape::Object(_) => !text.starts_with(b"{\"$"),
            _ => false,
        },
        _ => false,
    };
    if map && text.starts_with(b"{") {
        Top::Map
    } else {
        Top::Other
    }
}

/// Appends the JSON text of one pickle to `out`, as [`Decoder::decode`] does.
///
/// Makes its working memory anew; who has many pickles keeps a [`Decoder`]. The text begins with
/// `{` if and only if it is an object, be it a dict or one of the marks.
///
/// ```
/// use distlog::decode::pickle::{Limits, to_json};
///
/// let mut out = Vec::new();
/// to_json(b"(lp0\nI1\naF2.5\naNa.", &Limits::default(), &mut out)?;
/// assert_eq!(out, b"[1,2.5,null]");
/// # Ok::<(), distlog::decode::pickle::PickleError>(())
/// ```
pub fn to_json(pickle: &[u8], limits: &Limits, out: &mut Vec<u8>) -> Result<(), PickleError> {
    let mut decoder = Decoder::new(limits.clone());
    decoder.decode(pickle, out).map(drop)
}
