// The start: theme, what the address names, and which view is shown.

const theme = {
  kinds: ["system", "dark", "light"],

  begin() {
    let kept = null;
    try {
      kept = localStorage.getItem("distlog-theme");
    } catch {
      // A page from a disk may have nothing to keep it in.
    }
    byId("theme").addEventListener("click", () => this.next());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.changed());
    this.set(this.kinds.includes(kept) ? kept : "system");
  },

  next() {
    this.set(this.kinds[(this.kinds.indexOf(this.kind) + 1) % 3]);
    try {
      localStorage.setItem("distlog-theme", this.kind);
    } catch {
      // See above.
    }
    say(`theme: ${this.kind}`);
  },

  set(kind) {
    this.kind = kind;
    document.documentElement.dataset.theme = kind;
    fill(byId("theme"), { system: "◐ System", dark: "● Dark", light: "○ Light" }[kind]);
    this.changed();
  },

  changed() {
    colours.known.clear();
    tell("theme");
  },
};

// What is shown as a part of the address: #tree=ID&node=ID&view=flame, or #records.
const link = {
  begin() {
    addEventListener("hashchange", () => this.read());
    // The request may come later than the page.
    on("data", () => this.wanted && this.read());
    this.wanted = location.hash.length > 1;
  },

  // Browsers refuse to change the address very often, and while a key is held it would.
  write() {
    this.later ??= setTimeout(() => {
      this.later = null;
      this.writeNow();
    }, 150);
  },

  writeNow() {
    if (this.wanted) return;
    const parts = new URLSearchParams();
    if (page.view === "records") parts.set("records", "");
    else if (page.entry) {
      parts.set("tree", page.entry.id);
      // Trees may share an id: continuations and snapshots do.
      const same = store.trees.filter((one) => one.id === page.entry.id);
      if (same.length > 1) parts.set("of", same.indexOf(page.entry) + 1);
      if (page.node?.parent) parts.set("node", page.node.id);
      if (page.tab !== "waterfall") parts.set("view", page.tab);
    }
    const hash = "#" + parts.toString();
    if (hash === location.hash || (hash === "#" && location.hash === "")) return;
    this.own = hash;
    try {
      history.replaceState(null, "", hash);
    } catch {
      location.hash = hash;
    }
  },

  read() {
    const hash = location.hash;
    if (hash === this.own) return;
    const parts = new URLSearchParams(hash.slice(1));
    if (parts.has("records")) {
      this.wanted = false;
      return see("records");
    }
    const id = parts.get("tree");
    if (id === null) {
      this.wanted = false;
      return;
    }
    const same = store.trees.filter((one) => one.id === id);
    const entry = same[Math.max(0, Number(parts.get("of") ?? 1) - 1)] ?? same[0];
    if (!entry) {
      if (store.over) warn(`The request ${id} is not in this report.`);
      this.wanted = !store.over;
      return;
    }
    this.wanted = false;
    this.own = hash;
    clearTimeout(this.later);
    this.later = null;
    see("requests");
    if (Object.hasOwn(TABS, parts.get("view") ?? "")) page.tab = parts.get("view");
    open(entry, { node: parts.get("node") });
    trace.show(page.tab);
    keys.enter();
  },
};

function warn(words) {
  byId("warning").hidden = false;
  fill(byId("warning"), words, " ", button("Close", null, "Close", () => (byId("warning").hidden = true)));
}

// Shows the requests, or the records that are in none.
function see(view) {
  page.view = view;
  for (const [name, id] of [["requests", "requests"], ["records", "loose"]]) {
    byId(id).hidden = name !== view;
    byId("see-" + name).setAttribute("aria-selected", name === view);
    byId("see-" + name).tabIndex = name === view ? 0 : -1;
  }
  tell("view");
  if (view === "requests") {
    list.rows.redraw();
    list.repaint();
    tell("scaled");
  }
  link.write();
}

// The width of the list, by mouse and arrows.
function divider() {
  const bar = byId("divider");
  const set = (width) => byId("side").style.setProperty("width", Math.max(240, Math.min(innerWidth - 420, width)) + "px");
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => bar.hasPointerCapture(event.pointerId) && set(event.clientX));
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (by) set(byId("side").offsetWidth + by);
  });
}

function progress() {
  const [requests, records] = [byId("see-requests"), byId("see-records")];
  requests.querySelector("b").textContent = store.trees.length.toLocaleString("en");
  records.querySelector("b").textContent = store.recordCount.toLocaleString("en");
  records.hidden = store.recordCount === 0;
  requests.hidden = store.trees.length === 0 && store.recordCount > 0;
  if (page.view === "requests" && requests.hidden) see("records");
  byId("loading").textContent = store.over ? "" : "reading …";
  if (!store.over) return;
  if (!store.whole) warn("This report is cut short: its end is missing, and what came after it.");
  document.body.dataset.ready = "true";
  performance.mark("distlog-ready");
  if (store.trees.length + store.recordCount === 0) fill(byId("none"), el("p", {}, "There was nothing to show: no trees and no records."));
}

// A switch of views goes from tab to tab with the arrows, as tabs do.
function tabs() {
  for (const bar of document.querySelectorAll("[role=tablist]")) {
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const all = [...bar.children].filter((tab) => !tab.hidden);
      const to = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
      if (!step || !to) return;
      event.stopPropagation();
      to.focus();
      to.click();
    });
  }
}

page.shown = document.body.dataset.shown;
theme.begin();
list.begin();
waterfall.begin();
flame.begin();
treeRecords.begin();
detail.begin();
trace.begin();
loose.begin();
keys.begin();
tabs();
divider();
byId("see-requests").addEventListener("click", () => see("requests"));
byId("see-records").addEventListener("click", () => see("records"));
link.begin();
on("data", progress);
see("requests");
gather();
