// JSON as producers write it. JSON.parse would round long numbers, drop the first of equal
// keys, refuse NaN, and build all that nobody looks at; and a key of a record would become a
// property of an object of ours. Nothing here recurses, so depth costs no stack.

// A number with the spelling that it came in.
class Num {
  constructor(text) {
    this.text = text;
  }
}

// An object: its members in order, equal keys and all.
class Members {
  constructor() {
    this.list = [];
  }
}

const BLANK = /[ \t\r\n]*/y;
const WORD = /[^,\]}\s]*/y;
const STRUCTURE = /["{}[\]]/g;

function blanks(text, at) {
  BLANK.lastIndex = at;
  BLANK.test(text);
  return BLANK.lastIndex;
}

// The place behind the string that begins at `at`.
function stringEnd(text, at) {
  let end = at;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    while (text[end - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
}

const ESCAPES = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function string(text, at, end) {
  const body = text.slice(at + 1, end - 1);
  if (!body.includes("\\")) return body;
  const decoded = body.replace(/\\(u[0-9a-fA-F]{4}|[^])/g, (_, escape) =>
    escape.length > 1 ? String.fromCharCode(parseInt(escape.slice(1), 16)) : ESCAPES[escape] ?? escape,
  );
  // Half of a surrogate pair is no character.
  return decoded.toWellFormed();
}

function scalar(word) {
  if (word === "true") return true;
  if (word === "false") return false;
  if (word === "null") return null;
  return new Num(word);
}

// The place behind the value that begins at `at`, which is not looked into.
function skip(text, at) {
  const first = text[at];
  if (first === '"') return stringEnd(text, at);
  if (first !== "{" && first !== "[") {
    WORD.lastIndex = at;
    WORD.test(text);
    return WORD.lastIndex;
  }
  let depth = 0;
  STRUCTURE.lastIndex = at;
  for (let found = STRUCTURE.exec(text); found; found = STRUCTURE.exec(text)) {
    if (found[0] === '"') STRUCTURE.lastIndex = stringEnd(text, found.index);
    else if (found[0] === "{" || found[0] === "[") depth += 1;
    else if (--depth === 0) return found.index + 1;
  }
  return text.length;
}

// The value that begins at `at`: text, Num, true, false, null, a list, or Members.
function parse(text, at = 0) {
  const open = [];
  let key;
  let value;
  let place = blanks(text, at);
  for (;;) {
    const first = text[place];
    let ended = true;
    if (first === '"') {
      const end = stringEnd(text, place);
      value = string(text, place, end);
      place = end;
    } else if (first === "{" || first === "[") {
      value = first === "{" ? new Members() : [];
      place = blanks(text, place + 1);
      ended = text[place] === "}" || text[place] === "]";
      if (ended) place += 1;
      else {
        open.push({ into: value, key });
        value = undefined;
      }
    } else {
      const end = skip(text, place);
      value = scalar(text.slice(place, end));
      // What is no JSON at all must not keep us here.
      place = end > place ? end : text.length;
    }
    while (ended) {
      const top = open.at(-1);
      if (!top) return value;
      if (top.into instanceof Members) top.into.list.push([key, value]);
      else top.into.push(value);
      place = blanks(text, place);
      const next = text[place];
      place = blanks(text, place + 1);
      if (next === ",") break;
      // The end of what is open, or of the text.
      value = top.into;
      key = top.key;
      open.pop();
    }
    if (open.at(-1)?.into instanceof Members) {
      const end = stringEnd(text, place);
      key = string(text, place, end);
      place = blanks(text, blanks(text, end) + 1);
    }
  }
}

// Calls `member(key, at)` for each member of the object at `at`; it returns the place behind
// the value. Returns the place behind the object.
function members(text, at, member) {
  let place = blanks(text, at + 1);
  while (place < text.length && text[place] === '"') {
    const end = stringEnd(text, place);
    const key = string(text, place, end);
    place = blanks(text, member(key, blanks(text, blanks(text, end) + 1)));
    if (text[place] !== ",") break;
    place = blanks(text, place + 1);
  }
  return place + 1;
}

// The same for the elements of a list.
function elements(text, at, element) {
  let place = blanks(text, at + 1);
  while (place < text.length && text[place] !== "]") {
    place = blanks(text, element(place));
    if (text[place] !== ",") break;
    place = blanks(text, place + 1);
  }
  return place + 1;
}
