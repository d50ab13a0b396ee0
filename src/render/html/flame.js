// Flames: scopes on top of what they began. By time, each stands when it was at work, and
// those at work at the same time stand side by side; merged, scopes of one name below one
// another are one, as wide as the time that they and what is below them took themselves.

const HIGH = 20;

const flame = {
  merged: false,

  begin() {
    const place = byId("flame");
    this.modes = [
      button("By time", null, "When each scope was at work", () => this.mode(false)),
      button("Merged", "m", "Scopes of one name together, as wide as the time that they took themselves", () => this.mode(true)),
    ];
    this.said = el("output", {});
    this.ticks = el("div", { class: "ticks" });
    this.ruler = el("div", { class: "ruler" }, this.ticks);
    this.canvas = el("canvas", { id: "flames", tabindex: "0", role: "application", "aria-label": "Flame view: the arrow keys go from scope to scope" });
    this.scroller = el("div", { class: "flames" }, this.canvas);
    place.append(el("div", { class: "line" }, this.modes, this.said), this.ruler, this.scroller);
    this.repaint = soon(() => this.paint());
    selectable(this.ruler, (part) => scale.time(part));
    navigable(this.canvas, () => this.canvas.getBoundingClientRect());
    this.canvas.addEventListener("click", (event) => {
      const box = this.hit(event);
      if (box) choose(box.node);
    });
    this.canvas.addEventListener("mousemove", (event) => this.hover(event));
    this.canvas.addEventListener("mouseleave", (event) => tip(event));
    this.scroller.addEventListener("scroll", this.repaint, { passive: true });
    new ResizeObserver(this.repaint).observe(place);
    on("opened", () => {
      this.boxes = null;
    });
    on("tab", this.repaint);
    on("scaled", this.repaint);
    on("theme", this.repaint);
    on("chosen", () => this.reveal());
    this.mode(false);
  },

  mode(merged) {
    this.merged = merged;
    this.boxes = null;
    this.modes.forEach((one, at) => one.setAttribute("aria-pressed", (at === 1) === merged));
    if (page.tree && page.tab === "flame") scale.reset();
  },

  // A box for each scope that has a time, in the lowest line below its parent's that is free.
  byTime(tree) {
    const ends = [];
    const lanes = new Map();
    const boxes = [];
    for (const node of tree.nodes) {
      let lane = node.parent ? (lanes.get(node.parent) ?? -1) + 1 : 0;
      if (node.start !== null) {
        while (ends[lane] > node.start) lane += 1;
        ends[lane] = Math.max(node.last, node.start);
        boxes.push({ node, lane, from: node.start, to: node.last, words: called(node) });
      }
      lanes.set(node, lane);
    }
    return boxes;
  },

  // One box for all scopes of one name below the same ones.
  asOne(tree) {
    const top = { children: new Map(), node: tree.nodes[0], own: 0, times: 0 };
    const places = new Map();
    for (const node of tree.nodes) {
      const above = node.parent ? places.get(node.parent) : top;
      const key = called(node);
      let frame = above.children.get(key);
      if (!frame) above.children.set(key, (frame = { children: new Map(), node, own: 0, times: 0, failed: 0, words: key }));
      frame.own += Math.max(0, node.self ?? 0) * 1e3;
      frame.times += 1;
      frame.failed += node.status === "failed" ? 1 : 0;
      places.set(node, frame);
    }
    const all = [...new Set(places.values())];
    for (const frame of all.toReversed()) {
      frame.sum = frame.own;
      for (const child of frame.children.values()) frame.sum += child.sum;
    }
    // What took no time at all shows as a line still.
    const boxes = [];
    const left = [[[...top.children.values()][0], 0, 0]];
    while (left.length) {
      const [frame, lane, from] = left.pop();
      boxes.push({ ...frame, lane, from, to: from + frame.sum });
      let at = from;
      for (const child of frame.children.values()) {
        left.push([child, lane + 1, at]);
        at += child.sum;
      }
    }
    return boxes;
  },

  layOut() {
    const { tree } = page;
    this.boxes = this.merged ? this.asOne(tree) : this.byTime(tree);
    this.lines = this.boxes.reduce((most, box) => Math.max(most, box.lane + 1), 1);
    this.byLine = Array.from({ length: this.lines }, () => []);
    for (const box of this.boxes) this.byLine[box.lane].push(box);
    for (const line of this.byLine) line.sort((a, b) => a.from - b.from);
    this.whole = this.merged ? Math.max(this.boxes[0]?.to ?? 0, 1e-6) : null;
    this.places = new Map(this.boxes.map((box) => [box.node, box]));
  },

  // Where a time is on the canvas. Merged boxes have no time, and the window is a part of all.
  x(time, width) {
    if (!this.merged) return scale.at(time) * width;
    const whole = scale.to - scale.from;
    return scale.at(scale.from + (time / this.whole) * whole) * width;
  },

  paint() {
    if (page.tab !== "flame" || !page.tree || byId("trace").hidden) return;
    if (!this.boxes) this.layOut();
    const width = this.scroller.clientWidth;
    const height = Math.max(this.scroller.clientHeight - 4, 40);
    // The canvas stays in sight, however high the flames are.
    const full = this.lines * HIGH + 4;
    this.scroller.style.setProperty("--full", Math.max(full, height) + "px");
    const top = this.scroller.scrollTop;
    const context = sized(this.canvas, width, height);
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    const first = Math.floor(top / HIGH);
    const past = Math.min(this.lines, Math.ceil((top + height) / HIGH));
    for (let line = first; line < past; line += 1) this.paintLine(context, line, line * HIGH - top, width);
    this.paintRuler(width);
    this.said.textContent = this.boxes.length === 0 ? "No scope of this request has a time." : this.merged ? `${duration(this.whole / 1e3)} of work, ${count(this.boxes.length, "box", "boxes")}` : "";
  },

  paintLine(context, line, y, width) {
    const { tree } = page;
    let past = -1;
    for (const box of this.byLine[line]) {
      const left = Math.max(0, this.x(box.from, width));
      const right = Math.min(width, this.x(box.to, width));
      // Boxes smaller than what has been drawn already would not be seen.
      if (right < 0 || left > width || (right - left < 0.3 && left < past)) continue;
      const wide = Math.max(0.8, right - left - 0.7);
      past = left + wide;
      context.fillStyle = colours.get("p" + tree.colour(box.node.runsIn));
      context.globalAlpha = box.node.flags.includes("inferred") || (box.node.open && !this.merged) ? 0.6 : 1;
      context.fillRect(left, y, wide, HIGH - 2);
      context.globalAlpha = 1;
      if (this.merged ? box.failed > 0 : box.node.status === "failed") {
        context.fillStyle = colours.get("bad");
        context.fillRect(left, y + HIGH - 5, wide, 3);
      }
      if (wide > 26) {
        context.fillStyle = colours.get("on-bar");
        const mark = box.node.status === "succeeded" || this.merged ? "" : MARKS[box.node.status] + " ";
        const times = this.merged && box.times > 1 ? ` × ${box.times}` : "";
        context.fillText(fitted(context, mark + safe(box.words) + times, wide - 8), left + 4, y + HIGH / 2 - 1);
      }
      if (box.node === page.node) {
        context.strokeStyle = colours.get("fg");
        context.lineWidth = 2;
        context.strokeRect(left + 1, y + 1, Math.max(1, wide - 2), HIGH - 4);
      }
    }
  },

  paintRuler(width) {
    const { ticks, step } = scale.ticks(width / 90);
    const mark = (time) => {
      const element = el("span", {}, (1 - scale.at(time)) * width > 46 && scale.words(time, step));
      element.style.left = scale.at(time) * 100 + "%";
      return element;
    };
    fill(this.ticks, !this.merged && page.tree.timed && ticks.map(mark));
  },

  hit(event) {
    if (!this.boxes) return null;
    const box = this.canvas.getBoundingClientRect();
    const line = Math.floor((event.clientY - box.top + this.scroller.scrollTop) / HIGH);
    const at = event.clientX - box.left;
    return this.byLine[line]?.findLast((one) => this.x(one.from, box.width) <= at + 1 && this.x(one.to, box.width) >= at - 1) ?? null;
  },

  hover(event) {
    const box = this.hit(event);
    if (!box) return tip(event);
    const { node } = box;
    const facts = this.merged
      ? `${count(box.times, "scope")}, ${duration(box.sum / 1e3)}, of which ${duration(box.own / 1e3)} themselves`
      : [node.status, node.took === null ? "" : duration(node.took), node.self === null ? "" : "self " + duration(node.self), node.runsIn ?? ""].filter(Boolean).join(" · ");
    tip(event, el("b", {}, box.words), el("br"), facts);
  },

  reveal() {
    if (page.tab !== "flame") return;
    if (!this.boxes) this.layOut();
    if (!this.merged) scale.reveal(page.node);
    const box = this.places.get(page.node);
    if (box) {
      const top = box.lane * HIGH;
      const view = this.scroller.clientHeight;
      if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
      else if (top + HIGH > this.scroller.scrollTop + view) this.scroller.scrollTop = top + 2 * HIGH - view;
    }
    this.repaint();
  },

  // The scope that an arrow leads to.
  move(way) {
    const { node } = page;
    const siblings = node.parent?.children ?? [node];
    const at = siblings.indexOf(node);
    const to = { up: node.parent, down: node.children[0], left: siblings[at - 1], right: siblings[at + 1] }[way];
    if (!to) return;
    choose(to);
    say(`${called(to)}, ${to.status}, ${duration(to.took)}`);
  },
};

// Text cut to a width, by halves.
function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let [low, high] = [0, Math.min(text.length, 400)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(text.slice(0, middle) + "…").width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? text.slice(0, low) + "…" : "";
}
