// Elements made of text and nothing else: every string that comes here becomes a text node
// or an attribute of those below, after it has been made safe to look at.

const byId = (id) => document.getElementById(id);

const ATTRIBUTES = new Set(["class", "title", "role", "id", "type", "tabindex", "for", "value", "scope"]);

// An element with attributes, listeners (`onclick` is a function) and children: elements,
// strings, or nothing.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name.startsWith("aria-") || name.startsWith("data-") || ATTRIBUTES.has(name)) {
      element.setAttribute(name, safe(value));
    } else throw new Error("no attribute of ours: " + name);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : safe(child));
  }
}

function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

// Text of several lines, as it stands.
function lines(text, className) {
  const element = el("pre", { class: className });
  element.textContent = safeLines(text);
  return element;
}

// A button with words and, if it has one, its key.
function button(words, key, title, onclick) {
  return el("button", { type: "button", title, onclick }, words, key && el("kbd", {}, key));
}

// Says something to who cannot see the page.
function say(words) {
  byId("said").textContent = safe(words);
}

// Runs a function before the next frame, once, however often it was asked for.
function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}

// Colours for canvases, which do not know those of the style sheet.
const colours = {
  known: new Map(),
  probe: null,
  get(name) {
    let colour = this.known.get(name);
    if (!colour) {
      this.probe ??= document.body.appendChild(el("span", { class: "unseen", "aria-hidden": "true" }));
      this.probe.style.color = `var(--${name})`;
      colour = getComputedStyle(this.probe).color;
      this.known.set(name, colour);
    }
    return colour;
  },
};

// A canvas as large as its place, in the pixels of the screen; returns what draws on it.
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.clearRect(0, 0, width, height);
  return context;
}

// A note beside the pointer.
function tip(event, ...children) {
  const box = byId("tip");
  box.hidden = children.length === 0;
  if (box.hidden) return;
  fill(box, ...children);
  const { width, height } = box.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, innerWidth - width - 8);
  const below = event.clientY + 18 + height < innerHeight;
  box.style.left = Math.max(4, left) + "px";
  box.style.top = (below ? event.clientY + 16 : event.clientY - height - 10) + "px";
}

// Who listens to what happens on the page.
const listeners = new Map();
function on(what, listener) {
  listeners.set(what, [...(listeners.get(what) ?? []), listener]);
}
function tell(what, ...with_) {
  for (const listener of listeners.get(what) ?? []) listener(...with_);
}
