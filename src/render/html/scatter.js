// All requests at one look: when each began, how long it took (each step up is ten times as
// long), and how it ended. What the filters leave out is faint.

const scatter = {
  // Places of what can be clicked.
  dots: [],

  draw(chosen, current) {
    const canvas = byId("scatter");
    const width = canvas.parentElement.clientWidth;
    const height = 84;
    const timed = store.trees.filter((entry) => entry.start !== null && entry.took !== null);
    canvas.hidden = timed.length < 2 || width < 60;
    if (canvas.hidden) return;
    const context = sized(canvas, width, height);
    let [early, late, least, most] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { start, took } of timed) {
      early = Math.min(early, start);
      late = Math.max(late, start);
      least = Math.min(least, Math.max(took, 1e-6));
      most = Math.max(most, took);
    }
    const [low, high] = [Math.floor(Math.log10(least)), Math.max(Math.ceil(Math.log10(Math.max(most, 1e-6))), Math.floor(Math.log10(least)) + 1)];
    const left = 40;
    const x = (start) => left + ((start - early) / Math.max(1, late - early)) * (width - left - 10);
    this.time = (at) => early + ((at - left) / (width - left - 10)) * Math.max(1, late - early);
    const y = (took) => height - 16 - ((Math.log10(Math.max(took, 1e-6)) - low) / (high - low)) * (height - 24);
    this.grid(context, { width, height, left, low, high, y, early, late });
    const wanted = new Set(chosen);
    this.dots = [];
    for (const pass of [false, true]) {
      for (const entry of timed) {
        if (wanted.has(entry) !== pass) continue;
        const failed = entry.status === "failed";
        context.globalAlpha = pass ? 0.75 : 0.12;
        context.fillStyle = colours.get(failed ? "bad" : entry.status === "succeeded" ? "dot" : "caution");
        const [cx, cy] = [x(entry.start), y(entry.took)];
        const size = failed ? 4 : 3;
        context.fillRect(cx - size / 2, cy - size / 2, size, size);
        if (pass) this.dots.push([cx, cy, entry]);
      }
    }
    context.globalAlpha = 1;
    if (filter.since !== null) this.shade(context, x(filter.since), x(filter.until), height);
    if (current && current.start !== null && current.took !== null) {
      context.strokeStyle = colours.get("fg");
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x(current.start), y(current.took), 5, 0, 7);
      context.stroke();
    }
  },

  grid(context, { width, height, left, low, high, y, early, late }) {
    context.font = "10px system-ui, sans-serif";
    context.fillStyle = colours.get("dim");
    context.strokeStyle = colours.get("line");
    const step = Math.ceil((high - low) / 4);
    for (let power = low; power <= high; power += step) {
      const at = Math.round(y(10 ** power)) + 0.5;
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(width - 6, at);
      context.stroke();
      context.textAlign = "right";
      context.fillText(duration(10 ** power).replace(".00", "").replace(".0", ""), left - 6, at + 3);
    }
    context.textAlign = "left";
    context.fillText(moment(early).slice(0, 19), left, height - 3);
    context.textAlign = "right";
    if (width > 330) context.fillText(moment(late).slice(0, 19), width - 6, height - 3);
  },

  // What is outside of a stretch of time is veiled.
  shade(context, from, to, height) {
    context.fillStyle = colours.get("veil");
    context.fillRect(0, 0, from, height);
    context.fillRect(to, 0, context.canvas.width, height);
    context.fillStyle = colours.get("accent");
    context.fillRect(from - 1, 0, 1, height);
    context.fillRect(to, 0, 1, height);
  },

  // Dragging chooses a stretch of time, and a click a request.
  drag(canvas) {
    let start = null;
    const at = (event) => event.clientX - canvas.getBoundingClientRect().left;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = at(event);
      this.dragged = false;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (start === null || Math.abs(at(event) - start) < 4) return;
      this.dragged = true;
      const [from, to] = [start, at(event)].sort((a, b) => a - b);
      Object.assign(filter, { since: this.time(from), until: this.time(to) });
      list.update();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (start = null));
  },

  // The entry whose dot is nearest to the pointer.
  at(event) {
    const box = byId("scatter").getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let least = 14 ** 2;
    for (const [x, y, entry] of this.dots) {
      const far = (x - px) ** 2 + (y - py) ** 2;
      if (far < least) [least, best] = [far, entry];
    }
    return best;
  },

  begin() {
    const canvas = byId("scatter");
    this.drag(canvas);
    canvas.addEventListener("click", (event) => {
      const entry = this.dragged ? null : this.at(event);
      this.dragged = false;
      if (entry) open(entry);
    });
    canvas.addEventListener("mousemove", (event) => {
      const entry = this.at(event);
      canvas.classList.toggle("hit", entry !== null);
      if (entry) tip(event, el("b", {}, entry.name || entry.id), ` ${entry.status}, ${duration(entry.took)}, ${moment(entry.start)}`);
      else tip(event);
    });
    canvas.addEventListener("mouseleave", (event) => tip(event));
  },
};
