// What the list shows: words, status, duration, service, what is odd; and the search through
// the text of all records, which goes on a little in each frame.

// The words of a query: `-word` must not be there, "two words" belong together.
function wordsOf(query) {
  const found = query.toLowerCase().match(/-?"[^"]*"|\S+/g) ?? [];
  return found
    .map((word) => {
      const not = word.length > 1 && word.startsWith("-");
      return { not, text: (not ? word.slice(1) : word).replace(/^"|"$/g, "") };
    })
    .filter((word) => word.text !== "");
}

function matches(words, text) {
  return words.every((word) => text.includes(word.text) !== word.not);
}

// A word as it may stand in a line: quotes, markup and what is not ASCII may be escaped.
function pattern(word) {
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const parts = Array.from(word, (character) => {
    const plainly = literal(JSON.stringify(character).slice(1, -1));
    const hex = (unit) => "\\\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
    if (/[a-z0-9 _.:=,-]/.test(character)) return plainly;
    const escaped = [...new Set([...variants(character)].map((one) => one.split("").map(hex).join("")))];
    return `(?:${[plainly, ...escaped].join("|")})`;
  });
  return new RegExp(parts.join(""), "i");
}

// A character in small and in capital letters.
function* variants(character) {
  yield character;
  if (character.toUpperCase().length === character.length) yield character.toUpperCase();
}

const filter = { query: "", statuses: new Set(), least: null, most: null, process: "", odd: "", since: null, until: null, deep: false, order: "input" };

function isFiltered() {
  const { query, statuses, least, most, process, odd, since } = filter;
  return query.trim() !== "" || statuses.size > 0 || least !== null || most !== null || process !== "" || odd !== "" || since !== null;
}

function passes(entry) {
  const { statuses, least, most, process, odd, since, until } = filter;
  if (statuses.size && !statuses.has(entry.status)) return false;
  if (least !== null && !(entry.took >= least)) return false;
  if (most !== null && !(entry.took !== null && entry.took <= most)) return false;
  if (since !== null && !(entry.start >= since && entry.start <= until)) return false;
  if (odd && !entry.odd.includes(odd)) return false;
  return !process || entry.processes.some((one) => one === process || service(one) === process);
}

const ORDERS = {
  input: ["as they came", () => 0],
  newest: ["newest first", (a, b) => (b.start ?? -Infinity) - (a.start ?? -Infinity)],
  slowest: ["slowest first", (a, b) => (b.took ?? -1) - (a.took ?? -1)],
  failed: ["most failures", (a, b) => b.failed - a.failed || (b.took ?? -1) - (a.took ?? -1)],
  records: ["most records", (a, b) => b.records - a.records],
  name: ["by name", (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)],
};

function inOrder(entries) {
  if (filter.order === "input") return entries;
  const compare = ORDERS[filter.order][1];
  return entries.sort((a, b) => compare(a, b) || a.number - b.number);
}

// A search in parts: each call of the function it returns works for some milliseconds, and is
// true at the end. `more` gets the items that passed.
function inParts(total, test, more) {
  let at = 0;
  return () => {
    const until = performance.now() + 12;
    const found = [];
    while (at < total && (at % 16 !== 0 || performance.now() < until)) {
      if (test(at)) found.push(at);
      at += 1;
    }
    more(found, at);
    return at >= total;
  };
}

let searching = 0;

// Runs such a search; one that begins later ends it. The first part runs at once.
function search(total, test, more, done) {
  const mine = (searching += 1);
  const part = inParts(total, test, more);
  const step = () => {
    if (mine !== searching) return;
    if (part()) done();
    else requestAnimationFrame(step);
  };
  step();
}

// The entries that the filters let through. `show(entries, looked, over, isMore)` is called with those
// found so far; if `isMore`, they begin with those of the call before.
function select(show) {
  const words = wordsOf(filter.query);
  const here = store.trees;
  if (!filter.deep || words.length === 0) {
    searching += 1;
    const found = here.filter((entry) => passes(entry) && matches(words, entry.words));
    show(inOrder(found), here.length, true, false);
    return;
  }
  const tests = words.map((word) => [word, pattern(word.text)]);
  const test = (number) => {
    const entry = here[number];
    if (!passes(entry)) return false;
    let line;
    return tests.every(([word, regex]) => {
      const found = entry.words.includes(word.text) || regex.test((line ??= entry.line));
      return found !== word.not;
    });
  };
  const found = [];
  let shown = false;
  search(
    here.length,
    test,
    (more, looked) => {
      const isMore = shown && filter.order === "input";
      shown = true;
      for (const number of more) found.push(here[number]);
      show(inOrder([...found]), looked, looked >= here.length, isMore);
    },
    () => {},
  );
}
