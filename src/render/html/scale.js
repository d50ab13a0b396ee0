// Which part of the request's time is in sight: one window for the waterfall and the flames.

const scale = {
  // All of it, and the window, in milliseconds behind the start of the tree.
  from: 0,
  to: 1,
  left: 0,
  right: 1,

  set(tree) {
    Object.assign(this, { from: tree.from, to: tree.to, left: tree.from, right: tree.to });
  },

  get span() {
    return this.right - this.left;
  },

  get zoomed() {
    return this.left > this.from || this.right < this.to;
  },

  // Where a time stands in the window: 0 is its left edge, 1 its right one.
  at(time) {
    return (time - this.left) / this.span;
  },

  time(part) {
    return this.left + part * this.span;
  },

  window(left, right) {
    const whole = this.to - this.from;
    // Times are known to the nanosecond; less than that has nothing to show.
    const span = Math.min(whole, Math.max(right - left, 1e-5));
    this.left = Math.min(Math.max(left, this.from), this.to - span);
    this.right = this.left + span;
    tell("scaled");
  },

  // Shows `factor` times as much, with the time at `part` of the window where it is.
  zoom(factor, part = 0.5) {
    const time = this.time(part);
    const span = Math.min(this.to - this.from, this.span * factor);
    this.window(time - part * span, time - part * span + span);
  },

  pan(part) {
    const by = this.span * part;
    this.window(this.left + by, this.right + by);
  },

  reset() {
    this.window(this.from, this.to);
  },

  // Shows a node with a little room around it.
  show(node) {
    if (node.start === null) return;
    const room = Math.max((node.last - node.start) * 0.05, 1e-4);
    this.window(node.start - room, node.last + room);
  },

  // Makes sure that something of a node is in the window.
  reveal(node) {
    if (node.start === null || !this.zoomed) return;
    if (node.start < this.right && node.last > this.left) return;
    this.window(node.start - this.span * 0.1, node.start + this.span * 0.9);
  },

  // Round times in the window, at most about `most` of them.
  ticks(most) {
    const rough = this.span / Math.max(1, most);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 5].find((one) => one * power >= rough) ?? 10);
    const ticks = [];
    for (let at = Math.ceil(this.left / step - 1e-9) * step; at <= this.right && ticks.length < 40; at += step) ticks.push(at);
    return { ticks, step };
  },

  // A tick's time, with as many digits as neighbours need to differ.
  words(ms, step) {
    if (Math.abs(ms) < step / 2) return "0";
    const [unit, size] = this.to - this.from >= 1000 ? ["s", 1e3] : this.to - this.from >= 1 ? ["ms", 1] : ["µs", 1e-3];
    const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
    return (ms / size).toFixed(Math.min(9, digits)) + unit;
  },
};

// Wheel and drag on an element that shows the window: the wheel with Ctrl (or a pinch)
// zooms, with Shift or sideways it pans; dragging pans. `edges()` are the left edge and the
// width of the part that is time.
function navigable(element, edges) {
  const part = (event) => {
    const { left, width } = edges();
    return (event.clientX - left) / Math.max(1, width);
  };
  element.addEventListener(
    "wheel",
    (event) => {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey || event.metaKey || event.altKey) {
        event.preventDefault();
        scale.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), Math.max(0, Math.min(1, part(event))));
      } else if (sideways && Math.abs(sideways) >= Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        event.preventDefault();
        scale.pan(sideways / Math.max(1, edges().width));
      }
    },
    { passive: false },
  );
  let held = null;
  element.addEventListener("pointerdown", (event) => {
    const at = part(event);
    if (event.button !== 0 || at < 0 || at > 1 || !scale.zoomed) return;
    held = { x: event.clientX, left: scale.left, moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    if (!held) return;
    const by = event.clientX - held.x;
    if (!held.moved && Math.abs(by) < 4) return;
    held.moved = true;
    element.setPointerCapture(event.pointerId);
    const left = held.left - (by / Math.max(1, edges().width)) * scale.span;
    scale.window(left, left + scale.span);
  });
  const release = () => (held = null);
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);
  element.addEventListener("dblclick", (event) => {
    const at = part(event);
    if (at >= 0 && at <= 1) scale.reset();
  });
}

// A strip on which dragging chooses a window.
function selectable(element, toTime) {
  let start = null;
  const mark = element.appendChild(el("span", { class: "chosen" }));
  const place = (event) => {
    const box = element.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = place(event);
    element.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  element.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const now = place(event);
    mark.style.left = Math.min(start, now) * 100 + "%";
    mark.style.width = Math.abs(now - start) * 100 + "%";
    mark.classList.add("on");
  });
  element.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [one, other] = [start, place(event)].sort((a, b) => a - b);
    start = null;
    mark.classList.remove("on");
    if (other - one > 0.004) scale.window(toTime(one), toTime(other));
  });
  element.addEventListener("dblclick", () => scale.reset());
}
