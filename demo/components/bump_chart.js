// Pointing at a museum, or coming to it by keyboard, marks it in both lists, and its line.
function mark(event) {
  const museum = event.target.closest("[data-museum]")?.dataset.museum;
  element.querySelectorAll("[data-museum]").forEach((one) => {
    one.classList.toggle("lit", one.dataset.museum === museum);
  });
}
element.addEventListener("pointerover", mark);
element.addEventListener("focusin", mark);
