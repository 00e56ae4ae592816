// The points of a map as Plotly draws them: by WebGL, or where there is none fewer of them as SVG.
(() => {
  "use strict";

  const MAX_WITHOUT_GL = 5000; // points that SVG draws in reasonable time
  const SIZES = { museum: 10, room: 6, view: 3.5 }; // of a point, pixels
  const LARGEST = 13;
  const SOLID = 0.88; // opacity of a point
  const data = window.hicalmMapData;
  const colours = window.hicalmMapColours;
  let plotly; // promise of Plotly, once a map was opened

  function load(source) {
    plotly = plotly || new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
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

  function thin({ map, gl, results, focus }) {
    const all = Array.from({ length: map.count }, (_, i) => i);
    if (gl || map.count <= MAX_WITHOUT_GL) return all;
    const step = map.count / MAX_WITHOUT_GL;
    const sample = new Set(Array.from({ length: MAX_WITHOUT_GL }, (_, i) => Math.floor(i * step)));
    [...results, ...focus].forEach((index) => sample.add(index));
    return all.filter((index) => sample.has(index));
  }

  function pointSize({ map, sight, frame }) {
    const closer = Math.sqrt(Math.max(1, (map.width / sight.across()) * (frame.clientWidth / 900)));
    return Math.round(Math.min(SIZES[map.level] * closer, LARGEST) * 2) / 2;
  }

  function traces(chart) {
    return colours.groups(chart).map(({ points, colour, opacity }) => ({
      type: chart.gl ? "scattergl" : "scatter",
      mode: "markers",
      x: data.pick(chart.map.x, points),
      y: data.pick(chart.map.y, points),
      marker: { color: colour, size: pointSize(chart), opacity: opacity || SOLID, line: { width: 0 } },
      hoverinfo: "skip",
    }));
  }

  function draw(chart) {
    const { find, frame, map, plot, sight } = chart;
    chart.drawn = thin(chart);
    const sampled = find(".map-thin");
    sampled.hidden = chart.drawn.length === map.count;
    sampled.textContent = `This browser has no WebGL: of ${map.count.toLocaleString("en")} points ${chart.drawn.length.toLocaleString("en")} are drawn, all results among them.`;
    const axis = { visible: false, zeroline: false, autorange: false };
    const ranges = sight.ranges();
    return window.Plotly.newPlot(plot, traces(chart), {
      width: frame.clientWidth,
      height: frame.clientHeight,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      xaxis: { ...axis, range: ranges["xaxis.range"] },
      yaxis: { ...axis, range: ranges["yaxis.range"] },
      dragmode: "pan",
      hovermode: false,
      showlegend: false,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
    }, { displayModeBar: false, scrollZoom: true, doubleClick: false, showTips: false });
  }

  // Colours and what stands out, anew; the points stay where they are.
  function recolour(chart) {
    const now = colours.groups(chart);
    window.Plotly.restyle(chart.plot, {
      x: now.map(({ points }) => data.pick(chart.map.x, points)),
      y: now.map(({ points }) => data.pick(chart.map.y, points)),
      "marker.color": now.map(({ colour }) => colour),
    }, now.map((_, number) => number));
  }

  function resize(chart) {
    const size = pointSize(chart);
    if (chart.plot.data && chart.plot.data[0].marker.size !== size) {
      window.Plotly.restyle(chart.plot, { "marker.size": size });
    }
  }

  window.hicalmMapPlot = { load, hasWebGL, draw, recolour, resize };
})();
