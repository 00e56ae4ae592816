// The points in a lasso or box of a map: their list, the words that rank them, and taking them away.
(() => {
  "use strict";

  const data = window.hicalmMapData;
  const lists = window.hicalmMapLists;

  // `tools`: server; say(message); write(changes) takes fields into the address; recolour().
  function start(chart, { server, say, write, recolour }) {
    const { page, find, map, state } = chart;
    let ranking = null; // similarities to the words that rank the selection
    let alive = true;

    const values = () => ranking || chart.query?.values;
    const sorted = () => lists.sorted(chart.selected, values());

    function show() {
      const { selected, query } = chart;
      find(".map-selection").hidden = !selected;
      if (!selected) return;
      const count = `${selected.length.toLocaleString("en")} ${map.level}${selected.length === 1 ? "" : "s"}`;
      const by = ranking ? `, ranked by “${state.within}”` : query ? ", ranked by the query" : "";
      find(".map-count").textContent = count + by;
      find("#map-words").value = state.within;
      lists.fill(page, find('[data-list="selection"]'), sorted(), { map, values: values() });
    }

    // A polygon in units of the map; of fewer than three corners it takes the selection back.
    function select(polygon) {
      const selected = polygon.length >= 3 ? data.within(map, polygon) : null;
      chart.selected = selected;
      if (!selected) ranking = null;
      write(selected ? { lasso: data.pairsText(polygon, 2) } : { lasso: null, within: null });
      recolour();
      show();
      if (selected) find("#map-selected").focus({ preventScroll: true });
    }

    async function rank(words) {
      if (!words.trim()) {
        ranking = null;
        write({ within: null });
        show();
        return;
      }
      const fields = new URLSearchParams({ q: words, show: "map", "on.level": map.level });
      const answer = await server.locate_query(`?${fields}`);
      if (!alive || !chart.selected) return;
      if (answer.error) {
        say(answer.error);
        return;
      }
      say("");
      ranking = data.floats(answer.values);
      write({ within: words });
      show();
    }

    const download = (kind) => lists.download(kind, map, values(), sorted());

    show();
    if (state.within && chart.selected) rank(state.within);
    return { select, rank, download, stop: () => (alive = false) };
  }

  window.hicalmMapSelection = { start };
})();
