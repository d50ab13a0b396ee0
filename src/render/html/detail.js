// What is known of the chosen scope or record, and what the signs at it mean.

const detail = {
  begin() {
    on("chosen", () => this.show());
    on("opened", () => this.show());
  },

  show() {
    const { tree, node, record } = page;
    if (!tree || !node) return;
    const place = byId("detail");
    fill(place, record ? this.record(tree, record) : this.node(tree, node));
    place.scrollTop = 0;
  },

  record(tree, record) {
    const node = record.node;
    const back = el("button", { type: "button", class: "link", onclick: () => choose(node) }, called(node));
    return recordView(record, [
      ["in", back],
      ["time", record.time === null ? "not known" : moment(tree.time(record.time), 6)],
      ["since start", record.time !== null && duration(record.time / 1e3)],
      ["process", record.writer || node.runsIn],
    ]);
  },

  node(tree, node) {
    const critical = node.stretches.reduce((sum, [from, to]) => sum + to - from, 0) / 1e3;
    const whole = tree.to - tree.from;
    const percent = (seconds) => (seconds * 1e5) / whole;
    const part = (seconds) => (seconds > 0 ? ` · ${percent(seconds) < 1 ? "< 1" : Math.round(percent(seconds))} % of the request` : "");
    const host = node.host !== (node.parent?.host ?? null) || !node.parent;
    const writers = new Set(tree.recordsIn(node).map((record) => record.writer).filter(Boolean));
    const facts = [
      ["duration", node.took === null ? (node.status === "running" ? "running" : "not known") : duration(node.took) + part(node.took)],
      ["self", node.self !== null && duration(node.self) + part(node.self)],
      ["critical", node.stretches.length > 0 && duration(critical) + part(critical)],
      ["start", node.start === null ? "not known" : moment(tree.time(node.start), 6)],
      ["since start", node.start !== null && duration(node.start / 1e3)],
      ["end", node.end !== null && moment(tree.time(node.end), 6)],
      ["process", node.runsIn && [node.runsIn, node.hop && node.parent ? ` (from ${node.parent.runsIn ?? "elsewhere"})` : ""]],
      ["written by", writers.size > 1 && [...writers].join(", ")],
      ["host", host && (node.host ?? "not known")],
      ["one of", node.run && runWords(node.run)],
      ["place", node.id],
      ["scheme", node.scheme],
      ["clock moved", node.adjusted && duration(node.adjusted)],
    ].map(([word, value]) => [word, ...[value].flat()]);
    return [
      el("h2", {}, el("span", { class: "mark " + node.status }, MARKS[node.status] ?? "·"), " " + called(node)),
      node.exception !== null && lines(node.exception, "exception"),
      this.signs(node),
      factsOf(facts),
      this.records(tree, node),
    ];
  },

  // The status and what is odd, each with what it means.
  signs(node) {
    const odd = oddities(node);
    if (node.open && node.start !== null && node.status !== "unknown") odd.push("open_end");
    if (node.concurrent) odd.push("concurrent");
    const status = node.status === "succeeded" || node.status === "failed" ? [] : [[node.status, STATUS_WORDS[node.status] ?? ""]];
    const all = [...status, ...odd.map((flag) => FLAGS[flag])];
    return all.length > 0 && el("ul", { class: "signs" }, all.map(([word, meaning]) => el("li", {}, el("b", {}, word), " " + meaning)));
  },

  records(tree, node) {
    const own = tree.recordsIn(node);
    if (own.length === 0) return el("p", { class: "note" }, "No records of its own.");
    const item = (record) =>
      el(
        "button",
        { type: "button", class: "one", onclick: () => choose(node, record), title: "Show its fields" },
        el("span", { class: "time" }, record.time === null ? "" : "+" + duration(record.time / 1e3)),
        levelSign(record.level),
        el("span", { class: "message" }, record.message || "(no message)"),
      );
    const first = own.slice(0, 200).map(item);
    if (own.length > 200) first.push(later(`${own.length - 200} more`, () => own.slice(200).map(item)));
    return [el("h3", {}, count(own.length, "record")), el("div", { class: "ones" }, first)];
  },
};
