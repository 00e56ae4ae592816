// The map page: points drawn by Plotly, with everything chosen on it kept in the address.
// Plotly draws and moves the points; what is under the pointer is found here, so that rooms and views
// around a point, touch and the lasso all work alike, and no text ever reaches Plotly.
(function () {
  "use strict";

  const data = window.hicalmMapData;
  const over = window.hicalmMapOver;
  const lists = window.hicalmMapLists;
  const pointer = window.hicalmMapPointer;
  const BADGE = 11; // radius of a result's number
  const NOTE_MS = 300;
  const MOST_WITHOUT_GL = 5000; // points that SVG draws in reasonable time
  const SIZES = { museum: 10, room: 6, view: 3.5 }; // of a point, pixels
  const SOLID = 0.88; // opacity of a point
  const FADED = 0.16; // of one that stands back
  const STEP = 0.25; // of the map's width, for an arrow key
  const ZOOM = 1.6;
  const CLOSEST = 0.05; // units across
  const OPTIONS = ["level", "color", "value", "zoom", "lasso", "within", "texts", "museum", "room"];
  let plotly; // promise of Plotly, once a map was opened

  function loadPlotly(source) {
    plotly = plotly || new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => {
        plotly = null;
        reject(new Error("no plotly"));
      };
      document.head.append(script);
    });
    return plotly;
  }

  function hasWebGL() {
    const gl = document.createElement("canvas").getContext("webgl");
    if (!gl) return false;
    const able = gl.getExtension("OES_element_index_uint") && gl.getExtension("ANGLE_instanced_arrays");
    const lose = gl.getExtension("WEBGL_lose_context");
    if (lose) lose.loseContext(); // a browser has only a few contexts to give
    return Boolean(able);
  }

  // The address of now with some fields of the page changed; null takes a field out.
  function addressWith(changes) {
    const fields = new URLSearchParams(window.hicalmHistory.current().address);
    fields.set("show", "map");
    Object.entries(changes).forEach(([name, value]) => {
      if (value === null || value === "") fields.delete(`on.${name}`);
      else fields.set(`on.${name}`, value);
    });
    return `?${fields}`;
  }

  function openAddress({ id, room, view }) {
    const fields = new URLSearchParams(window.hicalmHistory.current().address);
    [...fields.keys()].filter((name) => name === "show" || name.startsWith("on.")).forEach((name) => fields.delete(name));
    fields.set("museum", id);
    if (room !== null) fields.set("room", room + 1);
    if (view !== null) fields.set("view", view + 1);
    return `?${fields}`;
  }

  function downFrom({ id, room, view }) {
    if (view !== null) return { down: "", downLabel: "" };
    const gone = { zoom: null, lasso: null, within: null, value: null };
    if (room === null) {
      return { down: addressWith({ ...gone, level: "room", museum: id, room: null }), downLabel: "Its rooms on the map" };
    }
    return { down: addressWith({ ...gone, level: "view", museum: id, room: room + 1 }), downLabel: "Its views on the map" };
  }

  function readState() {
    const fields = new URLSearchParams(window.hicalmHistory.current().address);
    return Object.fromEntries(OPTIONS.map((name) => [name, fields.get(`on.${name}`) || ""]));
  }

  function start(stage, { server, follow, say, note }) {
    const page = stage.querySelector(".map-page");
    if (!page) return () => {};
    const began = performance.now();
    const address = window.hicalmHistory.current().address;
    const find = (selector) => page.querySelector(selector);
    const frame = find(".map-frame");
    const plot = find(".map-plot");
    const svg = find(".map-over");
    const card = find(".map-card");
    const results = [...page.querySelectorAll('[data-list="results"] li')].map((li) => Number(li.dataset.point));
    const state = readState();
    let map; // the decoded data of the level
    let query = null; // { values, place, spread } of the address's query
    let ranking = null; // similarities to the words that rank the selection
    let colours = data.palette();
    let view; // what is in sight: { x0, x1, y0, y1 }
    let gl = true; // whether points are drawn by WebGL
    let drawn = []; // the points that Plotly has
    let selected = null; // the points in the lasso; null without one
    let seen = []; // points in sight
    let satellites = [];
    let hover = null; // what the pointer is on
    let hand = null; // what watches the pointer
    let trace = []; // a lasso while it is drawn, pixels
    let alive = true;
    let timers = {};

    const later = (name, milliseconds, action) => {
      clearTimeout(timers[name]);
      timers[name] = setTimeout(() => alive && action(), milliseconds);
    };

    Promise.all([
      loadPlotly(page.dataset.plotly),
      data.load(page.dataset.source),
      page.dataset.searches ? server.place_query(address) : null,
    ]).then(([Plotly, loaded, asked]) => alive && begin(Plotly, loaded, asked)).catch((error) => {
      if (!alive) return;
      console.warn(error);
      find(".map-wait").textContent = "The map could not be drawn. Please check the connection and reload the page.";
    });
    gl = hasWebGL(); // takes a while: asked while the rest is on its way

    function begin(Plotly, loaded, asked) {
      map = loaded;
      if (asked && asked.error) say(asked.error);
      else if (asked) query = { ...asked, values: data.floats(asked.values) };
      fillColours();
      const polygon = data.readPairs(state.lasso, 3);
      selected = polygon && data.within(map, polygon);
      view = fitted(firstBox());
      drawPoints(Plotly).then(() => {
        if (!alive) return Plotly.purge(plot);
        find(".map-wait").hidden = true;
        listen(Plotly);
        moved();
        showSelection();
        if (state.within && selected) rank(state.within);
        requestAnimationFrame(() => (page.dataset.drawn = Math.round(performance.now() - began)));
      });
    }

    // ---- what is in sight ----

    function bounds(points, least) {
      const xs = points.map((i) => map.x[i]);
      const ys = points.map((i) => map.y[i]);
      const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const [x, y, w, h] = [(x0 + x1) / 2, (y0 + y1) / 2, Math.max(x1 - x0, least) * 0.6, Math.max(y1 - y0, least) * 0.6];
      return { x0: x - w, x1: x + w, y0: y - h, y1: y + h };
    }

    function focused() {
      return state.museum ? data.pointsOf(map, state.museum, state.room ? Number(state.room) - 1 : null) : [];
    }

    function whole() {
      const [x0, x1] = range(map.x);
      const [y0, y1] = range(map.y);
      const edge = map.width * 0.04;
      return { x0: x0 - edge, x1: x1 + edge, y0: y0 - edge, y1: y1 + edge };
    }

    function firstBox() {
      const zoom = data.readPairs(state.zoom, 2);
      if (zoom && zoom.length === 2 && zoom[0][0] < zoom[1][0] && zoom[0][1] < zoom[1][1]) {
        return { x0: zoom[0][0], x1: zoom[1][0], y0: zoom[0][1], y1: zoom[1][1] };
      }
      const points = focused();
      return points.length ? bounds(points, map.width / 10) : whole();
    }

    // The smallest box of the frame's proportions around a box: a unit is as wide as it is high.
    function fitted(box) {
      const unit = Math.max((box.x1 - box.x0) / frame.clientWidth, (box.y1 - box.y0) / frame.clientHeight, CLOSEST / 1000);
      const [x, y] = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
      const [w, h] = [(unit * frame.clientWidth) / 2, (unit * frame.clientHeight) / 2];
      return { x0: x - w, x1: x + w, y0: y - h, y1: y + h };
    }

    const unit = () => frame.clientWidth / (view.x1 - view.x0);
    const at = (x, y) => [(x - view.x0) * unit(), (view.y1 - y) * unit()];
    const back = (px, py) => [view.x0 + px / unit(), view.y1 - py / unit()];

    function go(box) {
      view = fitted(box);
      return window.Plotly.relayout(plot, { "xaxis.range": [view.x0, view.x1], "yaxis.range": [view.y0, view.y1] });
    }

    function zoomBy(factor) {
      const [x, y] = [(view.x0 + view.x1) / 2, (view.y0 + view.y1) / 2];
      const [w, h] = [(view.x1 - view.x0) / 2 / factor, (view.y1 - view.y0) / 2 / factor];
      go({ x0: x - w, x1: x + w, y0: y - h, y1: y + h });
    }

    // Two fingers went from one pair of places to another, in pixels: what was between them stays.
    function pinch(before, after) {
      const apart = ([a, b]) => Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1);
      const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      const held = back(...middle(before));
      const size = 1 / (unit() * (apart(after) / apart(before))); // of a pixel
      const [x, y] = middle(after);
      const [x0, y1] = [held[0] - x * size, held[1] + y * size];
      view = fitted({ x0, x1: x0 + frame.clientWidth * size, y0: y1 - frame.clientHeight * size, y1 });
      // Many points take long to draw: the picture of them is stretched until the fingers are lifted.
      const { xaxis, yaxis } = plot.layout;
      const [left, top] = at(xaxis.range[0], yaxis.range[1]);
      const scale = (xaxis.range[1] - xaxis.range[0]) / (view.x1 - view.x0);
      plot.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
      drawOver();
    }

    function pinched() {
      go(view).then(() => (plot.style.transform = ""));
    }

    function moveBy(across, up) {
      const [dx, dy] = [across * STEP * (view.x1 - view.x0), up * STEP * (view.y1 - view.y0)];
      go({ x0: view.x0 + dx, x1: view.x1 + dx, y0: view.y0 + dy, y1: view.y1 + dy });
    }

    function takeRanges(event) {
      const x = event["xaxis.range"] || [event["xaxis.range[0]"], event["xaxis.range[1]"]];
      const y = event["yaxis.range"] || [event["yaxis.range[0]"], event["yaxis.range[1]"]];
      if ([...x, ...y].every(Number.isFinite)) view = { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
    }

    // The map stands still at another place: look again what is in sight, and note it.
    function moved(event) {
      if (event) takeRanges(event);
      seen = [];
      for (let i = 0; i < map.count; i++) {
        if (map.x[i] >= view.x0 && map.x[i] <= view.x1 && map.y[i] >= view.y0 && map.y[i] <= view.y1) seen.push(i);
      }
      drawOver();
      resize();
      saySeen();
      later("sight", 120, showSeen);
      if (event) later("note", NOTE_MS, noteZoom);
    }

    function noteZoom() {
      const all = fitted(whole());
      const same = Math.abs(view.x0 - all.x0) + Math.abs(view.x1 - all.x1) < 0.01 && Math.abs(view.y0 - all.y0) < 0.01;
      write({ zoom: same ? null : data.pairsText([[view.x0, view.y0], [view.x1, view.y1]], 2) });
    }

    function write(changes) {
      Object.assign(state, Object.fromEntries(Object.entries(changes).map(([k, v]) => [k, v || ""])));
      note(addressWith(changes));
      turnLinks();
    }

    function turnLinks() {
      page.querySelectorAll("[data-turn]").forEach((link) => {
        link.href = addressWith({ level: link.dataset.turn, zoom: null, lasso: null, within: null, museum: null, room: null });
      });
    }

    // ---- points and colours ----

    function fillColours() {
      const select = find(".map-color");
      const first = ["theme", "style", "subject", "palette", "rooms"];
      const place = (name) => (first.includes(name) ? first.indexOf(name) : first.length);
      const names = [...map.columns.keys()].sort((a, b) => place(a) - place(b));
      const choices = names.map((name) => [name, map.columns.get(name).label]);
      if (query) choices.unshift(["similarity", "Similarity to the query"]);
      select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
      if (!choices.some(([name]) => name === state.color)) state.color = choices[0][0];
      select.value = state.color;
    }

    const isSimilarity = () => state.color === "similarity";

    function coded() {
      const column = map.columns.get(state.color);
      return column && column.values.length ? column : null;
    }

    function numbers() {
      return isSimilarity() ? query.values : map.columns.get(state.color).codes;
    }

    function range(values) {
      return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
    }

    function size() {
      const closer = Math.sqrt(Math.max(1, (map.width / (view.x1 - view.x0)) * (frame.clientWidth / 900)));
      const wanted = Math.min(SIZES[map.level] * closer, 13);
      return Math.round(wanted * 2) / 2;
    }

    // Points that stand out: of the chosen category, and in the lasso. null where all do.
    function front() {
      const column = coded();
      const code = column ? column.values.indexOf(state.value) : -1;
      if (code < 0 && !selected) return null;
      const chosen = selected || drawn;
      return code < 0 ? chosen : chosen.filter((i) => column.codes[i] === code);
    }

    function thin() {
      const all = Array.from({ length: map.count }, (_, i) => i);
      if (gl || map.count <= MOST_WITHOUT_GL) return all;
      const step = map.count / MOST_WITHOUT_GL;
      const sample = new Set(Array.from({ length: MOST_WITHOUT_GL }, (_, i) => Math.floor(i * step)));
      [...results, ...focused()].forEach((index) => sample.add(index));
      return all.filter((index) => sample.has(index));
    }

    // What Plotly draws: the points that stand back, then one group of points for every colour. A
    // trace of a single colour is drawn three times as fast as one with a colour for every point.
    function groups() {
      const chosen = front();
      const rest = new Set(chosen || []);
      const faded = chosen ? drawn.filter((index) => !rest.has(index)) : [];
      const coloured = coded()
        ? data.byCategory(chosen || drawn, coded(), colours)
        : data.byNumber(chosen || drawn, numbers(), range(numbers()), colours);
      return [{ points: faded, colour: colours.rest, opacity: FADED }, ...coloured];
    }

    function traces() {
      return groups().map(({ points, colour, opacity }) => ({
        type: gl ? "scattergl" : "scatter",
        mode: "markers",
        x: data.pick(map.x, points),
        y: data.pick(map.y, points),
        marker: { color: colour, size: size(), opacity: opacity || SOLID, line: { width: 0 } },
        hoverinfo: "skip",
      }));
    }

    function drawPoints(Plotly) {
      drawn = thin();
      const sampled = find(".map-thin");
      sampled.hidden = drawn.length === map.count;
      sampled.textContent = `This browser has no WebGL: of ${map.count.toLocaleString("en")} points ${drawn.length.toLocaleString("en")} are drawn, all results among them.`;
      const axis = { visible: false, zeroline: false, autorange: false };
      return Plotly.newPlot(plot, traces(), {
        width: frame.clientWidth,
        height: frame.clientHeight,
        margin: { l: 0, r: 0, t: 0, b: 0 },
        xaxis: { ...axis, range: [view.x0, view.x1] },
        yaxis: { ...axis, range: [view.y0, view.y1] },
        dragmode: "pan",
        hovermode: false,
        showlegend: false,
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
      }, { displayModeBar: false, scrollZoom: true, doubleClick: false, showTips: false }).then(() => {
        legend();
        turnLinks();
      });
    }

    // Colours and what stands out, anew; the points stay where they are.
    function recolour() {
      const now = groups();
      window.Plotly.restyle(plot, {
        x: now.map(({ points }) => data.pick(map.x, points)),
        y: now.map(({ points }) => data.pick(map.y, points)),
        "marker.color": now.map(({ colour }) => colour),
      }, now.map((_, number) => number));
      legend();
      drawOver();
    }

    function resize() {
      if (plot.data && plot.data[0].marker.size !== size()) {
        window.Plotly.restyle(plot, { "marker.size": size() });
      }
    }

    function legend() {
      const column = coded();
      find(".map-values").hidden = !column;
      find(".map-scale").hidden = Boolean(column);
      if (column) {
        lists.legend(page, column, colours, state.value, (value) => {
          write({ value: state.value === value ? null : value });
          recolour();
          find(`.map-values [data-value="${CSS.escape(value)}"]`).focus();
        });
        return;
      }
      const [low, high] = range(numbers());
      const digits = isSimilarity() ? 2 : 0;
      find(".map-low").textContent = low.toFixed(digits).replace("-", "−");
      find(".map-high").textContent = high.toFixed(digits).replace("-", "−");
    }

    // ---- over the points ----

    function textsShown() {
      if (!state.texts || !map.texts.length) return [];
      const chosen = front() && new Set(front());
      const wanted = chosen ? seen.filter((index) => chosen.has(index)) : seen;
      if (wanted.length <= over.MOST_TEXTS) return wanted;
      return [...results, ...focused(), ...(selected || []).slice(0, over.MOST_TEXTS)];
    }

    function drawOver() {
      satellites = over.satellites(map, seen, at);
      const polygon = trace.length ? trace.map(([x, y]) => back(x, y)) : data.readPairs(state.lasso, 3) || [];
      over.draw(svg, {
        at,
        data: map,
        query,
        results,
        polygon,
        unit: unit(),
        focus: focused(),
        around: satellites,
        texts: textsShown(),
        hover: hover && hover.at(),
      });
    }

    function saySeen() {
      const many = { museum: "museums", room: "rooms", view: "views" }[map.level];
      const parts = [`${seen.length.toLocaleString("en")} of ${map.count.toLocaleString("en")} ${many} in sight.`];
      if (satellites.some((one) => one.view === null)) parts.push("Each museum has its rooms around it, in order.");
      if (satellites.some((one) => one.view !== null)) parts.push("Each room has its views around it.");
      if (!satellites.length && map.level !== "view") parts.push(`Zoom in to see the ${map.level === "museum" ? "rooms of each museum" : "views of each room"}.`);
      if (state.texts && textsShown().length < (selected || seen).length && !state.value) {
        parts.push("There are too many descriptions for all: those of results and some selected points are drawn. Zoom in for the others.");
      }
      find(".map-said").textContent = parts.join(" ");
    }

    // ---- lists ----

    const valuesNow = () => ranking || (query && query.values);

    function sorted(points, values) {
      return values ? [...points].sort((a, b) => values[b] - values[a]) : points;
    }

    function showSeen() {
      find(".map-sight summary b").textContent = seen.length.toLocaleString("en");
      if (!find(".map-sight").open) return;
      const [x, y] = [(view.x0 + view.x1) / 2, (view.y0 + view.y1) / 2];
      const far = (i) => (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
      const values = query && query.values;
      const points = values ? sorted(seen, values) : [...seen].sort((a, b) => far(a) - far(b));
      lists.fill(page, find('[data-list="sight"]'), points, { map, values, open: openAddress });
    }

    function showSelection() {
      find(".map-selection").hidden = !selected;
      if (!selected) return;
      const one = { museum: "museum", room: "room", view: "view" }[map.level];
      const count = `${selected.length.toLocaleString("en")} ${one}${selected.length === 1 ? "" : "s"}`;
      const by = ranking ? `, ranked by “${state.within}”` : query ? ", ranked by the query" : "";
      find(".map-count").textContent = count + by;
      find("#map-words").value = state.within;
      const values = valuesNow();
      lists.fill(page, find('[data-list="selection"]'), sorted(selected, values), { map, values, open: openAddress });
    }

    function select(polygon) {
      selected = polygon.length >= 3 ? data.within(map, polygon) : null;
      if (!selected) ranking = null;
      const changes = { lasso: selected ? data.pairsText(polygon, 2) : null };
      write(selected ? changes : { ...changes, within: null });
      recolour();
      showSelection();
      if (selected) find("#map-selected").focus({ preventScroll: true });
    }

    async function rank(words) {
      if (!words.trim()) {
        ranking = null;
        write({ within: null });
        showSelection();
        return;
      }
      const fields = new URLSearchParams({ q: words, show: "map", "on.level": map.level });
      const answer = await server.place_query(`?${fields}`);
      if (!alive || !selected) return;
      if (answer.error) {
        say(answer.error);
        return;
      }
      say("");
      ranking = data.floats(answer.values);
      write({ within: words });
      showSelection();
    }

    // ---- pointer ----

    // What can be opened there: a result's number, since it lies on top; else the nearest thing.
    function hit(px, py, reach) {
      const numbered = results.find((index) => {
        const [x, y] = at(map.x[index], map.y[index]);
        return (x - px) ** 2 + (y - py) ** 2 < BADGE ** 2;
      });
      if (numbered !== undefined) return onPoint(numbered);
      let best = null;
      let least = reach ** 2;
      const nearer = (x, y, make) => {
        const far = (x - px) ** 2 + (y - py) ** 2;
        if (far < least) [least, best] = [far, make];
      };
      satellites.forEach((one) => nearer(...one.place, () => ({
        key: `${one.row}/${one.room}/${one.view}`,
        at: () => one.place,
        point: data.describe(map, one.row, one.room, one.view),
      })));
      const points = gl || drawn.length === map.count ? seen : drawn;
      const [x, y] = back(px, py);
      let nearest = -1;
      let distance = least / unit() ** 2;
      for (const i of points) {
        const far = (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
        if (far < distance) [distance, nearest] = [far, i];
      }
      if (nearest >= 0) return onPoint(nearest);
      return best && best();
    }

    function onPoint(index) {
      return { key: String(index), at: () => at(map.x[index], map.y[index]), point: data.describePoint(map, index) };
    }

    function showCard(found) {
      hover = found;
      drawOver();
      lists.card(page, found.point, { open: openAddress(found.point), ...downFrom(found.point) });
      const [x, y] = found.at();
      const [w, h] = [card.offsetWidth, card.offsetHeight];
      const left = x + 18 + w < frame.clientWidth ? x + 18 : Math.max(4, x - 18 - w);
      card.style.left = `${left}px`;
      card.style.top = `${Math.min(Math.max(4, y - h / 2), Math.max(4, frame.clientHeight - h - 4))}px`;
    }

    function hideCard() {
      hover = null;
      card.hidden = true;
      drawOver();
    }

    function setMode(mode) {
      hand.setMode(mode);
      page.querySelectorAll("button[data-mode]").forEach((button) =>
        button.setAttribute("aria-pressed", String(button.dataset.mode === mode)));
    }

    function watchPointer() {
      hand = pointer.watch(frame, svg, {
        hit,
        show: showCard,
        hide: () => hover && hideCard(),
        shown: () => hover,
        pinch,
        pinched,
        open: (found) => follow(openAddress(found.point)),
        outline: (pixels) => {
          trace = pixels;
          drawOver();
        },
        select: (pixels) => {
          setMode("pan"); // the points can be opened again at once
          select(data.thinned(pixels).map(([x, y]) => back(x, y)));
        },
      });
    }

    function keyed(event) {
      if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey) return;
      const actions = {
        ArrowLeft: () => moveBy(-1, 0),
        ArrowRight: () => moveBy(1, 0),
        ArrowUp: () => moveBy(0, 1),
        ArrowDown: () => moveBy(0, -1),
        "+": () => zoomBy(ZOOM),
        "=": () => zoomBy(ZOOM),
        "-": () => zoomBy(1 / ZOOM),
        0: () => go(whole()),
        Escape: hideCard,
      };
      if (!(event.key in actions)) return;
      event.preventDefault();
      actions[event.key]();
    }

    function ringOf(event) {
      const entry = event.target.closest && event.target.closest("li[data-point]");
      const index = entry ? Number(entry.dataset.point) : -1;
      hover = index >= 0 && event.type !== "mouseleave" ? onPoint(index) : null;
      card.hidden = true;
      drawOver();
    }

    // ---- all listeners ----

    const themes = new MutationObserver(() => {
      colours = data.palette();
      if (plot.data) recolour();
    });
    const sizes = new ResizeObserver(() => {
      if (!plot.data || !frame.clientWidth) return;
      view = fitted(view);
      const ranges = { "xaxis.range": [view.x0, view.x1], "yaxis.range": [view.y0, view.y1] };
      window.Plotly.relayout(plot, { width: frame.clientWidth, height: frame.clientHeight, ...ranges });
    });

    function listen(Plotly) {
      plot.on("plotly_relayouting", (event) => {
        takeRanges(event);
        drawOver();
        card.hidden = true;
      });
      plot.on("plotly_relayout", moved);
      plot.on("plotly_webglcontextlost", () => {
        gl = false;
        Plotly.purge(plot);
        drawPoints(Plotly).then(() => alive && listen(Plotly));
      });
      if (page.dataset.listening) return;
      page.dataset.listening = "yes";
      watchPointer();
      frame.addEventListener("keydown", keyed);
      page.addEventListener("click", clicked);
      find(".map-color").addEventListener("change", (event) => {
        write({ color: event.target.value, value: null });
        recolour();
      });
      const texts = find(".map-texts");
      if (texts) {
        texts.checked = Boolean(state.texts);
        texts.addEventListener("change", () => {
          write({ texts: texts.checked ? "yes" : null });
          drawOver();
          saySeen();
        });
      }
      find(".map-within").addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation(); // the page's own forms are searches
        rank(find("#map-words").value);
      });
      find(".map-sight").addEventListener("toggle", showSeen);
      const side = find(".map-side");
      ["mouseover", "focusin", "mouseleave"].forEach((name) => side.addEventListener(name, ringOf));
      themes.observe(document.body, { attributes: true, attributeFilter: ["class"] });
      sizes.observe(frame);
    }

    function clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.mode) setMode(button.dataset.mode);
      else if (button.dataset.zoom === "all") go(whole());
      else if (button.dataset.zoom) zoomBy(button.dataset.zoom === "in" ? ZOOM : 1 / ZOOM);
      else if (button.dataset.export) lists.download(button.dataset.export, map, valuesNow(), sorted(selected, valuesNow()));
      else if ("clear" in button.dataset) select([]);
    }

    return () => {
      alive = false;
      Object.values(timers).forEach(clearTimeout);
      if (hand) hand.stop();
      themes.disconnect();
      sizes.disconnect();
      if (window.Plotly && plot.data) window.Plotly.purge(plot);
    };
  }

  window.hicalmPages = { ...window.hicalmPages, map: start };
})();
