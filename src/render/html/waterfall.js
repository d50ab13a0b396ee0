// The tree with its bars: names, folding, durations, and beside them when each scope was at
// work. Records stand among the scopes where they belong.

const waterfall = {
  begin() {
    const place = byId("waterfall");
    this.map = el("canvas", { "aria-hidden": "true" });
    this.strip = el("div", { class: "map", title: "Drag to choose a part of the time, double-click for all of it" }, this.map);
    this.ruler = el("div", { class: "ruler", title: "Drag to choose a part of the time" });
    this.ticks = this.ruler.appendChild(el("div", { class: "ticks" }));
    this.grid = el("div", { class: "grid", "aria-hidden": "true" });
    const scroller = el("div", { id: "tree", class: "rows", tabindex: "0", role: "tree", "aria-label": "Scopes of the request" });
    place.append(
      el("div", { class: "head" }, el("span", {}, "Scope"), el("span", { class: "took" }, "Duration"), el("div", { class: "when" }, this.strip, this.ruler)),
      el("div", { class: "body" }, this.grid, scroller),
    );
    this.rows = new Rows(scroller, {
      height: 22,
      role: "treeitem",
      draw: (row, index) => this.row(row, this.items[index]),
      choose: (index, event) => this.chosen(index, event),
    });
    this.scroller = scroller;
    this.items = [];
    this.repaint = soon(() => this.paint());
    selectable(this.ruler, (part) => scale.time(part));
    selectable(this.strip, (part) => scale.from + part * (scale.to - scale.from));
    navigable(scroller, () => this.ruler.getBoundingClientRect());
    navigable(this.ruler, () => this.ruler.getBoundingClientRect());
    new ResizeObserver(this.repaint).observe(place);
    on("opened", () => {
      this.folded = new Set();
      this.findRuns();
      this.layOut();
    });
    on("chosen", () => this.reveal());
    on("shown", () => {
      this.findRuns();
      this.layOut();
    });
    on("scaled", () => this.repaint());
    on("theme", () => this.repaint());
  },

  // True if a record of a node stands among the scopes: those that start and end them never do.
  wants(node, record) {
    const all = page.shown === "all" || (page.shown === "auto" && node.name === null);
    return record.event === 0 && (all || (page.shown !== "none" && SEVERE.has(record.level)));
  },

  findRuns() {
    findRuns(page.tree, (node, record) => this.wants(node, record));
  },

  // Lists the rows: nodes, why they failed, and the records that are wanted.
  layOut() {
    const { tree } = page;
    this.items = [];
    this.places = new Map();
    const item = (row, key) => {
      this.places.set(key, this.items.length);
      this.items.push(row);
    };
    // Nodes whose children are being listed, each with the next of its records.
    const open = [];
    const records = (top, limit) => {
      const end = Math.min(top.node.past, top.node.first + limit);
      for (; top.next < end; top.next += 1) {
        const record = tree.records[top.next];
        if (this.wants(top.node, record)) item({ record, node: top.node, depth: top.node.depth + 1 }, record);
      }
    };
    for (let number = 0; number < tree.nodes.length; ) {
      const node = tree.nodes[number];
      while (open.length > node.depth) records(open.pop(), Infinity);
      if (open.length) records(open.at(-1), node.after);
      if (node.run?.rolled) {
        item({ node, run: node.run, depth: node.depth }, node);
        number = node.run.past;
        continue;
      }
      item({ node, depth: node.depth }, node);
      if (this.folded.has(number)) {
        number += node.size;
        continue;
      }
      if (node.exception !== null && reason(node)) this.items.push({ failure: node.exception, node, depth: node.depth + 1 });
      open.push({ node, next: node.first });
      number += 1;
    }
    while (open.length) records(open.pop(), Infinity);
    this.indent = Math.max(3, Math.min(14, Math.floor(230 / Math.max(1, tree.depth + 1))));
    this.rows.set(this.items.length, this.placeOf());
    this.repaint();
  },

  placeOf() {
    const { node, record } = page;
    return this.places.get(record) ?? this.places.get(node) ?? -1;
  },

  // Brings what is chosen into sight, unfolding what is above it.
  reveal() {
    const { node } = page;
    let hidden = false;
    for (let run = hiddenIn(node, page.record !== null); run; run = hiddenIn(node, page.record !== null)) {
      run.rolled = false;
      hidden = true;
    }
    for (let above = page.record ? node : node.parent; above; above = above.parent) hidden = this.folded.delete(above.number) || hidden;
    if (hidden) this.layOut();
    scale.reveal(node);
    this.rows.select(this.placeOf());
  },

  chosen(index, event) {
    const { node, record } = this.items[index];
    if (event?.target.closest(".times")) this.roll(node);
    else if (event?.target.closest(".fold")) this.fold(node);
    else choose(node, record ?? null);
  },

  // Makes equal scopes one row, or shows each.
  roll(node, rolled = !node.run?.rolled) {
    if (!node.run) return;
    node.run.rolled = rolled;
    this.layOut();
    choose(node.run.first);
  },

  fold(node, folded = !this.folded.has(node.number)) {
    if (node.run?.rolled) {
      this.roll(node, false);
      return;
    }
    if (node.size === 1 && node.first === node.past) return;
    if (folded) this.folded.add(node.number);
    else this.folded.delete(node.number);
    this.layOut();
    const row = this.places.get(node);
    if (folded && this.placeOf() < 0) choose(node);
    else if (row !== undefined && node === page.node) this.rows.select(row);
  },

  foldAll(folded) {
    this.folded = new Set(folded ? page.tree.nodes.filter((node) => node.depth > 0 && node.size > 1).map((node) => node.number) : []);
    this.layOut();
    if (this.placeOf() < 0) choose(page.tree.nodes[0]);
  },

  // The bars, the ruler and the map, where the window has moved.
  paint() {
    if (byId("waterfall").hidden || !page.tree) return;
    // Rows have a scroll bar beside them, which is not equally wide everywhere; the ruler leaves room for it.
    const gutter = this.scroller.offsetWidth - this.scroller.clientWidth;
    byId("waterfall").style.setProperty("--gutter", gutter + "px");
    const width = this.ruler.clientWidth;
    const { ticks, step } = scale.ticks(width / 90);
    const at = (tick) => scale.at(tick) * 100 + "%";
    const tick = (time, words) => {
      // What would be cut off at the edge is not written.
      const mark = el("span", {}, (1 - scale.at(time)) * width > 46 && words);
      mark.style.left = at(time);
      return mark;
    };
    fill(this.ticks, page.tree.timed && ticks.map((time) => tick(time, scale.words(time, step))));
    fill(this.grid, page.tree.timed && ticks.map((time) => tick(time)));
    this.grid.style.width = width + "px";
    this.grid.style.right = gutter + "px";
    this.paintMap();
    this.rows.redraw();
  },

  // The request as a whole and the window in it. What it is made of is drawn once.
  paintMap() {
    const width = this.strip.clientWidth;
    const height = 34;
    const x = (time) => ((time - scale.from) / (scale.to - scale.from)) * width;
    const { tree } = page;
    const of = `${width} ${devicePixelRatio} ${colours.get("p0")}`;
    if (this.drawn?.tree !== tree || this.drawn.of !== of) {
      const picture = document.createElement("canvas");
      this.drawn = { tree, of, picture };
      const context = sized(picture, width, height);
      const step = Math.min(4, height / tree.nodes.length);
      for (const node of tree.nodes) {
        if (node.start === null) continue;
        context.fillStyle = colours.get(node.status === "failed" ? "bad" : "p" + tree.colour(node.runsIn));
        context.fillRect(x(node.start), node.number * step, Math.max(1, x(node.last) - x(node.start)), Math.max(0.6, step * 0.8));
      }
    }
    const context = sized(this.map, width, height);
    context.drawImage(this.drawn.picture, 0, 0, width, height);
    if (scale.zoomed) {
      context.fillStyle = colours.get("veil");
      context.fillRect(0, 0, x(scale.left), height);
      context.fillRect(x(scale.right), 0, width, height);
      context.fillStyle = colours.get("accent");
      context.fillRect(x(scale.left) - 1, 0, 2, height);
      context.fillRect(x(scale.right) - 1, 0, 2, height);
    }
  },
};

// How a row is drawn.
Object.assign(waterfall, {
  row(row, item) {
    const { node, record, failure, depth } = item;
    const { tree } = page;
    if (!row.cells) {
      row.cells = [el("div", { class: "what" }), el("div", { class: "took" }), el("div", { class: "when" })];
      row.append(...row.cells);
    }
    const [what, took, when] = row.cells;
    // What stands deep begins no further right than half of the column.
    const indent = Math.min(depth * this.indent, 240);
    what.style.paddingLeft = indent + 4 + "px";
    what.style.setProperty("--step", this.indent + "px");
    what.style.setProperty("--deep", indent + "px");
    row.setAttribute("aria-level", depth + 1);
    row.removeAttribute("aria-expanded");
    row.title = "";
    if (record || failure) {
      row.classList.add(record ? "note" : "failure");
      if (record) fill(what, levelSign(record.level), " ", record.logger && el("span", { class: "logger" }, record.logger + " "), record.message, writerOf(record));
      else fill(what, el("span", { class: "exception", title: failure }, failure));
      fill(took, record && record.time !== null && "+" + duration(record.time / 1e3));
      fill(when, record && tick(record));
      return;
    }
    const { run } = item;
    const inside = node.size > 1 || node.first < node.past;
    const folded = this.folded.has(node.number);
    if (node.size > 1 || run) row.setAttribute("aria-expanded", !folded && !run);
    row.classList.add(node.status);
    const odd = oddities(node);
    fill(
      what,
      el("span", { class: "fold" }, run || folded ? "▸" : node.size > 1 ? "▾" : inside ? "·" : ""),
      el("span", { class: "mark " + node.status, title: node.status + ": " + (STATUS_WORDS[node.status] ?? "") }, MARKS[node.status] ?? "·"),
      node.hop && el("span", { class: "process p" + tree.colour(node.process), title: node.parent ? `from ${node.parent.runsIn ?? "elsewhere"} to ${node.arrives}` : node.arrives }, (node.parent ? "⇢ " : "") + node.arrives),
      el("span", { class: "name" }, called(node)),
      node.run?.first === node && el("span", { class: "times", title: `${runWords(node.run)} (u)` }, "× " + node.run.nodes.length),
      folded && el("span", { class: "folded" }, "+" + (node.size - 1)),
      node.concurrent && el("span", { class: "sign", title: FLAGS.concurrent[1] }, "∥"),
      odd.map((flag) => el("span", { class: "flag", title: FLAGS[flag][1] }, FLAGS[flag][0])),
    );
    const whole = scale.to - scale.from;
    took.classList.toggle("slow", node.self !== null && node.self * 1e3 > whole * 0.3);
    took.title = run ? safe(runWords(run)) : "";
    const seconds = run ? run.sum : node.took;
    fill(took, seconds === null && node.status === "running" ? "running" : duration(seconds));
    fill(when, run ? someOf(run).map((one) => bar(one, tree)) : bar(node, tree));
  },
});

// The process that wrote a record, where that is not its scope's.
function writerOf({ node, writer }) {
  const other = writer && writer !== node.runsIn;
  return other && el("span", { class: "process p" + page.tree.colour(writer), title: "Written by another process" }, "⇢ " + writer);
}

// Left edge and width of a stretch of time in the window, in percent; null if it is outside.
function extent(from, to) {
  const left = Math.max(-1, scale.at(from) * 100);
  const right = Math.min(101, scale.at(to) * 100);
  return right < 0 || left > 100 ? null : [left, Math.max(0, right - left)];
}

function stretch(className, from, to) {
  const place = extent(from, to);
  if (!place) return null;
  const element = el("span", { class: className });
  element.style.left = place[0] + "%";
  element.style.width = place[1] + "%";
  return element;
}

// The bar of a node: dashed where it was never seen itself, fading where its end is not known.
function bar(node, tree) {
  if (node.start === null) return el("span", { class: "untimed" }, "no time");
  const kinds = ["bar", "p" + tree.colour(node.runsIn), node.status];
  if (node.flags.includes("inferred")) kinds.push("inferred");
  if (node.open) kinds.push("open");
  const whole = stretch(kinds.join(" "), node.start, node.last);
  if (!whole) return el("span", { class: "beyond" }, node.last < scale.left ? "‹" : "›");
  const critical = page.critical ? node.stretches.map(([from, to]) => stretch("critical", from, to)) : [];
  return [whole, ...critical];
}

function tick(record) {
  return record.time === null ? null : stretch("tick level-" + (record.level || "none"), record.time, record.time);
}
