// What of a map lies at a position of the frame. Everything found is { key, at, point }: at() is where
// it is now, in pixels, and point what data.describe says of it.
(() => {
  "use strict";

  const data = window.hicalmMapData;
  const over = window.hicalmMapOver;

  const squared = ([x, y], [px, py]) => (x - px) ** 2 + (y - py) ** 2;

  // A result is found at its number, which may stand beside its point.
  function onPoint(chart, index) {
    const { map, sight } = chart;
    const at = () => {
      const badge = chart.badges.find((one) => one.index === index);
      return badge ? badge.position : sight.at(map.x[index], map.y[index]);
    };
    return { key: String(index), at, point: data.describePoint(map, index) };
  }

  function onSatellite({ map }, { row, room, view, position }) {
    return { key: `${row}/${room}/${view}`, at: () => position, point: data.describe(map, row, room, view) };
  }

  // What can be opened there: a result's number, since it lies on top; else the nearest thing.
  function hit(chart, position, reach) {
    const { map, sight } = chart;
    const numbered = chart.badges.find((badge) => squared(badge.position, position) < over.BADGE ** 2);
    if (numbered) return onPoint(chart, numbered.index);
    let shortest = reach ** 2;
    let satellite = null;
    chart.satellites.forEach((one) => {
      const far = squared(one.position, position);
      if (far < shortest) [shortest, satellite] = [far, one];
    });
    const [x, y] = sight.back(...position);
    let nearest = -1;
    shortest /= sight.unit() ** 2;
    for (const i of chart.drawn.length === map.count ? chart.seen : chart.drawn) {
      const far = (map.x[i] - x) ** 2 + (map.y[i] - y) ** 2;
      if (far < shortest) [shortest, nearest] = [far, i];
    }
    if (nearest >= 0) return onPoint(chart, nearest);
    return satellite && onSatellite(chart, satellite);
  }

  window.hicalmMapHit = { hit, onPoint };
})();
