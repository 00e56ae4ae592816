// What part of a map is in sight, and every way of moving it. A box is { x0, x1, y0, y1 }, in units
// of the map; a position is [x, y], in units or in pixels of the frame.
(() => {
  "use strict";

  const STEP = 0.25; // of what is in sight, for an arrow key
  const CLOSEST = 0.05; // units across
  const data = window.hicalmMapData;

  const boxAround = ([x, y], w, h) => ({ x0: x - w, x1: x + w, y0: y - h, y1: y + h });
  const middleOf = ({ x0, x1, y0, y1 }) => [(x0 + x1) / 2, (y0 + y1) / 2];

  function boundsOf(map, points, minSize) {
    const [x0, x1] = data.range(data.pick(map.x, points));
    const [y0, y1] = data.range(data.pick(map.y, points));
    const sizes = [x1 - x0, y1 - y0].map((size) => Math.max(size, minSize) * 0.6);
    return boxAround(middleOf({ x0, x1, y0, y1 }), ...sizes);
  }

  function wholeOf(map) {
    const [x0, x1] = data.range(map.x);
    const [y0, y1] = data.range(map.y);
    const edge = map.width * 0.04;
    return { x0: x0 - edge, x1: x1 + edge, y0: y0 - edge, y1: y1 + edge };
  }

  function firstBox({ map, state, focus }) {
    const zoom = data.readPairs(state.zoom, 2);
    if (zoom && zoom.length === 2 && zoom[0][0] < zoom[1][0] && zoom[0][1] < zoom[1][1]) {
      return { x0: zoom[0][0], x1: zoom[1][0], y0: zoom[0][1], y1: zoom[1][1] };
    }
    return focus.length ? boundsOf(map, focus, map.width / 10) : wholeOf(map);
  }

  // Starts at the box of the address's state, at the points to focus on, or with the whole map.
  function watch({ map, state, focus, frame, plot }) {
    let view = fitted(firstBox({ map, state, focus }));

    // The smallest box of the frame's proportions around a box: a unit is as wide as it is high.
    function fitted(box) {
      const { clientWidth, clientHeight } = frame;
      const size = Math.max((box.x1 - box.x0) / clientWidth, (box.y1 - box.y0) / clientHeight, CLOSEST / 1000);
      return boxAround(middleOf(box), (size * clientWidth) / 2, (size * clientHeight) / 2);
    }

    const across = () => view.x1 - view.x0;
    const unit = () => frame.clientWidth / across(); // pixels
    const at = (x, y) => [(x - view.x0) * unit(), (view.y1 - y) * unit()];
    const back = (px, py) => [view.x0 + px / unit(), view.y1 - py / unit()];
    const ranges = () => ({ "xaxis.range": [view.x0, view.x1], "yaxis.range": [view.y0, view.y1] });

    function go(box) {
      view = fitted(box);
      return window.Plotly.relayout(plot, ranges());
    }

    const goToWhole = () => go(wholeOf(map));

    function zoomBy(factor) {
      go(boxAround(middleOf(view), across() / 2 / factor, (view.y1 - view.y0) / 2 / factor));
    }

    function moveBy(right, up) {
      const [dx, dy] = [right * STEP * across(), up * STEP * (view.y1 - view.y0)];
      go({ x0: view.x0 + dx, x1: view.x1 + dx, y0: view.y0 + dy, y1: view.y1 + dy });
    }

    // Two fingers went from one pair of positions to another, in pixels: what was between them stays.
    function pinch(before, after) {
      const apart = ([a, b]) => Math.max(Math.hypot(a[0] - b[0], a[1] - b[1]), 1);
      const between = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      const held = back(...between(before));
      const size = 1 / (unit() * (apart(after) / apart(before))); // of a pixel
      const [x, y] = between(after);
      const [x0, y1] = [held[0] - x * size, held[1] + y * size];
      view = fitted({ x0, x1: x0 + frame.clientWidth * size, y0: y1 - frame.clientHeight * size, y1 });
      // Many points take long to draw: the picture of them is stretched until the fingers are lifted.
      const { xaxis, yaxis } = plot.layout;
      const [left, top] = at(xaxis.range[0], yaxis.range[1]);
      const scale = (xaxis.range[1] - xaxis.range[0]) / across();
      plot.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    }

    function pinched() {
      go(view).then(() => (plot.style.transform = ""));
    }

    // Plotly moved the map.
    function adoptRange(event) {
      const x = event["xaxis.range"] || [event["xaxis.range[0]"], event["xaxis.range[1]"]];
      const y = event["yaxis.range"] || [event["yaxis.range[0]"], event["yaxis.range[1]"]];
      if ([...x, ...y].every(Number.isFinite)) view = { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
    }

    function refit() {
      view = fitted(view);
      window.Plotly.relayout(plot, { width: frame.clientWidth, height: frame.clientHeight, ...ranges() });
    }

    function points() {
      const found = [];
      for (let i = 0; i < map.count; i++) {
        if (map.x[i] >= view.x0 && map.x[i] <= view.x1 && map.y[i] >= view.y0 && map.y[i] <= view.y1) found.push(i);
      }
      return found;
    }

    // What is in sight, for the address; null for the whole map.
    function text() {
      const all = fitted(wholeOf(map));
      const same = Math.abs(view.x0 - all.x0) + Math.abs(view.x1 - all.x1) < 0.01 && Math.abs(view.y0 - all.y0) < 0.01;
      return same ? null : data.pairsText([[view.x0, view.y0], [view.x1, view.y1]], 2);
    }

    const middle = () => middleOf(view);
    return { at, back, unit, across, middle, ranges, points, text, goToWhole, zoomBy, moveBy, pinch, pinched, adoptRange, refit };
  }

  window.hicalmMapSight = { watch };
})();
