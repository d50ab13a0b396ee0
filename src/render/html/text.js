// Text that is safe to show, and the short forms of numbers and times. The forms are those of
// src/render/text.rs, so that a report and a terminal say the same.

// Control characters, and those that reorder what is beside them.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const NAMED = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

function visible(character) {
  const code = character.charCodeAt(0);
  if (NAMED[character]) return NAMED[character];
  return code < 0x100 ? "\\x" + code.toString(16).padStart(2, "0") : "\\u{" + code.toString(16) + "}";
}

// Text in which nothing can pass for something else.
function safe(text) {
  return String(text).replace(UNSAFE, visible);
}

// The same for text of several lines.
function safeLines(text) {
  return String(text).replace(/\r\n/g, "\n").replace(UNSAFE, (c) => (c === "\n" || c === "\t" ? c : visible(c)));
}

// Seconds in the unit that reads best.
function duration(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "-" : "";
  const two = (number) => String(number).padStart(2, "0");
  if (size < 0.0009995) return sign + even(size * 1e6) + "µs";
  if (size < 0.009995) return sign + (size * 1e3).toFixed(1) + "ms";
  if (size < 0.9995) return sign + even(size * 1e3) + "ms";
  if (size < 59.995) return sign + size.toFixed(2) + "s";
  if (size < 3599.5) {
    const whole = Math.round(size);
    return sign + Math.floor(whole / 60) + "m" + two(whole % 60) + "s";
  }
  const minutes = Math.round(size / 60);
  return sign + Math.floor(minutes / 60) + "h" + two(minutes % 60) + "m";
}

// A half goes to the even neighbour, as Rust writes it.
function even(number) {
  const floor = Math.floor(number);
  return String(number - floor === 0.5 ? floor + (floor % 2) : Math.round(number));
}

// Milliseconds of the epoch as `2026-11-20 12:25:40.393`, UTC.
function moment(ms, digits = 3) {
  if (ms === null) return "–";
  const whole = Math.floor(ms);
  const date = new Date(whole);
  if (Number.isNaN(date.getTime())) return "–";
  const text = date.toISOString().replace("T", " ").replace("Z", "");
  if (digits === 3) return text;
  return text + String(Math.min(999, Math.round((ms - whole) * 1000))).padStart(3, "0");
}

function count(number, noun, nouns = noun + "s") {
  return number.toLocaleString("en") + " " + (number === 1 ? noun : nouns);
}

// Milliseconds of the epoch and nanoseconds behind them, of a time of RFC 3339 in UTC.
function instant(text) {
  const parts = /^(-?\d+-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text ?? "");
  if (!parts) return null;
  const ms = Date.parse(parts[1] + "Z");
  if (Number.isNaN(ms)) return null;
  return { ms, nanos: Number((parts[2] ?? "").padEnd(9, "0").slice(0, 9)) };
}

// A duration that somebody typed, in seconds: `50ms`, `2s`, `1.5m`, and bare seconds.
function seconds(text) {
  const parts = /^\s*(\d*\.?\d+)\s*(ns|us|µs|ms|s|m|min|h)?\s*$/.exec(text);
  if (!parts) return null;
  const unit = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600 };
  return Number(parts[1]) * unit[parts[2] ?? "s"];
}

// The signs of statuses and the words for what is odd, with what they mean.
const MARKS = { succeeded: "✓", failed: "✗", running: "▷", unknown: "·" };
const STATUS_WORDS = {
  succeeded: "ended well, as its end record says",
  failed: "ended with a failure, as its end record says",
  running: "there is a start and no end, though its producer writes one",
  unknown: "its producer writes no ends, or none of its own records is there",
};
const FLAGS = {
  start_missing: ["start missing", "There are records, but not the first one."],
  inferred: ["never seen itself", "No record of its own is there; other records tell of it. Its times are those of what is below."],
  duplicate: ["duplicate", "Two records claim the same place in it, or two scopes do."],
  late: ["records after its end", "There are records beyond the end."],
  cycle: ["below itself", "Its ids said that it stands below itself; the circle was broken here."],
  incomplete: ["incomplete", "Something of the request is known to be missing."],
  continuation: ["continues an earlier tree", "A tree of this id was written before, without these records."],
  snapshot: ["snapshot", "The request was not over when this was written."],
  selected: ["a part", "Only the scopes that dl-tree --select matched are here, with those above."],
  skew: ["clocks disagree", "The clocks of two hosts cannot both be right: something would have happened before its cause."],
  running: ["running", "A scope has a start and no end."],
  adjusted: ["clock adjusted", "Its times were moved to the clock of the root."],
  join: ["joined", "It stands here because a record carries the ids of both."],
  tree: ["place unknown", "Only the id of the request says that it belongs here, so it stands below the root."],
  open_end: ["end inferred", "It has no end of its own; the bar goes to the last thing known of it."],
  concurrent: ["concurrent below", "Some scopes right below were at work at the same time."],
};
