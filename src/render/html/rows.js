// A list of any length of which only the rows in sight are elements.

// Browsers stop at about 33 million pixels; lists that would be higher are scrolled in
// larger steps.
const HIGHEST = 15_000_000;

class Rows {
  // `scroller` scrolls, rows are `height` pixels high; `draw(row, index)` fills the element
  // of a row, `choose(index)` is called when one is chosen, by mouse or key.
  constructor(scroller, { height, draw, choose, role = "option", over = 6 }) {
    Object.assign(this, { scroller, height, draw, choose, over });
    this.count = 0;
    this.current = -1;
    this.pool = [];
    // What is drawn is drawn again when this has changed.
    this.version = 0;
    this.sizer = scroller.appendChild(el("div", { class: "sizer", role: "presentation" }));
    this.role = role;
    this.refresh = soon(() => this.paint());
    scroller.addEventListener("scroll", () => this.paint(), { passive: true });
    scroller.addEventListener("click", (event) => {
      const row = event.target.closest?.(".row");
      // What is seen there until the next frame may be another list's.
      const isCurrent = row?.drawn?.startsWith(this.version + " ");
      if (isCurrent && row.parentElement === this.sizer) this.choose(Number(row.dataset.index), event);
    });
    new ResizeObserver(this.refresh).observe(scroller);
  }

  // There are so many rows now: others, or, if `isMore`, those that were there and more below them.
  set(count, current = -1, isMore = false) {
    this.count = count;
    this.current = current;
    this.full = count * this.height;
    this.sizer.style.height = Math.min(this.full, HIGHEST) + "px";
    if (isMore) this.refresh();
    else this.redraw();
  }

  // How many rows there is room for.
  get room() {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.height));
  }

  // Pixels of the list above the first row in sight.
  get top() {
    if (this.full <= HIGHEST) return this.scroller.scrollTop;
    const view = this.scroller.clientHeight;
    return (this.scroller.scrollTop / (HIGHEST - view)) * (this.full - view);
  }

  scrollTo(top) {
    const view = this.scroller.clientHeight;
    const most = Math.max(0, this.full - view);
    const to = Math.max(0, Math.min(top, most));
    this.scroller.scrollTop = this.full <= HIGHEST ? to : (to / most) * (HIGHEST - view);
  }

  // Makes a row the current one and brings it into sight.
  select(index, centre = false) {
    this.current = index;
    if (index >= 0) {
      const top = index * this.height;
      const view = this.scroller.clientHeight;
      if (centre || top < this.top - view || top > this.top + 2 * view) this.scrollTo(top - (view - this.height) / 2);
      else if (top < this.top) this.scrollTo(top);
      else if (top + this.height > this.top + view) this.scrollTo(top + this.height - view);
    }
    this.paint();
  }

  // Draws all rows in sight anew before the next frame.
  redraw() {
    this.version += 1;
    this.refresh();
  }

  // Draws the rows that have come into sight. A row keeps its element as long as it is in
  // sight, so that scrolling by a little draws little.
  paint() {
    const view = this.scroller.clientHeight;
    if (view === 0) return;
    const top = this.top;
    const most = Math.ceil(view / this.height) + 2 * this.over + 1;
    if (this.pool.length < most) {
      while (this.pool.length < most) this.pool.push(this.sizer.appendChild(el("div", { class: "row", role: this.role })));
      this.version += 1;
    }
    const size = this.pool.length;
    const first = Math.max(0, Math.min(this.count, Math.floor(top / this.height) - this.over));
    const past = Math.min(this.count, first + size);
    // Where steps are larger than pixels, rows stand where they are seen.
    const shift = this.full <= HIGHEST ? 0 : this.scroller.scrollTop - top;
    let active = null;
    for (let index = first; index < first + size; index += 1) {
      const row = this.pool[index % size];
      row.hidden = index >= past;
      if (row.hidden) {
        row.drawn = null;
        continue;
      }
      const current = index === this.current;
      if (shift || row.index !== index) row.style.transform = `translateY(${index * this.height + shift}px)`;
      row.index = index;
      if (row.of !== this.count) row.setAttribute("aria-setsize", (row.of = this.count));
      const drawn = `${this.version} ${index} ${current}`;
      if (row.drawn !== drawn) {
        row.drawn = drawn;
        row.dataset.index = index;
        row.id = this.scroller.id + "-" + index;
        row.setAttribute("aria-posinset", index + 1);
        row.setAttribute("aria-selected", current);
        row.className = current ? "row current" : "row";
        this.draw(row, index);
      }
      if (current) active = row.id;
    }
    if (active) this.scroller.setAttribute("aria-activedescendant", active);
    else this.scroller.removeAttribute("aria-activedescendant");
  }

  // The row that a key leads to, or -1.
  next(key) {
    const from = this.current;
    const last = this.count - 1;
    const to = {
      down: from + 1, up: from < 0 ? 0 : from - 1, pagedown: from + this.room - 1, pageup: from - this.room + 1,
      first: 0, last,
    }[key];
    return to === undefined || last < 0 ? -1 : Math.max(0, Math.min(last, to));
  }
}
