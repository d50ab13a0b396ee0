// A record as it is: its fields with their values, objects inside of objects, and the line.

// Longer texts are cut, and shown whole where that is asked for.
const LONG = 2000;
const MANY = 60;
const DEEP = 4;

function fieldsOf(text, at) {
  const value = parse(text, at);
  return el("div", { class: "fields" }, membersOf(value, 0));
}

function membersOf(value, depth) {
  const pairs = value instanceof Members ? value.list : Array.isArray(value) ? value.map((one, at) => [at, one]) : [];
  const line = ([key, member]) => el("div", { class: "field" }, el("span", { class: "key" }, key), valueOf(member, depth));
  const rest = pairs.slice(MANY);
  const list = pairs.slice(0, MANY).map(line);
  if (rest.length) list.push(later(`${rest.length.toLocaleString("en")} more`, () => rest.map(line)));
  return list;
}

// Something that is made when somebody asks for it.
function later(words, make) {
  const more = button(words, null, "Show them", (event) => {
    event.stopPropagation();
    more.replaceWith(...[make()].flat());
  });
  more.className = "more";
  return more;
}

function valueOf(value, depth) {
  if (typeof value === "string") return textOf(value);
  if (value instanceof Num) return el("span", { class: "number" }, value.text);
  if (typeof value === "boolean" || value === null) return el("span", { class: "word" }, String(value));
  const size = value instanceof Members ? value.list.length : value.length;
  const brackets = value instanceof Members ? "{}" : "[]";
  if (size === 0) return el("span", { class: "word" }, brackets);
  const inner = () => el("div", { class: "inner" }, membersOf(value, depth + 1));
  if (depth >= DEEP) return later(`${brackets[0]} ${size} ${brackets[1]}`, inner);
  return inner();
}

function textOf(text) {
  const show = (part) => (part.includes("\n") ? lines(part, "text") : el("span", { class: "text" }, part));
  if (text === "") return el("span", { class: "word" }, "empty");
  if (text.length <= LONG) return show(text);
  const cut = show(text.slice(0, LONG) + "…");
  const whole = later(`all ${text.length.toLocaleString("en")} characters`, () => {
    cut.remove();
    return show(text);
  });
  return el("span", {}, cut, " ", whole);
}

// A record with all that is known of it. `facts` are pairs of words and values.
function recordView(record, facts) {
  const end = record.until ?? skip(record.text, record.at);
  const raw = () => lines(record.text.slice(record.at, end), "text raw");
  return el(
    "article",
    { class: "record" },
    el(
      "h3",
      {},
      levelSign(record.level), " ",
      record.logger && el("span", { class: "logger" }, record.logger + " "),
      record.message || "(no message)",
    ),
    factsOf(facts),
    fieldsOf(record.text, record.at),
    later("as it came", raw),
  );
}

function levelSign(level) {
  return el("span", { class: "level " + (level || "none") }, (level ?? "").toUpperCase());
}

function factsOf(facts) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return el("dl", {}, shown.map(([word, ...value]) => [el("dt", {}, word), el("dd", {}, ...value)]));
}
