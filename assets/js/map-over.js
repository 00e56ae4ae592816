// What lies over the points of a map: the query's star and circle, the numbers of the results, rings,
// the lasso, descriptions, and close up the rooms and views around their museum or room.
// All of it is SVG in pixels, drawn anew whenever the map moves, so that its size never changes.
(() => {
  "use strict";

  const NS = "http://www.w3.org/2000/svg";
  const NEAR_ROOMS = 24; // points in sight at most, for the rooms (or views) around them to show
  const NEAR_VIEWS = 4; // and for the views around those rooms
  const RING = 30; // pixels from a point to what surrounds it
  const WIDE_RING = 74; // where the surrounding rooms have views around them
  const SMALL_RING = 22;
  const MAX_TEXTS = 600; // descriptions shown at once
  const BADGE = 10.5; // radius of a result's number
  const APART = 23; // pixels between two of them
  const NUDGE = 6; // a number that would lie on another is moved by so much, then by twice that, …
  const FARTHEST = 48; // which is far enough for twelve at the same position
  const LETTER = 7.4; // pixels of a region's name, on average
  const LINE = 20; // and its height
  const TURNS = 12; // directions that it may go

  function make(svg, name, attributes, text) {
    const node = document.createElementNS(NS, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    if (text !== undefined) node.textContent = text;
    svg.append(node);
    return node;
  }

  function around(x, y, radius, number, count) {
    const turn = (2 * Math.PI * number) / count - Math.PI / 2; // the first one stands on top
    return [x + radius * Math.cos(turn), y + radius * Math.sin(turn)];
  }

  // The rooms of museums, or the views of rooms, around the few points in sight: what to hit.
  function satellites(data, seen, at) {
    if (data.level === "view" || seen.length > NEAR_ROOMS) return [];
    const close = data.level === "museum" && seen.length <= NEAR_VIEWS;
    const found = [];
    seen.forEach((index) => {
      const [x, y] = at(data.x[index], data.y[index]);
      const row = data.museum[index];
      const museum = data.museums[row];
      const from = [x, y];
      if (data.level === "room") {
        const room = data.room[index];
        ring(museum.rooms[room][1], from, RING, (position, view) => found.push({ row, room, view, from, position }));
        return;
      }
      ring(museum.rooms.length, from, close ? WIDE_RING : RING, (position, room) => {
        found.push({ row, room, view: null, from, position });
        if (!close) return;
        ring(museum.rooms[room][1], position, SMALL_RING, (end, view) =>
          found.push({ row, room, view, from: position, position: end }));
      });
    });
    return found;
  }

  function ring(count, [x, y], radius, add) {
    for (let number = 0; number < count; number++) add(around(x, y, radius, number, count), number);
  }

  // Where the numbers of the results stand, the best one first: at their points, or close by where
  // a better one is already.
  function badges(data, results, at) {
    const placed = [];
    results.forEach((index) => {
      const from = at(data.x[index], data.y[index]);
      placed.push({ index, from, position: freePosition(from, placed) });
    });
    return placed;
  }

  function freePosition(from, placed) {
    const isFree = ([x, y]) => placed.every(({ position }) => Math.hypot(position[0] - x, position[1] - y) >= APART);
    if (isFree(from)) return from;
    for (let radius = NUDGE; radius <= FARTHEST; radius += NUDGE) {
      for (let turn = 0; turn < TURNS; turn++) {
        const position = around(...from, radius, turn, TURNS);
        if (isFree(position)) return position;
      }
    }
    return from;
  }

  function draw(svg, scene) {
    svg.replaceChildren();
    const { at, data } = scene;
    drawRegions(svg, scene);
    drawTexts(svg, scene);
    if (scene.polygon.length > 1) {
      const points = scene.polygon.map(([x, y]) => at(x, y).join(",")).join(" ");
      make(svg, "polygon", { points, class: "over-lasso" });
    }
    if (scene.query) drawQuery(svg, scene); // under the results, which it would hide
    scene.around.forEach((one) => drawSpoke(svg, one));
    scene.around.forEach((one) => {
      const room = one.view === null;
      const [cx, cy] = one.position;
      make(svg, "circle", { cx, cy, r: room ? 9 : 5, class: room ? "over-room" : "over-view" });
      if (room) make(svg, "text", { x: cx, y: cy, class: "over-room-number" }, one.room + 1);
    });
    scene.focus.forEach((index) => {
      const [cx, cy] = at(data.x[index], data.y[index]);
      make(svg, "circle", { cx, cy, r: 9, class: "over-focus" });
    });
    // The best result last, so that it lies on top where several are close.
    const { badges } = scene;
    badges.filter(({ from, position }) => from !== position).forEach((one) => drawSpoke(svg, one));
    [...badges].reverse().forEach(({ position: [cx, cy] }, below) => {
      make(svg, "circle", { cx, cy, r: BADGE, class: "over-result" });
      make(svg, "text", { x: cx, y: cy, class: "over-result-number" }, badges.length - below);
    });
    if (scene.hover) {
      const [cx, cy] = scene.hover;
      make(svg, "circle", { cx, cy, r: 12, class: "over-hover" });
    }
  }

  // The names of the regions in sight, those of the enlargement that the map has; the largest first,
  // and none over another.
  function drawRegions(svg, { at, data, unit }) {
    const enlarged = (data.width * unit) / svg.clientWidth;
    const zooms = data.regions.filter(({ zoom }) => zoom <= Math.max(enlarged, 1));
    const placed = [];
    (zooms.at(-1)?.regions || []).forEach(({ name, x, y }) => {
      const [px, py] = at(x, y);
      const wide = (name.length * LETTER) / 2;
      const inside = px > wide && px < svg.clientWidth - wide && py > LINE && py < svg.clientHeight - LINE;
      const free = placed.every((one) => Math.abs(one.px - px) > one.wide + wide || Math.abs(one.py - py) > LINE);
      if (!inside || !free) return;
      placed.push({ px, py, wide });
      make(svg, "text", { x: px, y: py, class: "over-region" }, name);
    });
  }

  function drawSpoke(svg, { from, position }) {
    make(svg, "line", { x1: from[0], y1: from[1], x2: position[0], y2: position[1], class: "over-spoke" });
  }

  function drawQuery(svg, { at, query, unit }) {
    const [x, y] = at(...query.position);
    const radius = Math.max(query.spread * unit, 14);
    make(svg, "circle", { cx: x, cy: y, r: radius, class: "over-spread" });
    const points = Array.from({ length: 10 }, (_, i) =>
      around(x, y, i % 2 ? 6 : 14, i, 10).join(",")).join(" ");
    make(svg, "polygon", { points, class: "over-star" });
    const below = y + radius + 24 < svg.clientHeight ? radius + 18 : 30; // clear of the results
    make(svg, "text", { x, y: y + below, class: "over-label" }, "approximate position");
  }

  // Descriptions as small diamonds with a line to what they describe; with too many in sight only
  // those of the results, of the selection and of the ringed points.
  function drawTexts(svg, { at, data, texts }) {
    texts.forEach((index) => {
      const [x, y] = at(data.texts[2 * index], data.texts[2 * index + 1]);
      const [px, py] = at(data.x[index], data.y[index]);
      make(svg, "line", { x1: x, y1: y, x2: px, y2: py, class: "over-text-line" });
      make(svg, "path", { d: `M${x} ${y - 4}l4 4l-4 4l-4-4z`, class: "over-text" });
    });
  }

  window.hicalmMapOver = { draw, satellites, badges, BADGE, MAX_TEXTS };
})();
