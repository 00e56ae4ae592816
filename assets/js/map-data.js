// The data of a map: fetched once, decoded, with what belongs to every point; and some geometry.
(() => {
  "use strict";

  const HUES = 10; // categories with a colour of their own; the others share a grey
  const OTHERS = "*"; // stands for all of those in the address
  const STEPS = 5; // colours of the scale for numbers
  const BINS = HUES + 1; // numbers are drawn in so many shades between them
  const MAX_VERTICES = 60; // of a lasso in an address
  const kept = new Map(); // address of the data -> promise of it

  function bytes(text) {
    const plain = atob(text);
    const array = new Uint8Array(plain.length);
    for (let i = 0; i < plain.length; i++) array[i] = plain.charCodeAt(i);
    return array.buffer;
  }

  const floats = (text) => new Float32Array(bytes(text));

  function load(source) {
    if (!kept.has(source)) {
      const coming = fetch(source).then((response) => {
        if (!response.ok) throw new Error(`${response.status}`);
        return response.json();
      });
      kept.set(source, coming.then(decode));
      kept.get(source).catch(() => kept.delete(source));
    }
    return kept.get(source);
  }

  function decode(raw) {
    const pairs = floats(raw.xy);
    const x = new Float32Array(raw.count);
    const y = new Float32Array(raw.count);
    for (let i = 0; i < raw.count; i++) {
      x[i] = pairs[2 * i];
      y[i] = pairs[2 * i + 1];
    }
    const columns = new Map(raw.columns.map((column) => {
      const buffer = bytes(column.codes);
      const codes = column.bytes === 1 ? new Uint8Array(buffer) : new Uint16Array(buffer);
      const counts = column.values.map(() => 0);
      if (counts.length) codes.forEach((code) => counts[code]++);
      return [column.name, { ...column, codes, counts }];
    }));
    const data = { level: raw.level, count: raw.count, width: raw.width, regions: raw.regions, x, y, columns };
    data.texts = floats(raw.texts);
    data.museums = raw.museums;
    Object.assign(data, owners(data));
    data.rows = new Map(raw.museums.map((museum, row) => [museum.id, row]));
    return data;
  }

  // Which museum (row), room and view each point is.
  function owners({ level, count, museums }) {
    const museum = new Uint16Array(count);
    const room = new Uint16Array(count);
    const view = new Uint16Array(count);
    const starts = []; // first point of every museum
    let at = 0;
    museums.forEach((one, row) => {
      starts.push(at);
      if (level === "museum") museum[at++] = row;
      else {
        one.rooms.forEach(([, views], number) => {
          for (let v = 0; v < (level === "view" ? views : 1); v++, at++) {
            museum[at] = row;
            room[at] = number;
            view[at] = v;
          }
        });
      }
    });
    starts.push(at);
    return { museum, room, view, starts };
  }

  // What a point, or a room or view beside it, is called and looks like.
  function describe(data, row, room = null, view = null) {
    const museum = data.museums[row];
    const rooms = museum.rooms.length;
    if (room === null) {
      const where = rooms === 1 ? "1 room" : `${rooms} rooms`;
      return { id: museum.id, room, view, name: museum.title, where, picture: `cover/${museum.id}` };
    }
    const roomLabel = `Room ${room + 1}, ${museum.title}`;
    return {
      id: museum.id,
      room,
      view,
      name: museum.rooms[room][0],
      where: view === null ? roomLabel : `View ${view + 1}, ${roomLabel}`,
      picture: `picture/${museum.id}/${room}/${view || 0}?w=`,
    };
  }

  function describePoint(data, index) {
    const room = data.level === "museum" ? null : data.room[index];
    return describe(data, data.museum[index], room, data.level === "view" ? data.view[index] : null);
  }

  const sized = (picture, width) => (picture.endsWith("=") ? picture + width : picture);

  // The points of a museum, or of one of its rooms.
  function pointsOf(data, id, room = null) {
    const row = data.rows.get(id);
    if (row === undefined) return [];
    const found = [];
    for (let i = data.starts[row]; i < data.starts[row + 1]; i++) {
      if (room === null || data.level === "museum" || data.room[i] === room) found.push(i);
    }
    return found;
  }

  // Whether a point lies in a polygon, an array of [x, y]: crossings of a ray to the right.
  function inside(polygon, x, y) {
    let within = false;
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
      const [xi, yi] = polygon[i];
      const [xj, yj] = polygon[j];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
    }
    return within;
  }

  function within(data, polygon) {
    const found = [];
    for (let i = 0; i < data.count; i++) if (inside(polygon, data.x[i], data.y[i])) found.push(i);
    return found;
  }

  function thinned(polygon) {
    const step = Math.max(1, polygon.length / MAX_VERTICES);
    const kept = [];
    for (let at = 0; at < polygon.length; at += step) kept.push(polygon[Math.floor(at)]);
    return kept.slice(0, MAX_VERTICES);
  }

  const pairsText = (points, digits) =>
    points.map((point) => point.map((value) => Number(value.toFixed(digits))).join(",")).join(";");

  // "1,2;3,4" as [[1, 2], [3, 4]]; null for anything else, or for fewer pairs than `minPairs`.
  function readPairs(text, minPairs) {
    if (!text || text.length > 4000) return null;
    const points = text.split(";").map((pair) => pair.split(",").map(Number));
    const whole = points.every((pair) => pair.length === 2 && pair.every(Number.isFinite));
    return whole && points.length >= minPairs && points.length <= MAX_VERTICES ? points : null;
  }

  // Colours of the custom properties `--hue-0` …, in the theme that is on.
  function palette() {
    const style = getComputedStyle(document.body);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      hues: Array.from({ length: HUES }, (_, i) => read(`--hue-${i}`)),
      rest: read("--hue-rest"),
      steps: Array.from({ length: STEPS }, (_, i) => read(`--step-${i}`)),
    };
  }

  const hueOf = (colours, code) => (code < HUES ? colours.hues[code] : colours.rest);

  // Whether a code is of the category (or of the others) that was chosen; null where none is.
  function chooser(column, value) {
    if (value === OTHERS && column.values.length > HUES) return (code) => code >= HUES;
    const chosen = column.values.indexOf(value);
    return chosen < 0 ? null : (code) => code === chosen;
  }

  // Points in a group for every colour; frequent categories lie below rare ones.
  function byCategory(points, column, colours) {
    const groups = [{ points: [], colour: colours.rest }];
    colours.hues.forEach((colour) => groups.push({ points: [], colour }));
    points.forEach((i) => groups[column.codes[i] < HUES ? column.codes[i] + 1 : 0].points.push(i));
    return groups;
  }

  // The same for numbers; the highest ones lie on top.
  function byNumber(points, values, colours) {
    const [low, high] = range(values);
    const groups = Array.from({ length: BINS }, (_, bin) =>
      ({ points: [], colour: between(colours.steps, bin / (BINS - 1)) }));
    const unit = high > low ? BINS / (high - low) : 0;
    points.forEach((i) => groups[Math.min(BINS - 1, Math.floor((values[i] - low) * unit))].points.push(i));
    return groups;
  }

  // The colour at a share 0..1 of a scale of `#rrggbb` colours.
  function between(steps, share) {
    const at = Math.min(share * (steps.length - 1), steps.length - 1.0001);
    const [from, to] = [steps[Math.floor(at)], steps[Math.floor(at) + 1]];
    const parts = [1, 3, 5].map((start) => {
      const [a, b] = [from, to].map((colour) => parseInt(colour.slice(start, start + 2), 16));
      return Math.round(a + (b - a) * (at % 1));
    });
    return `rgb(${parts.join(",")})`;
  }

  function range(values) {
    return values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  }

  function pick(values, points) {
    const picked = new Float32Array(points.length);
    points.forEach((index, slot) => (picked[slot] = values[index]));
    return picked;
  }

  window.hicalmMapData = {
    HUES, OTHERS, load, floats, describe, describePoint, sized, pointsOf, within, thinned, pairsText,
    readPairs, palette, hueOf, chooser, byCategory, byNumber, range, pick,
  };
})();
