// Two ranked lists: pointing at a museum marks it in both lists, and its line between them.
(() => {
  "use strict";

  function start(stage) {
    const marked = [...stage.querySelectorAll(".bump [data-museum]")];

    function mark(event) {
      const held = event.target.closest(".bump [data-museum]");
      const museum = held ? held.dataset.museum : "";
      marked.forEach((one) => one.classList.toggle("lit", one.dataset.museum === museum));
    }

    ["pointerover", "focusin"].forEach((name) => stage.addEventListener(name, mark));
    return () => ["pointerover", "focusin"].forEach((name) => stage.removeEventListener(name, mark));
  }

  window.hicalmPages = { ...window.hicalmPages, methods: start };
})();
