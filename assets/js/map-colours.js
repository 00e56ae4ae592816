// What the points of a map are coloured by, which of them stand out, and the legend.
(() => {
  "use strict";

  const SIMILARITY = "similarity"; // the choice that a query adds
  const FIRST = ["theme", "style", "subject", "palette", "rooms"]; // of the choices
  const FADED = 0.16; // opacity of a point that stands back
  const data = window.hicalmMapData;
  const lists = window.hicalmMapLists;

  // Fills the choice of colours; what the address asks for but the map does not have is the first.
  function fill({ page, find, map, query, state }) {
    const select = find(".map-color");
    const order = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
    const names = [...map.columns.keys()].sort((a, b) => order(a) - order(b));
    const choices = names.map((name) => [name, map.columns.get(name).label]);
    if (query) choices.unshift([SIMILARITY, "Similarity to the query"]);
    select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
    const known = (color) => choices.some(([name]) => name === color);
    const best = known(SIMILARITY) ? SIMILARITY : page.dataset.color;
    if (!known(state.color)) state.color = known(best) ? best : choices[0][0];
    select.value = state.color;
  }

  // The column of categories that colours the points; null where numbers do.
  function categories({ map, state }) {
    const column = map.columns.get(state.color);
    return column?.values.length ? column : null;
  }

  function numbers({ map, query, state }) {
    return state.color === SIMILARITY ? query.values : map.columns.get(state.color).codes;
  }

  // Points that stand out: of the chosen category, and in the lasso. null where all do.
  function front(chart) {
    const column = categories(chart);
    const chosen = column && data.chooser(column, chart.state.value);
    if (!chosen) return chart.selected;
    return (chart.selected || chart.drawn).filter((index) => chosen(column.codes[index]));
  }

  // What Plotly draws: the points that stand back, then one group of points for every colour. A
  // trace of a single colour is drawn three times as fast as one with a colour for every point.
  function groups(chart) {
    const { drawn, palette } = chart;
    const [column, chosen] = [categories(chart), front(chart)];
    const forward = new Set(chosen || []);
    const faded = chosen ? drawn.filter((index) => !forward.has(index)) : [];
    const coloured = column
      ? data.byCategory(chosen || drawn, column, palette)
      : data.byNumber(chosen || drawn, numbers(chart), palette);
    return [{ points: faded, colour: palette.rest, opacity: FADED }, ...coloured];
  }

  function legend(chart, choose) {
    const { page, find, palette, state } = chart;
    const column = categories(chart);
    find(".map-values").hidden = !column;
    find(".map-scale").hidden = Boolean(column);
    if (column) {
      lists.legend(page, column, palette, state.value, choose);
      return;
    }
    const digits = state.color === SIMILARITY ? 2 : 0;
    const ends = data.range(numbers(chart)).map((end) => lists.number(end, digits));
    [find(".map-low").textContent, find(".map-high").textContent] = ends;
  }

  window.hicalmMapColours = { fill, front, groups, legend };
})();
