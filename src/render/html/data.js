// The data of the report: blocks of lines that stand behind this script, taken over as the
// browser reads them. Of a tree only its head is read here; of a record nothing.

// What a block was made of, and where in its text something stands.
const store = {
  trees: [],
  // For each block with records: its text, and where the head of each begins.
  records: [],
  recordCount: 0,
  processes: new Map(),
  odd: new Map(),
  statuses: new Map(),
  // True once the end of the report has been seen.
  whole: false,
  over: false,
};

// `["t", id, name, status, start, seconds, records, nodes, failed, processes, marks,
// exception, scheme, end]`: render/html/head.rs.
class Entry {
  constructor(head, text, at, end) {
    [, this.id, this.name, this.status, this.start, this.took, this.records, this.nodes, this.failed] = head;
    [, , , , , , , , , this.processes, this.odd, this.exception, this.scheme, this.end] = head;
    this.number = store.trees.length;
    this.text = text;
    this.at = at;
    this.until = end;
  }

  // What a search looks at, in small letters.
  get words() {
    this.lower ??= [this.name, this.id, this.exception, this.scheme, ...this.processes].join("\n").toLowerCase();
    return this.lower;
  }

  // The tree's own line.
  get line() {
    const start = this.text.indexOf("\n", this.at) + 1;
    return this.text.slice(start, this.until);
  }
}

// `gateway:23630` is of the service `gateway`.
function service(process) {
  return process.replace(/:\d+$/, "");
}

function tally(map, word) {
  map.set(word, (map.get(word) ?? 0) + 1);
}

function takeTree(head, text, at, end) {
  const entry = new Entry(head, text, at, end);
  store.trees.push(entry);
  tally(store.statuses, entry.status);
  for (const mark of entry.odd) tally(store.odd, mark);
  for (const name of new Set(entry.processes.flatMap((process) => [process, service(process)]))) {
    tally(store.processes, name);
  }
}

function takeBlock(text) {
  const heads = [];
  for (let at = text.indexOf("[", 0); at >= 0 && at < text.length; ) {
    const headEnd = text.indexOf("\n", at);
    let end = text.indexOf("\n", headEnd + 1);
    if (headEnd < 0 || end < 0) break;
    if (text[at + 2] === "t") {
      end = text.indexOf("\n", end + 1);
      if (end < 0) break;
      takeTree(JSON.parse(text.slice(at, headEnd)), text, headEnd + 1, end);
    } else {
      heads.push(at);
    }
    at = end + 1;
  }
  if (heads.length) {
    store.records.push({ text, heads: Uint32Array.from(heads), first: store.recordCount });
    store.recordCount += heads.length;
  }
}

// Takes over the blocks that are complete: those with another one of the report behind them, and
// all at the end. What else stands behind one may be the page's own, put there while the block was
// being read. The elements go, so that no text is held twice.
function takeBlocks() {
  const blocks = [...document.querySelectorAll("script.data")];
  if (!store.over && !byId("totals")) blocks.pop();
  for (const block of blocks) {
    takeBlock(block.textContent);
    block.remove();
  }
  return blocks.length;
}

// Record number `number` of those that are in no tree.
function recordAt(number) {
  let low = 0;
  let high = store.records.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (store.records[middle].first <= number) low = middle;
    else high = middle - 1;
  }
  const block = store.records[low];
  const at = block.heads[number - block.first];
  const headEnd = block.text.indexOf("\n", at);
  const [, time, level, logger, message, tree, process] = JSON.parse(block.text.slice(at, headEnd));
  return { number, time, level, logger, message, tree, process, text: block.text, at: headEnd + 1 };
}

// Reads what there is, in every frame, until all has come.
function gather() {
  const step = () => {
    store.over = document.readyState !== "loading";
    const taken = takeBlocks();
    if (store.over) store.whole = byId("totals") !== null;
    if (taken || store.over) tell("data");
    if (!store.over) requestAnimationFrame(step);
  };
  step();
  document.addEventListener("DOMContentLoaded", () => {
    if (!store.over) step();
  });
}
