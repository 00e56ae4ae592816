// What is in sight of a map: as a sentence under it, as a list beside it, and its descriptions.
(() => {
  "use strict";

  const MANY = { museum: "museums", room: "rooms", view: "views" };
  const colours = window.hicalmMapColours;
  const lists = window.hicalmMapLists;
  const over = window.hicalmMapOver;

  const grouped = (number) => number.toLocaleString("en");

  // The points whose descriptions are drawn.
  function texts(chart) {
    const { focus, map, results, seen, selected, state } = chart;
    if (!state.texts || !map.texts.length) return [];
    const front = colours.front(chart);
    const chosen = front && new Set(front);
    const wanted = chosen ? seen.filter((index) => chosen.has(index)) : seen;
    if (wanted.length <= over.MAX_TEXTS) return wanted;
    return [...results, ...focus, ...(selected || []).slice(0, over.MAX_TEXTS)];
  }

  function say(chart) {
    const { find, map, satellites, seen, selected, state } = chart;
    const parts = [`${grouped(seen.length)} of ${grouped(map.count)} ${MANY[map.level]} in sight.`];
    if (satellites.some((one) => one.view === null)) parts.push("Each museum has its rooms around it, in order.");
    if (satellites.some((one) => one.view !== null)) parts.push("Each room has its views around it.");
    if (!satellites.length && map.level !== "view") {
      parts.push(`Zoom in to see the ${map.level === "museum" ? "rooms of each museum" : "views of each room"}.`);
    }
    if (state.texts && texts(chart).length < (selected || seen).length && !state.value) {
      parts.push("There are too many descriptions for all: those of results and some selected points are drawn. Zoom in for the others.");
    }
    find(".map-said").textContent = parts.join(" ");
  }

  // The most similar to the query first; without one, those in the middle.
  function list({ page, find, map, query, seen, sight }) {
    find(".map-sight summary b").textContent = grouped(seen.length);
    if (!find(".map-sight").open) return;
    const [x, y] = sight.middle();
    const far = (i) => (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
    const values = query?.values;
    const order = values ? lists.sorted(seen, values) : [...seen].sort((a, b) => far(a) - far(b));
    lists.fill(page, find('[data-list="sight"]'), order, { map, values });
  }

  window.hicalmMapSeen = { texts, say, list };
})();
