// The words of the query above a room's views: a word that is pointed at, focused or pressed dims
// the room but for the views, and the cells of the view on screen, that answer it.
(() => {
  "use strict";

  const WIDTH = 96; // of a drawing in pixels; the browser stretches it over the view
  const HEIGHT = 72;
  const DARKEST = 0.6; // opacity of the dimming where nothing answers
  const SPREAD = 0.62; // width of a cell's light, in cells
  const MIN_LIGHT = 0.35; // of a cell in a view that hardly answers
  const STEPS = 4; // shades of the views' buttons beside the one of no answer

  function start(stage, { server, say }) {
    const section = stage.querySelector(".evidence");
    const room = stage.querySelector(".room");
    const chips = section ? [...section.querySelectorAll(".word")] : [];
    if (!chips.length || !room.querySelector(".strip")) return () => {};
    const museum = stage.querySelector(".museum");
    const figures = [...room.querySelectorAll(".strip figure")];
    const ticks = [...room.querySelectorAll(".compass button")];
    const said = section.querySelector(".evidence-said");
    const plain = said.textContent;
    const toBest = section.querySelector(".to-best");
    const known = new Map(); // view -> promise of its heat map
    let pinned = null; // the chip that was pressed
    let passing = null; // the chip under the pointer or in focus
    let shown = null; // the chip whose answer is drawn
    let left = false; // whether the page was left

    figures.forEach((figure) => {
      const canvas = document.createElement("canvas");
      canvas.width = WIDTH;
      canvas.height = HEIGHT;
      canvas.setAttribute("aria-hidden", "true");
      figure.append(canvas);
    });

    function light() {
      const chip = passing || pinned;
      chips.forEach((one) => {
        one.setAttribute("aria-pressed", String(one === pinned));
        one.classList.toggle("lit", one === chip);
      });
      toBest.hidden = !pinned || chip !== pinned || Number(pinned.dataset.best) === current();
      if (chip === shown) return;
      shown = chip;
      said.textContent = chip ? chip.dataset.sentence : plain;
      room.classList.toggle("answering", Boolean(chip));
      const views = chip ? chip.dataset.views.split(" ").map(Number) : [];
      ticks.forEach((tick, view) => {
        if (chip) tick.dataset.lit = Math.round((views[view] / 100) * STEPS);
        else delete tick.dataset.lit;
      });
      if (chip) figures.forEach((figure) => draw(figure, null, views[figure.dataset.view] / 100));
      if (chip) point();
    }

    function current() {
      return ticks.findIndex((tick) => tick.getAttribute("aria-pressed") === "true");
    }

    // Draw the heat map of the view on screen, once it is there.
    async function point() {
      const chip = shown;
      const view = current();
      const found = await heatMapOf(view);
      if (left || chip !== shown || view !== current()) return;
      if (found.error) {
        say(found.error);
        return;
      }
      const answers = Number(chip.dataset.views.split(" ")[view]) / 100;
      const field = smooth(found.words[Number(chip.dataset.word)], found.rows, found.columns);
      figures.filter((figure) => Number(figure.dataset.view) === view)
        .forEach((figure) => draw(figure, field, answers));
    }

    function heatMapOf(view) {
      if (!known.has(view)) {
        const address = window.hicalm.address();
        const asked = server
          .find_heat_map({ address, museum: museum.dataset.museum, room: Number(museum.dataset.room), view })
          .catch(() => ({ error: "The heat map of this view could not be fetched. Please try again." }));
        known.set(view, asked);
        asked.then((found) => found.error && known.delete(view)); // so that it is asked for again
      }
      return known.get(view);
    }

    function pointed(event) {
      return event.target.closest?.(".word");
    }

    function letPass() {
      passing = null;
      light();
    }

    section.addEventListener("pointerover", (event) => {
      if (event.pointerType === "touch") return;
      passing = pointed(event);
      light();
    });
    section.addEventListener("pointerleave", letPass);
    section.addEventListener("focusin", (event) => {
      const chip = pointed(event);
      passing = chip?.matches(":focus-visible") ? chip : null;
      light();
    });
    section.addEventListener("focusout", letPass);
    section.addEventListener("click", (event) => {
      const chip = pointed(event);
      if (!chip) return;
      pinned = chip === pinned ? null : chip;
      passing = null; // letting go puts the light out even while the pointer is still there
      light();
    });
    toBest.addEventListener("click", () => {
      ticks[Number(pinned.dataset.best)].click();
      pinned.focus({ preventScroll: true });
    });

    function onEscape(event) {
      if (event.key !== "Escape" || !shown) return;
      pinned = passing = null;
      light();
    }
    function turned() {
      light();
      if (shown) point();
    }
    document.addEventListener("keydown", onEscape);
    room.addEventListener("hicalm-view", turned);
    return () => {
      left = true;
      document.removeEventListener("keydown", onEscape);
    };
  }

  // Dim a view by how little it answers; with a field of lights 0..1, but for its cells.
  function draw(figure, field, answers) {
    const pen = figure.querySelector("canvas").getContext("2d");
    const image = pen.createImageData(WIDTH, HEIGHT);
    const strength = MIN_LIGHT + (1 - MIN_LIGHT) * answers;
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const lit = field ? field[pixel] * strength : answers * 0.8;
      image.data[4 * pixel] = 16;
      image.data[4 * pixel + 1] = 12;
      image.data[4 * pixel + 2] = 8;
      image.data[4 * pixel + 3] = Math.round(255 * DARKEST * (1 - lit));
    }
    pen.putImageData(image, 0, 0);
  }

  // Spread the cells' lights (0..255, row after row) over the drawing, without edges.
  function smooth(cells, rows, columns) {
    const down = weights(HEIGHT, rows);
    const across = weights(WIDTH, columns);
    const field = new Float32Array(WIDTH * HEIGHT);
    const line = new Float32Array(columns);
    let largest = 0;
    for (let y = 0; y < HEIGHT; y++) {
      for (let column = 0; column < columns; column++) {
        line[column] = 0;
        for (let row = 0; row < rows; row++) line[column] += down[y][row] * cells[row * columns + column];
      }
      for (let x = 0; x < WIDTH; x++) {
        let value = 0;
        for (let column = 0; column < columns; column++) value += across[x][column] * line[column];
        field[y * WIDTH + x] = value;
        largest = Math.max(largest, value);
      }
    }
    // Spreading lowers the peak: it gets back the light that the brightest cell had.
    const peak = Math.max(...cells) / 255;
    return largest > 0 ? field.map((value) => (value / largest) * peak) : field;
  }

  function weights(pixels, cells) {
    return Array.from({ length: pixels }, (_, pixel) => {
      const centre = ((pixel + 0.5) / pixels) * cells - 0.5;
      const row = Array.from({ length: cells }, (_, cell) => Math.exp(-((centre - cell) ** 2) / (2 * SPREAD ** 2)));
      const sum = row.reduce((total, value) => total + value, 0);
      return row.map((value) => value / sum);
    });
  }

  window.hicalmPages = { ...window.hicalmPages, museum: start };
})();
