//! The opcodes of pickle protocols 0 to 5, as `CPython`'s Lib/pickletools.py lists them.
//!
//! Names and numbers only; what they do is in the machine.

/// Protocol 0: decimal line → int; `00` and `01` are False and True.
pub(super) const INT: u8 = b'I';
/// Protocol 0: decimal line, ends in `L`.
pub(super) const LONG: u8 = b'L';
/// Protocol 0: quoted and escaped line: a `str` of Python 2.
pub(super) const STRING: u8 = b'S';
/// Protocol 0: None.
pub(super) const NONE: u8 = b'N';
/// Protocol 0: raw-unicode-escape line.
pub(super) const UNICODE: u8 = b'V';
/// Protocol 0: repr line.
pub(super) const FLOAT: u8 = b'F';
/// Protocol 0: list value → list.
pub(super) const APPEND: u8 = b'a';
/// Protocol 0: mark values → list.
pub(super) const LIST: u8 = b'l';
/// Protocol 0: mark values → tuple.
pub(super) const TUPLE: u8 = b't';
/// Protocol 0: mark pairs → dict.
pub(super) const DICT: u8 = b'd';
/// Protocol 0: dict key value → dict.
pub(super) const SETITEM: u8 = b's';
/// Protocol 0: value →.
pub(super) const POP: u8 = b'0';
/// Protocol 0: value → value value.
pub(super) const DUP: u8 = b'2';
/// Protocol 0: → mark.
pub(super) const MARK: u8 = b'(';
/// Protocol 0: decimal line: → memo entry.
pub(super) const GET: u8 = b'g';
/// Protocol 0: decimal line: top → memo.
pub(super) const PUT: u8 = b'p';
/// Protocol 0: two lines, module and name.
pub(super) const GLOBAL: u8 = b'c';
/// Protocol 0: callable tuple → object.
pub(super) const REDUCE: u8 = b'R';
/// Protocol 0: object state → object.
pub(super) const BUILD: u8 = b'b';
/// Protocol 0: two lines; mark args → object.
pub(super) const INST: u8 = b'i';
/// Protocol 0: value → the result.
pub(super) const STOP: u8 = b'.';
/// Protocol 0: line: a persistent id.
pub(super) const PERSID: u8 = b'P';
/// Protocol 1: 4 bytes, signed.
pub(super) const BININT: u8 = b'J';
/// Protocol 1: 1 byte.
pub(super) const BININT1: u8 = b'K';
/// Protocol 1: 2 bytes.
pub(super) const BININT2: u8 = b'M';
/// Protocol 1: 4-byte signed length: a `str` of Python 2.
pub(super) const BINSTRING: u8 = b'T';
/// Protocol 1: 1-byte length: a `str` of Python 2.
pub(super) const SHORT_BINSTRING: u8 = b'U';
/// Protocol 1: 4-byte length, UTF-8.
pub(super) const BINUNICODE: u8 = b'X';
/// Protocol 1: 8 bytes, big-endian.
pub(super) const BINFLOAT: u8 = b'G';
/// Protocol 1: `[]`.
pub(super) const EMPTY_LIST: u8 = b']';
/// Protocol 1: list mark values → list.
pub(super) const APPENDS: u8 = b'e';
/// Protocol 1: `()`.
pub(super) const EMPTY_TUPLE: u8 = b')';
/// Protocol 1: `{}`.
pub(super) const EMPTY_DICT: u8 = b'}';
/// Protocol 1: dict mark pairs → dict.
pub(super) const SETITEMS: u8 = b'u';
/// Protocol 1: mark values →.
pub(super) const POP_MARK: u8 = b'1';
/// Protocol 1: 1-byte index: → memo entry.
pub(super) const BINGET: u8 = b'h';
/// Protocol 1: 4-byte index: → memo entry.
pub(super) const LONG_BINGET: u8 = b'j';
/// Protocol 1: 1-byte index: top → memo.
pub(super) const BINPUT: u8 = b'q';
/// Protocol 1: 4-byte index: top → memo.
pub(super) const LONG_BINPUT: u8 = b'r';
/// Protocol 1: mark class args → object.
pub(super) const OBJ: u8 = b'o';
/// Protocol 1: id → persistent object.
pub(super) const BINPERSID: u8 = b'Q';
/// Protocol 2: 1-byte length, two's complement.
pub(super) const LONG1: u8 = 0x8a;
/// Protocol 2: 4-byte signed length, two's complement.
pub(super) const LONG4: u8 = 0x8b;
/// Protocol 2: True.
pub(super) const NEWTRUE: u8 = 0x88;
/// Protocol 2: False.
pub(super) const NEWFALSE: u8 = 0x89;
/// Protocol 2: one value → tuple.
pub(super) const TUPLE1: u8 = 0x85;
/// Protocol 2: two values → tuple.
pub(super) const TUPLE2: u8 = 0x86;
/// Protocol 2: three values → tuple.
pub(super) const TUPLE3: u8 = 0x87;
/// Protocol 2: 1-byte code of the extension registry.
pub(super) const EXT1: u8 = 0x82;
/// Protocol 2: 2-byte code of the extension registry.
pub(super) const EXT2: u8 = 0x83;
/// Protocol 2: 4-byte code of the extension registry.
pub(super) const EXT4: u8 = 0x84;
/// Protocol 2: class tuple → object.
pub(super) const NEWOBJ: u8 = 0x81;
/// Protocol 2: 1-byte version.
pub(super) const PROTO: u8 = 0x80;
/// Protocol 3: 4-byte length.
pub(super) const BINBYTES: u8 = b'B';
/// Protocol 3: 1-byte length.
pub(super) const SHORT_BINBYTES: u8 = b'C';
/// Protocol 4: 8-byte length.
pub(super) const BINBYTES8: u8 = 0x8e;
/// Protocol 4: 1-byte length, UTF-8.
pub(super) const SHORT_BINUNICODE: u8 = 0x8c;
/// Protocol 4: 8-byte length, UTF-8.
pub(super) const BINUNICODE8: u8 = 0x8d;
/// Protocol 4: `set()`.
pub(super) const EMPTY_SET: u8 = 0x8f;
/// Protocol 4: set mark values → set.
pub(super) const ADDITEMS: u8 = 0x90;
/// Protocol 4: mark values → frozenset.
pub(super) const FROZENSET: u8 = 0x91;
/// Protocol 4: top → next memo entry.
pub(super) const MEMOIZE: u8 = 0x94;
/// Protocol 4: module name → global.
pub(super) const STACK_GLOBAL: u8 = 0x93;
/// Protocol 4: class tuple dict → object.
pub(super) const NEWOBJ_EX: u8 = 0x92;
/// Protocol 4: 8-byte length of what follows; only a hint for reading.
pub(super) const FRAME: u8 = 0x95;
/// Protocol 5: 8-byte length.
pub(super) const BYTEARRAY8: u8 = 0x96;
/// Protocol 5: an out-of-band buffer.
pub(super) const NEXT_BUFFER: u8 = 0x97;
/// Protocol 5: the buffer on top becomes read-only.
pub(super) const READONLY_BUFFER: u8 = 0x98;
