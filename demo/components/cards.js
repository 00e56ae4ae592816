// Until a picture is there its museum's cover stands in, out of focus. The place that answers is asked
// for once the picture is in sight, one at a time, and not at once: a visitor who goes on does not
// wait for places.
const PAUSE_MS = 500;
let last = Promise.resolve(); // the question before the next one
const inSight = new IntersectionObserver((entries) => {
  for (const { target } of entries.filter((one) => one.isIntersecting)) {
    inSight.unobserve(target);
    setTimeout(() => (last = last.then(() => find(target))), PAUSE_MS);
  }
});

function look() {
  inSight.disconnect();
  element.querySelectorAll("img").forEach((image) => {
    image.classList.toggle("coming", !image.complete);
    if (image.complete) there(image);
    else image.addEventListener("load", () => there(image), { once: true });
  });
}

function there(image) {
  image.classList.remove("coming");
  if (image.parentElement?.dataset.phrase) inSight.observe(image.parentElement);
}

async function find(picture) {
  const { view: name, phrase } = picture.dataset;
  if (!picture.checkVisibility()) return inSight.observe(picture); // its page was left
  const [museum, room, view] = (name || "").split("/"); // none: another answer came meanwhile
  const asked = { museum, room, view, phrase, address: window.hicalm?.address() ?? "?" };
  const place = phrase ? await server.find_place(asked).catch(() => ({})) : {};
  if (picture.dataset.view === name && "left" in place) outline(picture, place);
}

// The picture covers its frame, so that the sides of a narrow frame cut it off.
function outline(picture, { left, top, width, height }) {
  const image = picture.querySelector("img");
  const whole = Math.max(1, (4 / 3) * (picture.clientHeight / picture.clientWidth)); // frames wide
  const moved = Math.min(Math.max((left + width / 2) * whole - 0.5, 0), whole - 1);
  image.style.objectPosition = whole > 1 ? `${(100 * moved) / (whole - 1)}% 50%` : "";
  const box = document.createElement("i");
  box.className = "place";
  const from = Math.max(left * whole - moved, 0);
  const to = Math.min((left + width) * whole - moved, 1);
  const sides = { left: from, top, width: to - from, height };
  for (const [side, share] of Object.entries(sides)) box.style[side] = `${100 * share}%`;
  picture.append(box);
}

watch("value", look);
look();
