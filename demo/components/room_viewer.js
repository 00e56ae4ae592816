// Looking round in a room. Its views are a scroll-snap strip that goes on all around: a copy of the
// last view stands before the first and one of the first after the last, and arriving at a copy jumps
// to the view itself, which looks the same. A word that is pointed at, focused or pressed dims the
// room but for the views, and the cells of the view on screen, that answer it.
const SETTLE_MS = 110; // without a scroll event for so long, the strip stands still
const PULL = 40; // pixels that the mouse moves to turn to the next view
const DARKEST = 0.6; // opacity of the dimming where nothing answers
const MIN_LIGHT = 0.35; // of a cell in a view that hardly answers
const STEPS = 4; // shades of the views' buttons beside the one of no answer
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const viewer = element.querySelector(".viewer");
let room = null; // what is on screen, see `draw`
let pinned = ""; // the key of the word that was pressed; kept from room to room
let passing = null; // the word under the pointer or in focus
let pull = null; // where the mouse took hold of the strip

function draw() {
  clearTimeout(room?.settled);
  sizes.disconnect();
  viewer.innerHTML = props.value || "";
  const strip = viewer.querySelector(".strip");
  passing = room = null;
  if (!strip) return;
  const all = (selector) => [...viewer.querySelectorAll(selector)];
  const figures = all(".strip figure");
  const views = figures.filter((figure) => !figure.ariaHidden);
  const said = viewer.querySelector(".evidence-said");
  const { museum, room: index, start } = viewer.querySelector(".room").dataset;
  room = {
    strip, figures, views, said, museum, index: Number(index), current: Number(start),
    ticks: all(".compass button"), words: all(".word"), plain: said?.textContent, maps: new Map(),
  };
  labelFullScreen();
  jump(views[room.current]);
  sizes.observe(strip);
  show(room.current);
}

// Turning

const sizes = new ResizeObserver(() => {
  if (isShown()) jump(room.views[room.current]);
  else if (isFull()) fillScreen(false); // its page was left
});
const isShown = () => viewer.checkVisibility();
const scrollOf = (figure) => figure.offsetLeft - (room.strip.clientWidth - figure.offsetWidth) / 2;

function jump(figure) {
  room.strip.classList.add("jumping"); // no smooth scrolling, no snapping meanwhile
  room.strip.scrollLeft = scrollOf(figure);
  room.strip.classList.toggle("jumping", Boolean(pull));
}

function show(index) {
  room.current = index;
  const figure = room.views[index];
  for (const view of room.figures) view.classList.toggle("current", Number(view.dataset.view) === index);
  room.ticks.forEach((tick, i) => tick.setAttribute("aria-pressed", String(i === index)));
  viewer.querySelector(".caption-text").textContent = figure.dataset.caption;
  viewer.querySelector(".more-like").setAttribute("href", figure.dataset.like);
  light();
}

// The address names the view that the visitor turned to, unless the museum was left meanwhile.
function turned(index) {
  show(index);
  const fields = new URLSearchParams(window.hicalm?.address());
  if (fields.get("museum") !== room.museum) return;
  fields.set("room", room.index + 1);
  fields.set("view", index + 1);
  window.hicalm.note(`?${fields}`);
}

function turn(step) {
  // What the last turn still has to settle comes first, or it would undo this one.
  clearTimeout(room.settled);
  home(nearest());
  const { strip, figures, views } = room;
  const target = room.current + step;
  const figure = figures[figures.indexOf(views[room.current]) + step];
  if (figure) strip.scrollTo({ left: scrollOf(figure), behavior: STILL.matches ? "instant" : "smooth" });
  turned((target + views.length) % views.length);
  settleSoon();
}

function nearest() {
  const distance = (figure) => Math.abs(scrollOf(figure) - room.strip.scrollLeft);
  return room.figures.reduce((best, one) => (distance(one) < distance(best) ? one : best));
}

function home(figure) {
  if (figure.ariaHidden) jump(room.views[Number(figure.dataset.view)]);
}

function settleSoon() {
  clearTimeout(room.settled);
  room.settled = setTimeout(settle, SETTLE_MS);
}

function settle() {
  if (pull || !isShown()) return;
  const figure = nearest();
  const index = Number(figure.dataset.view);
  home(figure);
  room.strip.classList.remove("jumping");
  if (index !== room.current) turned(index);
}

// A finger pulls the strip by itself. With the mouse a short pull turns by one view, and a click on a
// view beside the one on screen turns to it.
function takeHold(event) {
  if (event.pointerType !== "mouse" || event.button !== 0 || !event.target.closest(".strip")) return;
  pull = { x: event.clientX, left: room.strip.scrollLeft };
  room.strip.setPointerCapture(event.pointerId);
}

function pullAlong(event) {
  if (!pull) return;
  room.strip.classList.add("jumping");
  room.strip.scrollLeft = pull.left + pull.x - event.clientX;
  const figure = nearest();
  if (!figure.ariaHidden) return;
  home(figure);
  pull.left = room.strip.scrollLeft - pull.x + event.clientX;
}

function letGo(event) {
  if (!pull) return;
  const moved = pull.x - event.clientX;
  pull = null;
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest(".strip figure");
  const target = Math.abs(moved) < 5 && under ? under : nearest();
  const step = room.figures.indexOf(target) - room.figures.indexOf(room.views[room.current]);
  turn(step || (Math.abs(moved) > PULL ? Math.sign(moved) : 0));
}

// Words

function light() {
  const { words, said, ticks, views } = room;
  if (!words.length) return;
  const pressed = words.find((one) => one.dataset.key === pinned);
  const word = passing || pressed;
  for (const one of words) {
    one.setAttribute("aria-pressed", String(one === pressed));
    one.classList.toggle("lit", one === word);
  }
  const toBest = viewer.querySelector(".to-best");
  toBest.hidden = !pressed || word !== pressed || Number(pressed.dataset.best) === room.current;
  viewer.classList.toggle("answering", Boolean(word));
  said.textContent = word ? word.dataset.sentence : room.plain;
  const answers = word ? word.dataset.views.split(" ").map((light) => light / 100) : [];
  ticks.forEach((tick, view) => {
    const step = Math.round(answers[view] * STEPS) || 0;
    if (word) tick.dataset.lit = step;
    else delete tick.dataset.lit;
    tick.style.setProperty("--light", `${(step / STEPS) ** 2 * 100}%`);
  });
  if (word !== room.lit) views.forEach((_, view) => paint(view, null, answers[view] || 0));
  room.lit = word;
  if (word) point(word, answers[room.current]);
}

// Draw the heat map of the view on screen, once it is there.
async function point(word, answer) {
  const [here, view] = [room, room.current];
  const found = await heatMapOf(view);
  if (here !== room || word !== room.lit || view !== room.current) return;
  if (found.error) room.said.textContent = found.error;
  else paint(view, { ...found, lights: found.words[word.dataset.word] || found.whole }, answer);
}

function heatMapOf(view) {
  const { maps, museum, index } = room;
  if (!maps.has(view)) {
    const asked = server
      .find_heat_map({ address: window.hicalm?.address() || "?", museum, room: index, view })
      .catch(() => ({ error: "The heat map of this view could not be fetched. Please try again." }));
    maps.set(view, asked);
    asked.then((found) => found.error && maps.delete(view)); // so that it is asked for again
  }
  return maps.get(view);
}

// Dim a view by how little it answers, 0..1; with a heat map, but for its cells.
function paint(view, heat, answer) {
  const { rows, columns, lights } = heat || { rows: 1, columns: 1 };
  const image = new ImageData(columns, rows);
  const strength = MIN_LIGHT + (1 - MIN_LIGHT) * answer;
  for (let cell = 0; cell < rows * columns; cell++) {
    const lit = lights ? (lights[cell] / 255) * strength : answer * 0.8;
    image.data.set([16, 12, 8, 255 * DARKEST * (1 - lit)], 4 * cell);
  }
  const cells = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  cells.getContext("2d").putImageData(image, 0, 0);
  for (const canvas of room.strip.querySelectorAll(`[data-view="${view}"] canvas`)) {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(cells, 0, 0, canvas.width, canvas.height); // between the cells without edges
  }
}

function pass(word) {
  if (!room || word === passing) return;
  passing = word;
  light();
}

function press(word) {
  pinned = word.dataset.key === pinned ? "" : word.dataset.key;
  passing = null; // letting go puts the light out even while the pointer is still there
  light();
}

// The whole screen: a layer over the page, and the browser's full screen where it has one.

const isFull = () => viewer.classList.contains("full");

function fillScreen(full) {
  viewer.classList.toggle("full", full);
  labelFullScreen();
  if (full) viewer.requestFullscreen?.().catch(() => {}); // the layer alone serves, too
  else if (document.fullscreenElement === viewer) document.exitFullscreen();
}

function labelFullScreen() {
  const name = isFull() ? "Leave full screen" : "Full screen";
  viewer.querySelector(".full-screen").setAttribute("aria-label", name);
  const wide = isFull() ? "100vw" : "(max-width: 700px) 86vw, 640px";
  for (const image of viewer.querySelectorAll(".strip img")) image.sizes = wide;
}

viewer.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement && isFull()) fillScreen(false);
});
viewer.addEventListener("focusout", ({ relatedTarget: next }) => {
  if (isFull() && next && !viewer.contains(next)) viewer.querySelector(".full-screen").focus();
  pass(null);
});
viewer.addEventListener("focusin", (event) => {
  pass(event.target.closest(".word:focus-visible"));
});
viewer.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "touch") pass(event.target.closest(".word"));
});
viewer.addEventListener("pointerleave", () => pass(null));
viewer.addEventListener("pointerdown", takeHold);
viewer.addEventListener("pointermove", pullAlong);
for (const name of ["pointerup", "pointercancel"]) viewer.addEventListener(name, letGo);
viewer.addEventListener("scroll", (event) => event.target === room?.strip && settleSoon(), true);
viewer.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (room?.lit) press({ dataset: { key: pinned } });
    else if (isFull()) fillScreen(false);
  }
  if (event.target !== room?.strip) return;
  const { current, views } = room;
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -current, End: views.length - 1 - current };
  if (!(event.key in steps)) return;
  event.preventDefault();
  turn(steps[event.key]);
});
viewer.addEventListener("click", (event) => {
  const word = event.target.closest(".word");
  const button = event.target.closest("button");
  if (word) press(word);
  else if (!button) return;
  else if (button.matches(".full-screen")) fillScreen(!isFull());
  else if (button.matches(".turn")) turn(button.matches(".left") ? -1 : 1);
  else if (button.dataset.view) turn(Number(button.dataset.view) - room.current);
  else if (button.matches(".to-best")) {
    const pressed = viewer.querySelector(".word[aria-pressed=true]");
    turn(Number(pressed.dataset.best) - room.current);
    pressed.focus({ preventScroll: true });
  }
});
watch("value", draw);
draw();
