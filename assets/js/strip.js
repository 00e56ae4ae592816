// The strip of a room's views: a scroll-snap row that goes on all around.
// A copy of the last view stands before the first and one of the first after the last; arriving at
// a copy jumps to the view itself, which looks the same.
(() => {
  "use strict";

  const SETTLE_MS = 110; // without a scroll event for so long, the strip stands still

  function start(section) {
    const panorama = section.querySelector(".panorama");
    if (!panorama) return;
    const strip = panorama.querySelector(".strip");
    const views = [...strip.querySelectorAll("figure")];
    const ticks = [...section.querySelectorAll(".compass button")];
    const caption = section.querySelector(".caption-text");
    const moreLike = section.querySelector(".more-like");
    const count = views.length;
    const before = count > 1 ? copy(views[count - 1]) : null;
    const after = count > 1 ? copy(views[0]) : null;
    if (before) strip.prepend(before);
    if (after) strip.append(after);
    let current = Number(panorama.dataset.start);
    let settled;

    function copy(view) {
      const twin = view.cloneNode(true);
      twin.setAttribute("aria-hidden", "true");
      twin.querySelector("img").alt = "";
      return twin;
    }

    function scrollOf(figure) {
      return figure.offsetLeft - (strip.clientWidth - figure.offsetWidth) / 2;
    }

    function jump(figure) {
      strip.classList.add("jumping"); // no smooth scrolling, no snapping meanwhile
      strip.scrollLeft = scrollOf(figure);
      strip.classList.remove("jumping");
    }

    function show(index) {
      current = index;
      const figure = views[index];
      [...strip.children].forEach((view) =>
        view.classList.toggle("current", Number(view.dataset.view) === index));
      ticks.forEach((tick, i) => tick.setAttribute("aria-pressed", String(i === index)));
      caption.textContent = figure.dataset.caption;
      moreLike.setAttribute("href", figure.dataset.like);
      section.dispatchEvent(new CustomEvent("hicalm-view"));
    }

    function turn(step) {
      // What the last turn still has to settle comes first, or it would undo this one.
      clearTimeout(settled);
      home(nearest());
      const target = current + step;
      const figure = target < 0 ? before : target >= count ? after : views[target];
      if (figure) strip.scrollTo({ left: scrollOf(figure) });
      show((target + count) % count);
    }

    function nearest() {
      const figures = [...strip.children];
      const distance = (figure) => Math.abs(scrollOf(figure) - strip.scrollLeft);
      return figures.reduce((best, figure) => (distance(figure) < distance(best) ? figure : best));
    }

    function home(figure) {
      if (figure === before || figure === after) jump(views[Number(figure.dataset.view)]);
    }

    function settle() {
      const figure = nearest();
      const index = Number(figure.dataset.view);
      home(figure);
      if (index !== current) show(index);
    }

    strip.addEventListener("scroll", () => {
      clearTimeout(settled);
      settled = setTimeout(settle, SETTLE_MS);
    });
    strip.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -current, End: count - 1 - current };
      if (!(event.key in steps)) return;
      event.preventDefault();
      turn(steps[event.key]);
    });
    panorama.querySelector(".left").addEventListener("click", () => turn(-1));
    panorama.querySelector(".right").addEventListener("click", () => turn(1));
    ticks.forEach((tick, index) => tick.addEventListener("click", () => turn(index - current)));
    new ResizeObserver(() => jump(views[current])).observe(strip);
    jump(views[current]);
    show(current);
  }

  window.hicalmStrip = { start };
})();
