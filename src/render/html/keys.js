// All of the page by keys, and the page that tells of them.

// Keys, what they do, and in words; `list` and `tree` say what has them.
const KEYS = [
  ["Everywhere"],
  [["/"], "search"],
  [["f"], "find in the request"],
  [["?"], "this page"],
  [["t"], "dark, light, or as the system has it"],
  [["n", "p"], "next and previous request"],
  [["Esc"], "leave a field; back to the list"],
  [["x"], "clear the filters"],
  ["In the list"],
  [["j", "↓"], "down"],
  [["k", "↑"], "up"],
  [["g", "Home"], "first"],
  [["G", "End"], "last"],
  [["Enter"], "go into the request"],
  ["In the request"],
  [["j", "k", "↓", "↑"], "down and up"],
  [["h", "←"], "fold, or go to the scope above"],
  [["l", "→"], "unfold, or go to the first scope below"],
  [["Enter", "Space"], "fold or unfold"],
  [["F"], "fold all, or unfold all"],
  [["u"], "equal scopes as one row, or each"],
  [["e", "E"], "next and previous failure"],
  [["1", "2", "3"], "waterfall, flames, records"],
  [["+", "-", "0"], "zoom in, out, show all of the time"],
  [["[", "]"], "earlier, later"],
  [["z"], "zoom to the scope"],
  [["c"], "critical path on or off"],
  [["r"], "which records stand among the scopes"],
  [["m"], "merge the flames"],
  [["d"], "to the details"],
];

const keys = {
  begin() {
    document.addEventListener("keydown", (event) => this.pressed(event));
    byId("help-open").addEventListener("click", () => this.help());
    byId("help").addEventListener("click", (event) => {
      if (event.target === byId("help")) byId("help").close();
    });
  },

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const { key, target } = event;
    if (byId("help").open) {
      if (key === "?") byId("help").close();
      return;
    }
    const typing = target.matches("input:not([type=checkbox]), select, textarea");
    if (key === "Escape") return this.escape(event, typing);
    if (typing) {
      if (target.id === "query" && (key === "ArrowDown" || key === "Enter")) {
        // The frame that shows what was typed may still come.
        list.settle();
        byId("list").focus();
        if (list.rows.current < 0 && list.entries.length) open(list.entries[0], { read: false });
        event.preventDefault();
      }
      return;
    }
    // Buttons and the like keep the keys that press them.
    if ((key === "Enter" || key === " ") && target.closest("button, a, label, [role=separator], input")) return;
    if (target.closest("[role=separator]") && key.startsWith("Arrow")) return;
    const work = this.everywhere(key) ?? (page.view === "records" ? this.inLoose(key) : this.isInTrace() ? this.inTrace(key) : this.inList(key));
    if (!work) return;
    event.preventDefault();
    work();
  },

  escape(event, typing) {
    if (typing || !this.isInTrace() || page.view === "records") {
      const had = event.target.type === "search" && event.target.value !== "";
      if (!had) (page.view === "records" ? loose.scroller : byId("list")).focus();
      if (!typing) document.body.classList.remove("reading");
      return;
    }
    leave();
  },

  isInTrace() {
    return page.entry !== null && byId("trace").contains(document.activeElement);
  },

  everywhere(key) {
    const to = (id) => () => {
      byId(id).focus();
      byId(id).select();
    };
    return {
      "/": to(page.view === "records" ? "loose-query" : "query"),
      "?": () => this.help(),
      t: () => theme.next(),
      x: page.view === "requests" ? () => list.clear() : undefined,
      ...(page.view === "requests" && { n: () => this.step("down"), p: () => this.step("up") }),
      ...(page.view === "requests" && page.entry && { f: to("node-query"), ...this.ofTrace }),
    }[key];
  },

  ofTrace: {
    1: () => trace.show("waterfall"),
    2: () => trace.show("flame"),
    3: () => trace.show("records"),
    "+": () => scale.zoom(0.625),
    "=": () => scale.zoom(0.625),
    "-": () => scale.zoom(1.6),
    0: () => scale.reset(),
    "[": () => scale.pan(-0.25),
    "]": () => scale.pan(0.25),
    z: () => scale.show(page.node),
    c: () => trace.critical(),
    r: () => trace.records({ none: "errors", errors: "auto", auto: "all", all: "none" }[page.shown]),
    m: () => page.tab === "flame" && flame.mode(!flame.merged),
    d: () => byId("detail").focus(),
    u: () => waterfall.roll(page.node),
    F: () => trace.foldAll(),
    e: () => keys.failure(1),
    E: () => keys.failure(-1),
  },

  // Which move in a list a key is.
  way(key) {
    return {
      j: "down", ArrowDown: "down", k: "up", ArrowUp: "up", PageDown: "pagedown", PageUp: "pageup",
      Home: "first", g: "first", End: "last", G: "last",
    }[key];
  },

  step(way) {
    const to = list.rows.next(way);
    if (to < 0) return;
    open(list.entries[to], { read: document.body.classList.contains("reading") });
    const entry = list.entries[to];
    say(`${entry.name || entry.id}, ${entry.status}, ${duration(entry.took)}`);
  },

  inList(key) {
    const way = this.way(key);
    if (way) return () => this.step(way);
    if (key !== "Enter" && key !== "l" && key !== "ArrowRight") return undefined;
    return () => {
      const entry = page.entry ?? list.entries[0];
      if (!entry) return;
      open(entry);
      this.enter();
    };
  },

  // Puts the focus on the view that is shown.
  enter() {
    ({ waterfall: waterfall.scroller, flame: flame.canvas, records: treeRecords.scroller })[page.tab].focus();
  },

  inLoose(key) {
    const way = this.way(key);
    if (way) return () => {
      const to = loose.rows.next(way);
      if (to >= 0) loose.choose(to);
    };
    return key === "Enter" ? () => loose.detail.focus() : undefined;
  },

  inTrace(key) {
    if (byId("detail").contains(document.activeElement) && (key === " " || key === "Enter" || this.way(key)?.length > 4)) return undefined;
    const way = this.way(key);
    if (page.tab === "flame") {
      const arrow = { ArrowUp: "up", k: "up", ArrowDown: "down", j: "down", ArrowLeft: "left", h: "left", ArrowRight: "right", l: "right" }[key];
      if (arrow) return () => flame.move(arrow);
      return key === "Enter" ? () => scale.show(page.node) : undefined;
    }
    const rows = page.tab === "records" ? treeRecords.rows : waterfall.rows;
    const items = page.tab === "records" ? treeRecords.items : waterfall.items;
    if (way) return () => {
      const to = rows.next(way);
      if (to < 0) return;
      const item = items[to];
      if (page.tab === "records") choose(item.node, item);
      // The reason of a failure belongs to its scope, which is the row above.
      else if (item.failure && way === "down" && items[to + 1]) choose(items[to + 1].node, items[to + 1].record ?? null);
      else choose(item.node, item.record ?? null);
    };
    if (page.tab === "records") return key === "Enter" ? () => byId("detail").focus() : undefined;
    return this.folding(key);
  },

  folding(key) {
    const { node, record } = page;
    const open = node.size > 1 && !waterfall.folded.has(node.number);
    if (key === "Enter" || key === " ") return () => (record ? byId("detail").focus() : waterfall.fold(node));
    if (key === "h" || key === "ArrowLeft") return () => (record ? choose(node) : open ? waterfall.fold(node, true) : node.parent && choose(node.parent));
    if (key === "l" || key === "ArrowRight") return () => (!record && node.size > 1 && (open ? choose(node.children[0]) : waterfall.fold(node, false)));
    return undefined;
  },

  failure(step) {
    const failed = page.tree.nodes.filter((node) => node.status === "failed");
    if (failed.length === 0) return say("No scope failed.");
    const here = page.node.number;
    const next = step > 0 ? failed.find((node) => node.number > here) ?? failed[0] : failed.findLast((node) => node.number < here) ?? failed.at(-1);
    choose(next);
    say(`${called(next)}, failed`);
  },

  help() {
    const dialog = byId("help");
    const rows = KEYS.map(([names, words]) =>
      words === undefined ? el("h3", {}, names) : el("div", {}, el("span", {}, names.map((name) => el("kbd", {}, name))), words),
    );
    const sign = (mark, word, meaning) => el("li", {}, mark, el("b", {}, word), " " + meaning);
    const signs = [
      ...Object.entries(MARKS).map(([status, mark]) => sign(el("span", { class: "mark " + status }, mark), status, STATUS_WORDS[status])),
      sign(el("span", { class: "mark" }, "⇢"), "process", "The request goes to another process here; each service has a colour."),
      sign(el("span", { class: "times" }, "× 9"), "equal scopes", "Scopes that are alike with all that is below them, and of which nothing failed, are one row."),
      sign(el("span", { class: "mark" }, "∥"), "concurrent", FLAGS.concurrent[1]),
      sign(el("span", { class: "sample bar p0 open" }), "fading bar", FLAGS.open_end[1]),
      sign(el("span", { class: "sample bar p0 inferred" }), "dashed bar", FLAGS.inferred[1]),
      sign(el("span", { class: "sample bar p0 way" }), "line below a bar", "The critical path: what the request was waiting for, seen from its end."),
      ...Object.entries(FLAGS)
        .filter(([flag]) => !["running", "concurrent", "open_end"].includes(flag))
        .map(([, [word, meaning]]) => sign(el("span", { class: "flag" }, word), "", meaning)),
    ];
    fill(
      dialog,
      el("button", { type: "button", class: "close", onclick: () => dialog.close() }, "Close", el("kbd", {}, "Esc")),
      el("div", { class: "help" },
        el("div", { class: "keys" }, rows),
        el("div", { class: "signs-told" }, el("h3", {}, "Signs"), el("ul", {}, signs),
          el("h3", {}, "Searching"), el("p", {}, 'All words must be there; -word must not be; "several words" belong together. With the mouse: Ctrl and the wheel zoom, dragging pans, and dragging on the ruler or the map chooses a part of the time.'))),
    );
    dialog.showModal();
  },
};
