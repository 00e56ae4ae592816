// The page's content: draws what Python answered, and starts the scripts of its parts.
(() => {
  "use strict";

  // What a page has that a script of `hicalmPages` is for.
  const OF_PAGE = { map: ".map-page", methods: ".bump", museum: ".museum" };

  let leave = () => {}; // tidies up after the page on screen

  // Gradio takes the element out of the page where another part is shown, and starts a new one later.
  function start(element, props, server, watch) {
    // The nodes are new ones: a script's listeners are gone with the page that it was started for.
    function draw() {
      leave();
      element.innerHTML = props.value || "";
      element.dataset.drawn = "";
      element.querySelectorAll(".room").forEach(window.hicalmStrip.start);
      element.querySelectorAll("img").forEach((image) => {
        image.addEventListener("error", () => image.classList.add("broken"), { once: true });
        if (!image.complete) {
          image.classList.add("coming");
          image.addEventListener("load", () => image.classList.remove("coming"), { once: true });
        }
      });
      const kind = Object.keys(OF_PAGE).find((name) => element.querySelector(OF_PAGE[name]));
      const begin = window.hicalmPages?.[kind];
      const { follow, note } = window.hicalm || {};
      leave = begin?.(element, { server, follow, say: window.hicalm.say, note }) || (() => {});
    }

    element.addEventListener("submit", (event) => {
      event.preventDefault();
      window.hicalm.follow(asAddress(event.target), true);
    });
    element.addEventListener("change", (event) => {
      const form = event.target.closest("form[data-at-once]");
      if (form) window.hicalm.follow(asAddress(form), true);
    });
    watch("value", draw);
    draw();
  }

  function end() {
    leave();
    leave = () => {};
  }

  function asAddress(form) {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && value.trim()) fields.append(name, value);
    }
    return `?${fields}`;
  }

  window.hicalmStage = { start, end };
})();
