// Records as a list: those of a request, and those that are in no tree.

const LEVELS = ["trace", "debug", "info", "notice", "warning", "error", "critical"];

// A row of such a list; `cells` are its columns.
function recordRow(row, record, ...cells) {
  row.classList.add("level-" + (record.level || "none"));
  fill(
    row,
    cells,
    levelSign(record.level),
    record.logger && el("span", { class: "logger" }, record.logger),
    el("span", { class: "message" }, record.message || "(no message)"),
  );
}

function levelChoice(id) {
  const words = LEVELS.map((level) => el("option", { value: level }, level === "critical" ? level : level + " and worse"));
  return el("select", { id, "aria-label": "Least level" }, el("option", { value: "" }, "any level"), words);
}

function atLeast(level, least) {
  return least === "" || LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

// The records of the request, in the order of the tree or of time.
const treeRecords = {
  begin() {
    this.level = levelChoice("tree-level");
    this.order = el("select", { id: "tree-order", "aria-label": "Order" }, el("option", { value: "tree" }, "as the tree tells them"), el("option", { value: "time" }, "by time"));
    const scroller = el("div", { id: "told", class: "rows lines", tabindex: "0", role: "listbox", "aria-label": "Records of the request" });
    byId("tree-records").append(el("div", { class: "line" }, this.level, this.order), scroller);
    this.scroller = scroller;
    this.items = [];
    this.rows = new Rows(scroller, {
      height: 22,
      draw: (row, index) => this.row(row, this.items[index]),
      choose: (index) => choose(this.items[index].node, this.items[index]),
    });
    const again = () => page.tab === "records" && page.tree && this.layOut();
    for (const select of [this.level, this.order]) select.addEventListener("change", again);
    on("opened", again);
    on("tab", again);
    on("chosen", () => page.tab === "records" && this.rows.select(this.items.indexOf(page.record)));
  },

  layOut() {
    const inTree = [];
    const told = (node) => {
      let next = node.first;
      const upTo = (end) => {
        for (; next < Math.min(end, node.past); next += 1) inTree.push(page.tree.records[next]);
      };
      return { node, upTo };
    };
    const open = [];
    for (const node of page.tree.nodes) {
      while (open.length > node.depth) open.pop().upTo(Infinity);
      const above = open.at(-1);
      above?.upTo(above.node.first + node.after);
      open.push(told(node));
    }
    while (open.length) open.pop().upTo(Infinity);
    const wanted = inTree.filter((record) => atLeast(record.level, this.level.value));
    if (this.order.value === "time") wanted.sort((a, b) => (a.time ?? -Infinity) - (b.time ?? -Infinity) || a.number - b.number);
    this.items = wanted;
    this.rows.set(wanted.length, wanted.indexOf(page.record));
  },

  row(row, record) {
    const time = record.time === null ? "–" : "+" + duration(record.time / 1e3);
    const { node } = record;
    const process = record.writer || node.runsIn;
    recordRow(row, record, el("span", { class: "time" }, time), el("span", { class: "process p" + page.tree.colour(process) }, process ?? "–"), el("span", { class: "scope" }, called(node)));
  },
};

// The records that are in no tree.
const loose = {
  begin() {
    this.query = el("input", { id: "loose-query", type: "search", "aria-label": "Search records" });
    this.query.placeholder = "Search the text of records  ( / )";
    this.query.spellcheck = false;
    this.level = levelChoice("loose-level");
    this.found = el("output", { for: "loose-query" });
    const scroller = el("div", { id: "lines", class: "rows lines", tabindex: "0", role: "listbox", "aria-label": "Records" });
    this.detail = el("aside", { id: "loose-detail", "aria-label": "The record", tabindex: "-1" });
    byId("loose").append(el("div", { class: "line" }, this.query, this.level, this.found), el("div", { class: "split" }, scroller, this.detail));
    this.scroller = scroller;
    this.rows = new Rows(scroller, {
      height: 22,
      draw: (row, index) => this.row(row, recordAt(this.numbers ? this.numbers[index] : index)),
      choose: (index) => this.choose(index),
    });
    // The numbers of those that passed; null for all.
    this.numbers = null;
    const again = soon(() => this.select());
    this.query.addEventListener("input", again);
    this.level.addEventListener("change", again);
    on("data", again);
    on("view", again);
  },

  select() {
    if (page.view !== "records") return;
    const words = wordsOf(this.query.value).map((word) => [word, pattern(word.text)]);
    const all = store.recordCount;
    if (words.length === 0 && this.level.value === "") {
      this.numbers = null;
      this.rows.set(all, this.rows.current);
      this.found.textContent = count(all, "record");
      return;
    }
    const test = (number) => {
      const record = recordAt(number);
      if (!atLeast(record.level, this.level.value)) return false;
      const end = record.text.indexOf("\n", record.at);
      const line = words.length ? record.text.slice(record.at, end) : "";
      return words.every(([word, regex]) => regex.test(line) !== word.not);
    };
    this.numbers = [];
    let isMore = false;
    search(
      all,
      test,
      (more, looked) => {
        this.numbers.push(...more);
        this.rows.set(this.numbers.length, isMore ? this.rows.current : -1, isMore);
        isMore = true;
        const part = looked < all ? `, ${Math.floor((looked / all) * 100)} % searched` : "";
        this.found.textContent = `${this.numbers.length.toLocaleString("en")} of ${count(all, "record")}${part}`;
      },
      () => {},
    );
  },

  row(row, record) {
    const { time, process } = record;
    recordRow(row, record, el("span", { class: "time" }, time === null ? "–" : moment(time)), el("span", { class: "process" }, process || "–"));
  },

  choose(index) {
    this.rows.select(index);
    const record = recordAt(this.numbers ? this.numbers[index] : index);
    const entry = record.tree && store.trees.find((one) => one.id === record.tree);
    const go = entry && el("button", { type: "button", class: "link", onclick: () => see("requests") || open(entry) }, record.tree);
    fill(this.detail, recordView(record, [
      ["time", record.time === null ? "not known" : moment(record.time, 6)],
      ["process", record.process],
      ["request", go || record.tree],
    ]));
    this.detail.scrollTop = 0;
  },
};
