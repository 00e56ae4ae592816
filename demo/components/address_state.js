// The address of the page. Python is asked for an address by `go` and answers with a value: then the
// address bar, the title and the place in the page follow. Links with `data-go`, Back and Forward ask.
const PATIENCE_MS = 20000;
const LONGEST_DRAWING_MS = 4000;
const NO_ANSWER = "The server does not answer, and is asked again. Please check the connection.";
const DRAWN = {
  home: ".wall", results: ".cards", museum: ".room", compare: ".bars", methods: ".bump",
  map: "h1", add: "h1", metrics: "h1",
}; // the part that says so of a page; others are messages
const root = document.querySelector(".explorer") || element; // alone it has no page around it
const stage = root.querySelector("#stage") || element;
stage.tabIndex = -1; // takes the focus where a new page begins
history.scrollRestoration = "manual";
const newId = () => `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
let entry = { id: newId(), address: "?" };
let asked = null; // what is being asked for, until the answer is there
let next = null; // what is to be asked for after that
let question = 0; // its number: answers to older ones move nothing
let [moved, touched] = [0, 0]; // when the visitor last went elsewhere, and used one of Gradio's parts
let onScreen = ""; // the address of the page on screen, as Python wrote it
let held = {}; // what had the focus before the page on screen changed
const opened = new Set(); // the keys of what the visitor opened
const kept = new Set(); // the pages that have been shown

function visible(address) {
  const fields = new URLSearchParams(address);
  const theme = new URLSearchParams(location.search).get("__theme"); // Gradio's own field
  if (theme) fields.set("__theme", theme);
  return fields.size ? `?${fields}` : location.pathname;
}

// Storage is refused in some private windows: then a reload starts at the top.
function stored(use) {
  try {
    return Number(use(sessionStorage, `scroll-${entry.id}`)) || 0;
  } catch {
    return 0;
  }
}
const rememberScroll = () => stored((kept, key) => kept.setItem(key, Math.round(window.scrollY)));
const savedScroll = () => stored((kept, key) => kept.getItem(key));

// `how`: push (a new entry), replace (this entry's), or pop (the browser has moved already).
function go(address, how = "push", scroll = 0, reveal = false) {
  if (how !== "pop") rememberScroll();
  moved = performance.now();
  ask({ address, how, scroll, reveal });
}

// One question at a time, so that answers come in order: while one is open, the last of the others
// waits. What is not answered for long is asked again, unless the visitor went elsewhere meanwhile.
function ask(move) {
  busy(true);
  if (asked && performance.now() - asked.since < PATIENCE_MS) {
    next = move;
    return;
  }
  const mine = { ...move, question: ++question, since: performance.now() };
  asked = mine;
  next = null;
  say(move.unanswered ? NO_ANSWER : "");
  trigger("go", { address: move.address, question, kept: [...kept] });
  setTimeout(() => {
    if (asked !== mine) return;
    asked = null;
    ask(next || { ...move, unanswered: true });
  }, PATIENCE_MS);
}

// Something is asked for, here or by one of Gradio's parts, or there is no answer to come.
function busy(yes) {
  root.setAttribute("aria-busy", String(yes));
  if (yes) held = { element: document.activeElement, key: keyOf(document.activeElement) };
}

function keyOf(element) {
  return (stage.contains(element) && element.closest("[data-key]")?.dataset.key) || "";
}

// Rooms of one museum share an entry of the history, so that Back leads out of the museum.
function follow(address, inPage) {
  const here = new URLSearchParams(entry.address);
  const there = new URLSearchParams(address);
  const alike = (names) => names.every((name) => (here.get(name) || "") === (there.get(name) || ""));
  const sameMuseum = there.get("museum") && alike(["museum", "collection", "q", "against"]);
  const samePage = inPage && there.get("show") && alike(["show"]);
  go(address, sameMuseum ? "replace" : "push", sameMuseum || samePage ? window.scrollY : 0, sameMuseum);
}

// On a phone the plan stands below the room: bring a newly chosen room into view.
function revealRoom() {
  const room = stage.querySelector(".room");
  const top = room?.getBoundingClientRect().top ?? 0;
  if (top < 0 || top > window.innerHeight * 0.6) room.scrollIntoView();
}

function answered() {
  const value = props.value;
  if (!value) return;
  const changed = value.how === "changed";
  const stale = value.how === "stay" && onScreen && value.address !== onScreen;
  if (stale || (changed && moved > touched)) { // of a page that was left meanwhile
    rememberScroll();
    return asked || ask({ address: entry.address, how: "pop" });
  }
  let move = { how: changed ? "push" : value.how, scroll: 0, byPart: true };
  if (move.how === "push" && value.address === entry.address) move.how = "replace"; // chosen again
  if (value.how === "asked") {
    if (asked?.question !== value.question) return;
    [move, asked] = [asked, null];
    say("");
    if (next) return ask(next); // the address of what was passed over is not kept
  }
  onScreen = value.address;
  if (move.how === "push") {
    if (move.byPart) rememberScroll();
    entry = { id: newId(), address: value.address, from: entry.address };
    history.pushState({ hicalm: entry }, "", visible(entry.address));
  } else if (move.how === "replace") {
    entry = { ...entry, address: value.address };
    history.replaceState({ hicalm: entry }, "", visible(entry.address));
  }
  document.title = value.title;
  root.dataset.page = value.page;
  turnTo(value.page in DRAWN ? value.page : "aside");
  root.dataset.models = value.models;
  whenDrawn(value, () => arrive(move));
}

// Pages that were left stay as they are, out of sight: to come back to one, nothing is built anew.
function turnTo(kind) {
  kept.add(kind);
  element.querySelector("style").textContent = `.stage > .page:not(.${kind}, .${kind} + .why) { display: none !important }`;
}

// Gradio draws its parts one after the other, and loads those that are shown for the first time.
function whenDrawn({ page }, then) {
  const begun = performance.now();
  const part = page in DRAWN ? `.page.${page} ${DRAWN[page]}` : ".page .panel";
  const look = () => {
    const there = stage.querySelector(part);
    if (there || performance.now() - begun > LONGEST_DRAWING_MS) requestAnimationFrame(then);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function arrive(move) {
  stage.querySelectorAll("details[data-key]").forEach((one) => {
    if (opened.has(one.dataset.key)) one.open = true;
  });
  const moves = move.how !== "stay";
  if (moves && !move.first) moveFocus(move.byPart);
  if (moves) window.scrollTo(0, move.how === "pop" || move.first ? savedScroll() : move.scroll);
  if (move.reveal) revealRoom();
  if (!asked) busy(false);
}

// The focus stays with one of Gradio's parts that asked, and on what has the same key; else it is at
// the beginning of the new page.
function moveFocus(byPart) {
  if (byPart && !held.element?.closest("#query")) return;
  const same = held.key ? stage.querySelectorAll(`[data-key="${CSS.escape(held.key)}"]`) : [];
  const again = [...same].find((one) => one.checkVisibility());
  (again || stage).focus({ preventScroll: true });
}

async function copyLink(button) {
  const label = button.textContent;
  const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
  button.textContent = copied || copyOldWay() ? "Copied" : "Please copy the address bar";
  setTimeout(() => (button.textContent = label), 1800);
}

// For pages without the right to use the clipboard: inside a frame, or served without TLS.
function copyOldWay() {
  const field = Object.assign(document.createElement("textarea"), { value: location.href });
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

// A file that misses its place would be opened instead of the page.
for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());

document.addEventListener("click", (event) => {
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  const details = event.target.closest("summary")?.closest("details[data-key]");
  if (details?.open) opened.delete(details.dataset.key);
  else if (details) opened.add(details.dataset.key);
  const copy = event.target.closest(".copy-link");
  if (copy) copyLink(copy);
  if (event.target.closest("a.skip")) {
    event.preventDefault();
    stage.focus();
  }
  if (event.target.closest('a[href="?view=api"]') && plain) {
    event.preventDefault();
    openApi(1);
  }
  const link = event.target.closest("a[data-go], a[data-back]");
  if (!link || !plain) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  if (link.hasAttribute("data-back") && entry.from === address) history.back();
  else follow(address, stage.contains(link));
});

window.addEventListener("popstate", (event) => {
  rememberScroll(); // of the page that is being left
  entry = event.state?.hicalm || { id: newId(), address: location.search || "?" };
  go(entry.address, "pop");
});
window.addEventListener("pagehide", rememberScroll);

// Gradio's page about the API. The button that opens it is in Gradio's own footer, which is hidden.
// At the address itself Gradio takes the page for open without having loaded it: it is closed first.
function openApi(clicks) {
  const button = document.querySelector("footer button.show-api");
  if (!button) requestAnimationFrame(() => openApi(clicks));
  for (let click = 0; button && click < clicks; click += 1) button.click();
}

// Of this entry before a reload, else of the address bar.
function begin() {
  const kept = history.state?.hicalm;
  const fields = new URLSearchParams(location.search);
  if (fields.get("view") === "api") openApi(2);
  const shown = fields.size ? `?${fields}` : location.pathname;
  if (kept && visible(kept.address) === shown) entry = kept;
  else {
    fields.delete("__theme");
    entry.address = `?${fields}`;
  }
  ask({ address: entry.address, how: "replace", first: true });
}

// A page's script takes up its own state, without asking for the page again. A page that was left
// notes nothing more, though it is on screen until the next one is there.
function note(address) {
  if (asked?.how === "pop") return;
  entry = { ...entry, address };
  onScreen = address;
  props.value = { ...props.value, address, how: "stay" }; // so that Python knows it, too
  history.replaceState({ hicalm: entry }, "", visible(address));
}

function say(message) {
  Object.assign(element.querySelector(".notice"), { textContent: message, hidden: !message });
}

function touch(yes) {
  touched = performance.now();
  busy(yes);
}
window.hicalm = { go, follow, note, say, busy: touch, address: () => entry.address };
watch("value", answered);
begin();
