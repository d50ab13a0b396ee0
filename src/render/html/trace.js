// One request: its head, its views, and what is chosen in it.

// What the page shows.
const page = {
  view: "requests",
  entry: null,
  tree: null,
  node: null,
  record: null,
  tab: "waterfall",
  // Which records stand among the scopes: none, errors, auto or all.
  shown: "auto",
  critical: true,
};

const TABS = { waterfall: "waterfall", flame: "flame", records: "tree-records" };

// Opens a request; `node` is the id of the scope to choose.
function open(entry, { node = null, read = true } = {}) {
  if (page.entry !== entry) {
    let tree;
    try {
      tree = treeOf(entry);
    } catch (error) {
      warn(`The tree ${entry.id} cannot be read: ${error.message}`);
      return;
    }
    Object.assign(page, { entry, tree, node: tree.nodes[0], record: null });
    scale.set(tree);
    byId("trace").hidden = false;
    byId("none").hidden = true;
    trace.head();
    tell("opened");
  }
  if (read) document.body.classList.add("reading");
  const wanted = node === null ? null : page.tree.find(node);
  if (node !== null && !wanted) warn(`There is no scope ${node} in this request.`);
  choose(wanted ?? page.node, wanted ? null : page.record);
}

// Chooses a scope, or a record of it.
function choose(node, record = null) {
  Object.assign(page, { node, record });
  tell("chosen");
  link.write();
}

const trace = {
  begin() {
    for (const tab of Object.keys(TABS)) byId("tab-" + tab).addEventListener("click", () => this.show(tab));
    this.tools();
    this.finder();
    on("opened", () => this.show(page.tab));
  },

  show(tab) {
    page.tab = tab;
    for (const [name, id] of Object.entries(TABS)) {
      byId(id).hidden = name !== tab;
      byId("tab-" + name).setAttribute("aria-selected", name === tab);
      byId("tab-" + name).tabIndex = name === tab ? 0 : -1;
    }
    for (const tool of byId("tools").children) tool.hidden = !tool.dataset.for.includes(tab);
    tell("tab");
    tell("scaled");
    link.write();
  },

  tools() {
    const place = byId("tools");
    const words = { none: "no records", errors: "warnings and errors", auto: "records: automatic", all: "all records" };
    this.choice = el(
      "select",
      { "aria-label": "Records among the scopes", title: "Which records stand among the scopes (r)" },
      Object.entries(words).map(([value, text]) => el("option", { value }, text)),
    );
    this.choice.addEventListener("change", () => this.records(this.choice.value));
    this.way = button("Critical path", "c", "What the request was waiting for, seen from its end", () => this.critical());
    place.append(
      this.choice, this.way,
      button("Fold", "F", "Fold all, or unfold all", () => this.foldAll()),
      button("−", null, "Zoom out (-)", () => scale.zoom(1.6)),
      button("+", null, "Zoom in (+)", () => scale.zoom(0.625)),
      button("All", "0", "Show all of the time", () => scale.reset()),
    );
    // Tools of the tree come first, those of the time behind them.
    [...place.children].forEach((tool, at) => (tool.dataset.for = at < 3 ? "waterfall" : "waterfall flame"));
    this.records(page.shown);
    this.critical(page.critical);
  },

  records(shown) {
    page.shown = this.choice.value = shown;
    if (page.tree) tell("shown");
  },

  critical(on = !page.critical) {
    page.critical = on;
    this.way.setAttribute("aria-pressed", on);
    document.body.classList.toggle("critical", on);
    tell("scaled");
  },

  foldAll() {
    waterfall.foldAll(waterfall.folded.size === 0);
  },

  // The line above the views: which request, when, how large, what is odd.
  head() {
    const { entry, tree } = page;
    const back = button("‹", null, "Back to the list (Esc)", leave);
    back.className = "back";
    const skewed = tree.skew.filter((skew) => skew.violations > 0).map((skew) => el("li", {}, disagreement(skew)));
    const facts = [
      moment(entry.start, 6), count(tree.nodes.length, "scope"), count(tree.records.length, "record"),
      entry.processes.length > 0 && count(entry.processes.length, "process", "processes"),
      entry.failed > 0 && count(entry.failed, "failed scope"), entry.scheme,
    ].filter(Boolean);
    fill(
      byId("trace-head"),
      back,
      el("h2", {}, el("span", { class: "mark " + entry.status }, MARKS[entry.status] ?? "·"), " ", entry.name || called(tree.nodes[0]),
        el("span", { class: "took" }, duration(entry.took))),
      el("p", { class: "facts" }, el("code", {}, entry.id), facts.map((fact) => el("span", {}, fact)),
        entry.odd.map((mark) => el("span", { class: "flag", title: FLAGS[mark]?.[1] }, FLAGS[mark]?.[0] ?? mark))),
      el("p", { class: "processes" }, tree.processes.map((process) => this.process(tree, process))),
      skewed.length > 0 && el("ul", { class: "skew" }, skewed),
    );
    document.title = safe(`${entry.name || entry.id} – distlog report`);
  },

  // A process, and how long its scopes were at work themselves.
  process(tree, process) {
    const share = tree.shares.find((one) => one.process === process);
    const told = share && `${count(share.nodes, "scope")}, ${count(share.records, "record")}, ${duration(share.self)} of its own${share.host ? ", on " + share.host : ""}`;
    return el("span", { class: "process p" + tree.colour(process), title: told }, process, share && el("small", {}, " " + duration(share.self)));
  },

  // The search within the request.
  finder() {
    const input = byId("node-query");
    let hits = [];
    let at = -1;
    const words = () => {
      byId("node-found").textContent = input.value.trim() === "" ? "" : hits.length === 0 ? "none" : `${at + 1} of ${hits.length}`;
    };
    const go = (step) => {
      if (hits.length === 0) return words();
      at = (at + step + hits.length) % hits.length;
      choose(hits[at].node ?? hits[at], hits[at].node ? hits[at] : null);
      if (hits[at].node && page.tab === "waterfall" && !waterfall.places.has(hits[at])) {
        this.records("all");
        choose(hits[at].node, hits[at]);
      }
      words();
    };
    const find = () => {
      const wanted = wordsOf(input.value);
      hits = [];
      at = -1;
      if (wanted.length && page.tree) {
        for (const node of page.tree.nodes) {
          const text = [called(node), node.id, node.process, node.exception].join("\n").toLowerCase();
          if (matches(wanted, text)) hits.push(node);
          for (const record of page.tree.recordsIn(node)) {
            if (record.event === 0 && matches(wanted, (record.logger + "\n" + record.message).toLowerCase())) hits.push(record);
          }
        }
      }
      if (hits.length) go(1);
      else words();
    };
    input.addEventListener("input", find);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    });
    on("opened", () => {
      input.value = "";
      hits = [];
      words();
    });
  },
};

// What is proven about two clocks that disagree.
function disagreement({ from, to, min, max }) {
  const ahead = min > 0 ? [to, from, min, max] : [from, to, max === undefined ? 0 : -max, min === undefined ? undefined : -min];
  const [one, other, least, most] = ahead;
  const bound = most === undefined ? "" : `, at most ${duration(most)}`;
  return `The clock of ${one} is at least ${duration(Math.max(0, least))} ahead of that of ${other}${bound}.`;
}

// Goes back to the list.
function leave() {
  document.body.classList.remove("reading");
  byId("list").focus();
}
