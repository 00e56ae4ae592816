// Points of a map on a canvas, with names, pictures and numbers over them, and every way of moving it.
// Positions are [x, y], in units of the map or in pixels of the frame. What is chosen goes into the
// address, and Python answers with what follows from it.

// Colours by code, the lowest first: those of numbers, and of categories, of which the rest share one.
const STEPS = [0, 1, 2, 3, 4].map((step) => `shade-${step}`);
const HUES = ["hue-rest", ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hue) => `hue-${hue}`)];
const SIZES = { museum: 10, room: 6, view: 3.5 }; // of a point, pixels
const LARGEST = 13;
const [SOLID, FADED] = [0.88, 0.22]; // opacity of a point
const CLOSEST = 0.02; // units across
const ZOOM = 1.6;
const STEP = 0.25; // of what is in sight, for an arrow key
const SETTLED_MS = 250;
const [HOVER_MS, HIDE_MS] = [90, 280];
const REACH = { mouse: 12, touch: 24, pen: 18 }; // pixels from a point to count as on it
const TAP = 6; // pixels that a finger or mouse may move in a click
const PICTURES = 40; // points in sight at most, for their pictures to show
const PICTURE = [72, 54]; // pixels
const DESCRIPTIONS = 600; // shown at once
const BADGE = 10.5; // radius of a result's number
const MAX_VERTICES = 60; // of a lasso in an address
const root = element.closest(".page") || element;
const frame = element.querySelector(".map-frame");
const canvas = frame.querySelector("canvas");
const over = frame.querySelector(".map-over");
const card = frame.querySelector(".map-card");
const context = canvas.getContext("2d");
const pointers = new Map(); // where each finger or button is that is down, pixels
const timers = {};
let known = new Map(); // what Python said of points of the address, by point
let address = "?"; // that of value, with what is in sight
let noted = "?"; // and as the page has it
let value = {}; // see embedding_map.py
let data = null; // the points of value.source
let groups = []; // { name of a colour, opacity, points }, in the order of drawing
let view = null; // the middle of what is in sight, and pixels a unit
let [width, height] = [0, 0];
let hovered = null; // a point
let trace = null; // a lasso on its way, pixels
let moved = false; // whether what is pressed is more than a click
let touched = false; // whether the visitor has moved the map since it was drawn

const later = (name, milliseconds, action) => {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(action, milliseconds);
};
const place = (x, y) => [width / 2 + (x - view.x) * view.unit, height / 2 - (y - view.y) * view.unit];
const back = ([px, py]) => [view.x + (px - width / 2) / view.unit, view.y - (py - height / 2) / view.unit];
const placeOf = (i, xy = data.xy) => place(xy[2 * i], xy[2 * i + 1]);
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const floats = (text) => new Float32Array(bytes(text).buffer);
const pairs = (points) => points.map((pair) => pair.map((one) => Number(one.toFixed(3))).join(",")).join(";");

// ---- data ----

async function take() {
  if (!props.value || !frame.clientWidth) return; // once its page is on screen
  const before = value;
  value = props.value;
  address = noted = value.address;
  known = new Map();
  touched = false;
  if (before.source !== value.source) {
    data = view = null;
    const raw = await (await fetch(value.source)).json();
    if (raw.level === value.level) data = { ...raw, xy: floats(raw.xy), texts: floats(raw.texts) };
  }
  if (!data) return; // another level was asked for meanwhile
  hide();
  measure();
  if (!view || differs(value.zoom, sightText())) view = fitted(value.box || data.box);
  arrange();
  draw();
  later("settle", SETTLED_MS, settle);
  frame.querySelector(".map-wait").hidden = true;
  Object.assign(frame.dataset, { level: value.level, ringed: value.focus.length });
  frame.dataset.drawn = Math.round(performance.now());
}

function start() {
  take().catch((error) => {
    console.warn(error);
    frame.querySelector(".map-wait").textContent = "The map could not be drawn. Please reload the page.";
  });
}

// Colours of the custom properties `--hue-0` …, in the theme that is on.
function colour(name) {
  frame.style.caretColor = `var(--${name})`;
  return getComputedStyle(frame).caretColor;
}

// Points that stand back first; then frequent categories below rare ones, and high numbers on top.
function arrange() {
  const codes = bytes(value.shades || data.hues[value.color]);
  const front = value.front && bytes(value.front);
  const names = value.shades ? STEPS : HUES;
  groups = ["hue-rest", ...names].map((name) => ({ name, opacity: SOLID, points: [] }));
  groups[0].opacity = FADED;
  for (let i = 0; i < data.count; i++) {
    const stays = !front || (front[i >> 3] >> (i & 7)) & 1;
    groups[stays ? 1 + ((codes[i] + (value.shades ? 0 : 1)) % names.length) : 0].points.push(i);
  }
}

// ---- what is in sight ----

// The smallest part of the map of the frame's proportions that holds a box.
function fitted([x0, y0, x1, y1]) {
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, unit: Math.min(width / (x1 - x0), height / (y1 - y0)) };
}

// By more than two pixels.
function differs(one, other) {
  const [a, b] = [one, other].map((text) => text.split(/[,;]/));
  return a.length !== b.length || a.some((number, i) => Math.abs(number - b[i]) > 2 / view.unit);
}

// For the address: empty for the whole map.
function sightText() {
  const corners = ({ x, y, unit }) =>
    pairs([[x - width / 2 / unit, y - height / 2 / unit], [x + width / 2 / unit, y + height / 2 / unit]]);
  return corners(view) === corners(fitted(data.box)) ? "" : corners(view);
}

function measure() {
  const before = width;
  [width, height] = [frame.clientWidth, frame.clientHeight];
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  if (view && before) view.unit *= width / before;
}

// What was held at some pixels (of one finger, or of two) is at others now.
function follow(before, after) {
  const apart = ([a, b]) => (b ? Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1) : 1);
  const middle = ([a, b = a]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const held = back(middle(before));
  view.unit = Math.min(view.unit * (apart(after) / apart(before)), width / CLOSEST);
  const now = back(middle(after));
  view.x += held[0] - now[0];
  view.y += held[1] - now[1];
  turned();
}

function zoomBy(factor, [x, y] = [width / 2, height / 2]) {
  follow([[x - 1, y], [x + 1, y]], [[x - factor, y], [x + factor, y]]);
}

function showAll() {
  view = fitted(data.box);
  turned();
}

function turned() {
  touched = true;
  hide();
  requestAnimationFrame(draw);
  later("settle", SETTLED_MS, settle);
}

// The map stands still: note where, and ask for the pictures of a few points.
async function settle() {
  if (!view) return; // another level is on its way
  if (touched || differs(value.zoom, sightText())) note(); // a frame of other proportions shows more
  if (seen.length > PICTURES) return;
  await describe(seen);
  requestAnimationFrame(draw);
}

function changed(changes) {
  const fields = new URLSearchParams(address);
  const now = touched ? { zoom: sightText(), ...changes } : changes;
  Object.entries(now).forEach(([name, text]) => (text ? fields.set(`on.${name}`, text) : fields.delete(`on.${name}`)));
  return `?${fields}`;
}

function note() {
  touched = true;
  address = changed({});
  if (window.hicalm?.address() === noted) window.hicalm.note(address); // else the page was left
  noted = address;
  trigger("moved", { address });
}

async function describe(points) {
  const [asked, into] = [points.filter((i) => !known.has(i)), known];
  if (!asked.length) return;
  const found = await server.describe_points({ address, points: asked });
  found.forEach((one) => into.set(one.index, one));
}

// ---- what the pointer is on ----

// What lies on top first, a result's number or a picture; else the nearest point.
function hit([x, y], reach) {
  const number = badges.find(({ at }) => Math.hypot(at[0] - x, at[1] - y) < BADGE);
  const [w, h] = PICTURE;
  const inPicture = ([px, py]) => Math.abs(px - x) < w / 2 && Math.abs(py - y) < h / 2;
  const onTop = number?.index ?? pictured.find((i) => inPicture(placeOf(i)));
  if (onTop !== undefined) return onTop;
  let [nearest, shortest] = [null, reach];
  seen.forEach((i) => {
    const [px, py] = placeOf(i);
    const far = Math.hypot(px - x, py - y);
    if (far < shortest) [nearest, shortest] = [i, far];
  });
  return nearest;
}

async function show(index) {
  if (hovered === index && !card.hidden) return;
  hovered = index;
  draw();
  await describe([index]);
  const point = known.get(index);
  if (hovered !== index || !point) return;
  card.innerHTML = point.card;
  card.hidden = false;
  const [x, y] = badges.find((one) => one.index === index)?.at || placeOf(index);
  const [w, h] = [card.offsetWidth, card.offsetHeight];
  const left = x + 18 + w < width ? x + 18 : Math.max(4, x - 18 - w);
  const top = Math.min(Math.max(4, y - h / 2), Math.max(4, height - h - 4));
  Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
}

function hide() {
  clearTimeout(timers.hover);
  card.hidden = true;
  if (hovered === null) return;
  hovered = null;
  requestAnimationFrame(draw);
}

async function open(index) {
  await describe([index]);
  if (known.has(index)) window.hicalm.follow(known.get(index).open, true);
}

const at = (event) => {
  const box = frame.getBoundingClientRect();
  return [event.clientX - box.left - frame.clientLeft, event.clientY - box.top - frame.clientTop];
};
const under = (event) => hit(at(event), REACH[event.pointerType] || REACH.mouse);

function hover(event) {
  if (event.pointerType === "touch" || event.buttons || frame.dataset.mode !== "pan") return;
  clearTimeout(timers.hover);
  if (card.contains(event.target)) return;
  const found = event.target === canvas ? under(event) : null;
  frame.classList.toggle("on-point", found !== null);
  if (found === null) later("hover", HIDE_MS, hide);
  else later("hover", HOVER_MS, () => show(found));
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button || !view) return;
  canvas.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, at(event));
  moved = pointers.size > 1;
  trace = frame.dataset.mode !== "pan" && !moved ? [at(event)] : null;
});
canvas.addEventListener("pointermove", (event) => {
  const before = [...pointers.values()];
  const held = pointers.get(event.pointerId);
  if (!held) return;
  const now = at(event);
  if (!moved && !trace && Math.hypot(now[0] - held[0], now[1] - held[1]) < TAP) return;
  moved = true;
  pointers.set(event.pointerId, now);
  if (!trace) follow(before.slice(0, 2), [...pointers.values()].slice(0, 2));
  else {
    const [from] = trace;
    if (frame.dataset.mode === "lasso") trace.push(now);
    else trace = [from, [now[0], from[1]], now, [from[0], now[1]]];
    requestAnimationFrame(draw);
  }
});
canvas.addEventListener("pointerup", (event) => {
  if (!pointers.has(event.pointerId)) return;
  const drawn = trace;
  release(); // of two fingers the one that is left drags nothing
  if (drawn) choose(drawn);
  if (drawn || moved) return;
  const found = under(event);
  if (found === null) hide();
  else if (event.pointerType === "touch") show(found);
  else open(found);
});

function release() {
  pointers.clear();
  trace = null;
}

// A polygon in pixels; one of fewer than three corners takes the lasso back.
function choose(polygon) {
  setMode("pan");
  const kept = polygon.filter((_, i) => i % Math.ceil(polygon.length / MAX_VERTICES) === 0);
  const lasso = kept.length < 3 ? "" : pairs(kept.map(back));
  window.hicalm.follow(changed({ lasso }), true);
}

function setMode(mode) {
  frame.dataset.mode = mode;
  hide();
  frame.querySelectorAll("[data-mode]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.mode === mode)));
}

const KEYS = {
  ArrowLeft: () => follow([[0, 0]], [[STEP * width, 0]]),
  ArrowRight: () => follow([[0, 0]], [[-STEP * width, 0]]),
  ArrowUp: () => follow([[0, 0]], [[0, STEP * height]]),
  ArrowDown: () => follow([[0, 0]], [[0, -STEP * height]]),
  "+": () => zoomBy(ZOOM),
  "=": () => zoomBy(ZOOM),
  "-": () => zoomBy(1 / ZOOM),
  0: showAll,
  Escape: hide,
};
frame.addEventListener("keydown", (event) => {
  if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey || !view || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
frame.addEventListener("click", (event) => {
  const { mode, zoom } = event.target.closest("button")?.dataset || {};
  if (mode) setMode(mode);
  if (!view) return;
  if (zoom === "all") showAll();
  else if (zoom) zoomBy(Number(zoom));
});
canvas.addEventListener("pointercancel", release);
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (view) zoomBy(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), at(event));
}, { passive: false });
frame.addEventListener("pointermove", hover);
frame.addEventListener("pointerleave", (event) => event.pointerType === "touch" || later("hover", HIDE_MS, hide));

// The point of an entry beside the map is ringed.
for (const name of ["mouseover", "focusin"]) {
  root.addEventListener(name, ({ target }) => {
    const entry = target.closest("li[data-point]");
    const index = entry && Number(entry.dataset.point);
    if (!data || element.contains(target) || index === hovered) return;
    hovered = index;
    draw();
  });
}

// Of the theme that is on.
new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
new ResizeObserver(() => {
  if (!frame.clientWidth) return; // its page was left
  if (props.value?.address !== value.address) start();
  measure();
  draw();
}).observe(frame);
watch("value", start);
start();
