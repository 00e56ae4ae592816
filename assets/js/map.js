// The map page: points drawn by Plotly, with everything chosen on it kept in the address.
// Plotly draws and moves the points; what is under the pointer is found by map-hit.js, so that rooms and
// views around a point, touch and the lasso all work alike, and no text ever reaches Plotly.
(() => {
  "use strict";

  const NOTE_MS = 300;
  const SEEN_MS = 120;
  const ZOOM = 1.6;
  const address = window.hicalmMapAddress;
  const colours = window.hicalmMapColours;
  const data = window.hicalmMapData;
  const hits = window.hicalmMapHit;
  const lists = window.hicalmMapLists;
  const over = window.hicalmMapOver;
  const points = window.hicalmMapPlot;
  const seen = window.hicalmMapSeen;

  function start(stage, { server, follow, say, note }) {
    const page = stage.querySelector(".map-page");
    if (!page) return () => {};
    const began = performance.now();
    const find = (selector) => page.querySelector(selector);
    const [frame, plot, card] = [find(".map-frame"), find(".map-plot"), find(".map-card")];
    const results = [...page.querySelectorAll('[data-list="results"] li')].map((li) => Number(li.dataset.point));
    const state = address.read();
    const chart = { // what the parts of the map share
      page, find, frame, plot, results, state,
      palette: data.palette(),
      map: null, // the decoded data of the level
      query: null, // { values, position, spread } of the address's query
      sight: null, // the part of the map in sight
      focus: [], // points of the museum or room that the map is turned to
      gl: true, // whether points are drawn by WebGL
      drawn: [], // the points that Plotly has
      selected: null, // the points in the lasso; null without one
      seen: [], // points in sight
      satellites: [], // rooms and views around them
      badges: [], // numbers of the results
    };
    let selection = null; // what deals with the lasso's points
    let hover = null; // what the pointer is on
    let hand = null; // what watches the pointer
    let trace = []; // a lasso while it is drawn, pixels
    let alive = true;
    const timers = {};

    const later = (name, milliseconds, action) => {
      clearTimeout(timers[name]);
      timers[name] = setTimeout(() => alive && action(), milliseconds);
    };

    Promise.all([
      data.load(page.dataset.source),
      page.dataset.searches ? server.locate_query(window.hicalm.address()) : null,
      points.load(page.dataset.plotly),
    ]).then(([loaded, asked]) => alive && begin(loaded, asked)).catch((error) => {
      if (!alive) return;
      console.warn(error);
      find(".map-wait").textContent = "The map could not be drawn. Please check the connection and reload the page.";
    });
    chart.gl = points.hasWebGL(); // takes a while: asked while the rest is on its way

    function begin(map, asked) {
      chart.map = map;
      if (asked?.error) say(asked.error);
      else if (asked) chart.query = { ...asked, values: data.floats(asked.values) };
      if (state.museum) chart.focus = data.pointsOf(map, state.museum, state.room ? Number(state.room) - 1 : null);
      colours.fill(chart);
      const polygon = data.readPairs(state.lasso, 3);
      chart.selected = polygon && data.within(map, polygon);
      chart.sight = window.hicalmMapSight.watch(chart);
      points.draw(chart).then(() => {
        if (!alive) return window.Plotly.purge(plot);
        find(".map-wait").hidden = true;
        legend();
        turnLinks();
        listenToPlot();
        listenToPage();
        moved();
        selection = window.hicalmMapSelection.start(chart, { server, say, write, recolour });
        requestAnimationFrame(() => (page.dataset.drawn = Math.round(performance.now() - began)));
      });
    }

    // The map stands still at another position: look again what is in sight, and note it.
    function moved(event) {
      if (event) chart.sight.adoptRange(event);
      chart.seen = chart.sight.points();
      drawOver();
      points.resize(chart);
      seen.say(chart);
      later("sight", SEEN_MS, () => seen.list(chart));
      if (event) later("note", NOTE_MS, () => write({ zoom: chart.sight.text() }));
    }

    function write(changes) {
      Object.entries(changes).forEach(([name, value]) => (state[name] = value || ""));
      note(address.changed(changes));
      turnLinks();
    }

    function turnLinks() {
      page.querySelectorAll("[data-turn]").forEach((link) => (link.href = address.turnedTo(link.dataset.turn)));
    }

    function recolour() {
      points.recolour(chart);
      legend();
      drawOver();
    }

    function legend() {
      colours.legend(chart, (value) => {
        write({ value: state.value === value ? null : value });
        recolour();
        const entry = (wanted) => find(`.map-values [data-value="${CSS.escape(wanted)}"]`);
        (entry(value) || entry(data.OTHERS)).focus(); // one of the others is gone with its choice
      });
    }

    function drawOver() {
      const { map, sight } = chart;
      chart.satellites = over.satellites(map, chart.seen, sight.at);
      chart.badges = over.badges(map, results, sight.at);
      over.draw(find(".map-over"), {
        at: sight.at,
        data: map,
        query: chart.query,
        polygon: trace.length ? trace.map((position) => sight.back(...position)) : data.readPairs(state.lasso, 3) || [],
        unit: sight.unit(),
        focus: chart.focus,
        around: chart.satellites,
        badges: chart.badges,
        texts: seen.texts(chart),
        hover: hover?.at(),
      });
    }

    // ---- pointer and keys ----

    function showCard(found) {
      hover = found;
      drawOver();
      lists.card(page, found.point, found.at());
    }

    function hideCard() {
      hover = null;
      card.hidden = true;
      drawOver();
    }

    // The point of an entry beside the map is ringed while the pointer or the focus is on the entry.
    function ringOf(event) {
      const entry = event.target.closest?.("li[data-point]");
      hover = entry && event.type !== "mouseleave" ? hits.onPoint(chart, Number(entry.dataset.point)) : null;
      card.hidden = true;
      drawOver();
    }

    function setMode(mode) {
      hand.setMode(mode);
      page.querySelectorAll("button[data-mode]").forEach((button) =>
        button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
    }

    function watchPointer() {
      hand = window.hicalmMapPointer.watch(frame, find(".map-over"), {
        hit: (position, reach) => hits.hit(chart, position, reach),
        show: showCard,
        hide: () => hover && hideCard(),
        shown: () => hover,
        pinch: (before, after) => {
          chart.sight.pinch(before, after);
          drawOver();
        },
        pinched: chart.sight.pinched,
        open: (found) => follow(address.opening(found.point)),
        outline: (pixels) => {
          trace = pixels;
          drawOver();
        },
        select: (pixels) => {
          setMode("pan"); // the points can be opened again at once
          selection.select(data.thinned(pixels).map((position) => chart.sight.back(...position)));
        },
      });
    }

    function keyed(event) {
      if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey) return;
      const { goToWhole, moveBy, zoomBy } = chart.sight;
      const actions = {
        ArrowLeft: () => moveBy(-1, 0),
        ArrowRight: () => moveBy(1, 0),
        ArrowUp: () => moveBy(0, 1),
        ArrowDown: () => moveBy(0, -1),
        "+": () => zoomBy(ZOOM),
        "=": () => zoomBy(ZOOM),
        "-": () => zoomBy(1 / ZOOM),
        0: goToWhole,
        Escape: hideCard,
      };
      if (!(event.key in actions)) return;
      event.preventDefault();
      actions[event.key]();
    }

    function clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { mode, zoom, export: kind } = button.dataset;
      if (mode) setMode(mode);
      else if (zoom === "all") chart.sight.goToWhole();
      else if (zoom) chart.sight.zoomBy(zoom === "in" ? ZOOM : 1 / ZOOM);
      else if (kind) selection.download(kind);
      else if ("clear" in button.dataset) selection.select([]);
    }

    // ---- all listeners ----

    const themes = new MutationObserver(() => {
      chart.palette = data.palette();
      if (plot.data) recolour();
    });
    const sizes = new ResizeObserver(() => {
      if (plot.data && frame.clientWidth) chart.sight.refit();
    });

    function listenToPlot() {
      plot.on("plotly_relayouting", (event) => {
        chart.sight.adoptRange(event);
        drawOver();
        card.hidden = true;
      });
      plot.on("plotly_relayout", moved);
      plot.on("plotly_webglcontextlost", () => {
        chart.gl = false;
        window.Plotly.purge(plot);
        points.draw(chart).then(() => alive && listenToPlot());
      });
    }

    function listenToPage() {
      watchPointer();
      frame.addEventListener("keydown", keyed);
      page.addEventListener("click", clicked);
      find(".map-color").addEventListener("change", (event) => {
        write({ color: event.target.value, value: null });
        recolour();
      });
      const texts = find(".map-texts"); // views have none
      if (texts) {
        texts.checked = Boolean(state.texts);
        texts.addEventListener("change", () => {
          write({ texts: texts.checked ? "yes" : null });
          drawOver();
          seen.say(chart);
        });
      }
      find(".map-within").addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation(); // the page's own forms are searches
        selection.rank(find("#map-words").value);
      });
      find(".map-sight").addEventListener("toggle", () => seen.list(chart));
      const side = find(".map-side");
      ["mouseover", "focusin", "mouseleave"].forEach((name) => side.addEventListener(name, ringOf));
      themes.observe(document.body, { attributes: true, attributeFilter: ["class"] });
      sizes.observe(frame);
    }

    return () => {
      alive = false;
      Object.values(timers).forEach(clearTimeout);
      if (hand) hand.stop();
      if (selection) selection.stop();
      themes.disconnect();
      sizes.disconnect();
      if (window.Plotly && plot.data) window.Plotly.purge(plot);
    };
  }

  window.hicalmPages = { ...window.hicalmPages, map: start };
})();
