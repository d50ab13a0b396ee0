// A tree that somebody looks at: its nodes in one list, parents before children, with times
// in milliseconds behind the start of the tree. Records stay text until they are shown.

class Tree {
  constructor(entry) {
    this.entry = entry;
    this.text = entry.line;
    this.nodes = [];
    this.records = [];
    this.skew = [];
    this.shares = [];
    this.processes = [...entry.processes];
    const [stretches, told] = JSON.parse(entry.text.slice(entry.at, entry.text.indexOf("\n", entry.at)));
    this.told = told;
    members(this.text, blanks(this.text, 0), (key, at) => this.member(key, at));
    this.stretches = stretches;
    for (const [number, from, to] of stretches) {
      const node = this.nodes[number];
      if (node) node.stretches.push([from, to]);
    }
    this.finish();
  }

  member(key, at) {
    if (key === "root") return this.node(at, null);
    const end = skip(this.text, at);
    if (key === "start") this.base = instant(parse(this.text, at));
    else if (key === "skew" || key === "shares") this[key] = parse(this.text, at).map(plain);
    else if (["complete", "continuation", "revision", "selected", "error_root"].includes(key)) {
      this[key] = bare(parse(this.text, at));
    }
    return end;
  }

  // Milliseconds behind the start of the tree.
  since(text) {
    const time = instant(text);
    if (!time) return null;
    this.base ??= time;
    return time.ms - this.base.ms + (time.nanos - this.base.nanos) / 1e6;
  }

  // Reads the node at `at` and all below; dl-fmt has refused trees of more than 1,000 levels.
  node(at, parent) {
    const number = this.nodes.length;
    const node = {
      number, parent, depth: parent ? parent.depth + 1 : 0, id: "", name: null, status: "unknown", flags: [],
      edge: null, scheme: null, start: null, end: null, took: null, self: null, adjusted: null, concurrent: false,
      process: null, host: parent ? parent.host : null, exception: null, after: 0, first: 0, past: 0, size: 1,
      children: [], stretches: [],
    };
    this.nodes.push(node);
    parent?.children.push(node);
    const text = this.text;
    const end = members(text, at, (key, place) => {
      switch (key) {
        case "children":
          return elements(text, place, (child) => this.node(child, node));
        case "records":
          node.first = this.records.length;
          return this.recordsOf(node, place);
        default:
          this.fact(node, key, bare(parse(text, place)));
          return skip(text, place);
      }
    });
    node.size = this.nodes.length - number;
    return end;
  }

  fact(node, key, value) {
    const number = Number.isFinite(value) ? value : null;
    // That a host is not known is told by null; nothing else is.
    if (value === null) node.host = key === "host" ? null : node.host;
    else if (key === "node") node.id = String(value);
    else if (key === "start" || key === "end") node[key] = this.since(value);
    else if (key === "duration") node.took = number;
    else if (key === "self" || key === "adjusted") node[key] = number;
    else if (key === "flags") node.flags = Array.isArray(value) ? value.map(String) : [];
    else if (key === "after") node.after = Number(value) || 0;
    else if (key === "concurrent") node.concurrent = value === true;
    else if (["name", "status", "edge", "scheme", "process", "host", "exception"].includes(key)) {
      node[key] = String(value);
    }
  }

  recordsOf(node, at) {
    const end = elements(this.text, at, (place) => {
      const [time, level, logger, message, event, writer] = this.told[this.records.length] ?? [null, "", "", "", 0];
      const number = this.records.length;
      const past = skip(this.text, place);
      this.records.push({ number, time, level, logger, message, event, writer, node, text: this.text, at: place, until: past });
      return past;
    });
    node.past = this.records.length;
    return end;
  }

  // What follows from all of it: how far bars go, where processes change, how deep it is.
  finish() {
    this.from = 0;
    this.to = 0;
    this.depth = 0;
    this.timed = false;
    for (let number = this.nodes.length - 1; number >= 0; number -= 1) {
      const node = this.nodes[number];
      // The last that is known of a node: what is below it has been seen already.
      let last = node.end;
      node.open = last === null;
      if (last === null && node.took !== null && node.start !== null) {
        last = node.start + node.took * 1e3;
        node.open = false;
      }
      if (last === null && node.start !== null) {
        last = node.start;
        for (const child of node.children) last = Math.max(last, child.last ?? last);
        for (const record of this.recordsIn(node)) last = Math.max(last, record.time ?? last);
        if (node.status === "running") last = Math.max(last, this.lastTime());
      }
      node.last = last;
      if (node.start !== null) {
        this.timed = true;
        this.from = Math.min(this.from, node.start);
        this.to = Math.max(this.to, node.start, last ?? node.start);
      }
      this.depth = Math.max(this.depth, node.depth);
    }
    if (this.to <= this.from) this.to = this.from + 0.001;
    for (const node of this.nodes) {
      const above = node.parent?.runsIn ?? null;
      node.runsIn = node.process ?? above;
      // Two hosts may have processes of one name: containers all have process 1.
      const far = node.process === above && node.host && node.parent?.host && node.host !== node.parent.host;
      node.hop = node.process !== null && (node.process !== above || Boolean(far));
      node.arrives = far ? `${node.process} on ${node.host}` : node.process;
      if (node.process && !this.processes.includes(node.process)) this.processes.push(node.process);
    }
  }

  // The latest time of all: what runs was at work until then, as far as is known.
  lastTime() {
    if (this.latest === undefined) {
      this.latest = 0;
      for (const record of this.records) this.latest = Math.max(this.latest, record.time ?? 0);
      for (const { start, end, took } of this.nodes) this.latest = Math.max(this.latest, end ?? (start ?? 0) + (took ?? 0) * 1e3);
    }
    return this.latest;
  }

  recordsIn(node) {
    return this.records.slice(node.first, node.past);
  }

  // The number of a process decides its colour.
  colour(process) {
    if (!this.hues) {
      const services = [...new Set(this.processes.map(service))];
      this.hues = new Map(this.processes.map((one) => [one, services.indexOf(service(one)) % 8]));
    }
    return this.hues.get(process) ?? 0;
  }

  find(id) {
    return this.nodes.find((node) => node.id === id) ?? null;
  }

  // Milliseconds behind the start as milliseconds of the epoch.
  time(ms) {
    return this.base && ms !== null ? this.base.ms + this.base.nanos / 1e6 + ms : null;
  }
}

// The name of a node, or if it has none, its place.
function called(node) {
  return node.name ?? "… " + node.id;
}

// What is odd about a node, as keys of FLAGS.
function oddities(node) {
  const odd = [...node.flags.filter((flag) => Object.hasOwn(FLAGS, flag))];
  if (node.edge === "join" || node.edge === "tree") odd.unshift(node.edge);
  if (node.adjusted) odd.push("adjusted");
  return odd;
}

// Why a node failed, unless a scope below has told it.
function reason(node) {
  return node.children.some((child) => child.exception === node.exception) ? null : node.exception;
}

// A value of ours: numbers as numbers.
function bare(value) {
  if (value instanceof Num) return Number(value.text);
  return Array.isArray(value) ? value.map(bare) : value;
}

// An object of ours, whose keys are known.
function plain(value) {
  const object = Object.create(null);
  for (const [key, member] of value instanceof Members ? value.list : []) object[key] = bare(member);
  return object;
}

let opened = null;

// The tree of an entry; the last one stays.
function treeOf(entry) {
  if (opened?.entry !== entry) opened = new Tree(entry);
  return opened;
}
