// The list of requests and its filters.

const list = {
  rows: null,
  // The entries that are shown.
  entries: [],

  begin() {
    this.rows = new Rows(byId("list"), {
      height: 42,
      draw: (row, index) => this.row(row, this.entries[index]),
      choose: (index) => open(this.entries[index]),
    });
    this.repaint = soon(() => scatter.draw(this.entries, page.entry));
    const later = soon(() => this.settle());
    this.update = () => {
      this.isStale = true;
      later();
    };
    this.inputs();
    scatter.begin();
    new ResizeObserver(this.repaint).observe(byId("side"));
    // While data comes, the list follows it now and then: each time costs as much as there is.
    let next = 0;
    on("data", () => {
      if (!store.over && performance.now() < next) return;
      const began = performance.now();
      this.choices();
      this.select(true);
      next = performance.now() + 150 + 8 * (performance.now() - began);
    });
    on("opened", () => this.mark());
    on("theme", () => this.repaint());
  },

  inputs() {
    const input = (id, what, read = (element) => element.value) => {
      // Not every browser tells of the choice in a list by both; a field that loses the focus tells again of what it has told.
      for (const kind of ["input", "change"]) {
        byId(id).addEventListener(kind, (event) => {
          const value = read(event.target);
          if (value === filter[what]) return;
          filter[what] = value;
          this.update();
        });
      }
    };
    const typed = (element) => {
      const value = element.value.trim() === "" ? null : seconds(element.value);
      element.setAttribute("aria-invalid", value === null && element.value.trim() !== "");
      return value;
    };
    input("query", "query");
    input("least", "least", typed);
    input("most", "most", typed);
    input("process", "process");
    input("odd", "odd");
    input("order", "order");
    input("deep", "deep", (element) => element.checked);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("clear").addEventListener("click", () => this.clear());
    fill(byId("order"), Object.entries(ORDERS).map(([name, [words]]) => el("option", { value: name }, words)));
    fill(
      byId("statuses"),
      Object.keys(MARKS).map((status) =>
        el(
          "button",
          {
            type: "button", class: "chip " + status, "aria-pressed": "false", "data-status": status, title: STATUS_WORDS[status],
            onclick: () => {
              if (!filter.statuses.delete(status)) filter.statuses.add(status);
              this.select();
            },
          },
          el("i", {}, MARKS[status]), " " + status + " ", el("b", {}),
        ),
      ),
    );
  },

  // The choices that the data offers.
  choices() {
    for (const chip of byId("statuses").children) {
      const number = store.statuses.get(chip.dataset.status) ?? 0;
      chip.querySelector("b").textContent = number.toLocaleString("en");
      chip.hidden = number === 0;
    }
    const options = (id, words, map, name = (word) => word) => {
      const select = byId(id);
      const chosen = select.value;
      const known = [...map].sort((a, b) => (a[0] < b[0] ? -1 : 1)).slice(0, 2000);
      fill(select, el("option", { value: "" }, words), known.map(([word, number]) => el("option", { value: word }, `${name(word)} (${number.toLocaleString("en")})`)));
      select.value = chosen;
      select.hidden = map.size === 0;
    };
    options("process", "any service", store.processes);
    options("odd", "odd or not", store.odd, (word) => FLAGS[word]?.[0] ?? word);
  },

  clear() {
    Object.assign(filter, { query: "", least: null, most: null, process: "", odd: "", since: null, until: null });
    filter.statuses.clear();
    for (const id of ["query", "least", "most", "process", "odd"]) {
      byId(id).value = "";
      byId(id).removeAttribute("aria-invalid");
    }
    this.select();
  },

  // Shows what has been typed, if the list does not yet.
  settle() {
    if (this.isStale) this.select();
  },

  // Shows what the filters let through: from the top on, unless only more of it has come.
  select(more = false) {
    if (!more) {
      this.isStale = false;
      this.rows.scrollTo(0);
    }
    for (const chip of byId("statuses").children) {
      chip.setAttribute("aria-pressed", filter.statuses.has(chip.dataset.status));
    }
    byId("clear").hidden = !isFiltered();
    select((entries, looked, over, isMore) => {
      this.entries = entries;
      this.rows.set(entries.length, entries.indexOf(page.entry), isMore);
      if (entries.length > 0 && !this.marked) {
        this.marked = true;
        requestAnimationFrame(() => performance.mark("distlog-listed"));
      }
      const all = store.trees.length;
      const words = isFiltered() ? `${entries.length.toLocaleString("en")} of ${all.toLocaleString("en")}` : count(all, "request");
      byId("found").textContent = over ? words : `${words}, ${Math.floor((looked / all) * 100)} % searched`;
      byId("list").classList.toggle("empty", over && entries.length === 0 && store.over);
      if (over) this.repaint();
    });
    tell("filtered");
  },

  mark() {
    this.rows.select(this.entries.indexOf(page.entry));
    this.repaint();
  },

  row(row, entry) {
    const part = entry.took === null ? 0 : Math.max(0.01, entry.took / this.measure().longest);
    if (!row.bar) {
      row.bar = el("span", { class: "length" });
      row.upper = el("div", { class: "upper" });
      row.lower = el("div", { class: "lower" });
      row.append(row.upper, row.lower, row.bar);
    }
    fill(
      row.upper,
      el("span", { class: "mark " + entry.status, title: entry.status }, MARKS[entry.status] ?? "·"),
      el("span", { class: "name" }, entry.name || "… " + entry.id),
      el("span", { class: "took" }, entry.status === "running" && entry.took === null ? "running" : duration(entry.took)),
    );
    const shown = entry.odd.filter((mark) => mark !== "running").slice(0, 2);
    fill(
      row.lower,
      el("span", { class: "time" }, entry.start === null ? "no time" : moment(entry.start).slice(this.measure().oneDay ? 11 : 5)),
      entry.failed > 0 && el("span", { class: "failures" }, entry.failed + " failed"),
      el("span", {}, count(entry.nodes, "scope")),
      entry.processes.length > 1 && el("span", {}, count(entry.processes.length, "process", "processes")),
      shown.map((mark) => el("span", { class: "flag", title: FLAGS[mark]?.[1] }, FLAGS[mark]?.[0] ?? mark)),
      el("span", { class: "id" }, entry.id.slice(0, 8)),
    );
    row.bar.style.width = part * 100 + "%";
    row.bar.className = "length " + entry.status;
    row.title = safe(entry.exception);
  },

  // The longest duration of all, which the lines below the rows are compared with, and
  // whether all requests began on one day, which then need not be said again and again.
  measure() {
    if (this.measured?.trees !== store.trees.length) {
      const longest = store.trees.reduce((most, entry) => Math.max(most, entry.took ?? 0), 1e-9);
      const days = new Set(store.trees.flatMap((entry) => (entry.start === null ? [] : [Math.floor(entry.start / 864e5)])));
      this.measured = { trees: store.trees.length, longest, oneDay: days.size <= 1 };
    }
    return this.measured;
  },
};
