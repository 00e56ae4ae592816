// The lists beside a map, its card, and what can be taken away from it: all text is set as text.
(function () {
  "use strict";

  const SHOWN = 60; // entries of a list; the export has all of them
  const data = window.hicalmMapData;

  function piece(page, name) {
    return page.querySelector(`template.${name}`).content.firstElementChild.cloneNode(true);
  }

  function fill(page, list, points, { map, values, open }) {
    const entries = points.slice(0, SHOWN).map((index, place) => {
      const point = data.describePoint(map, index);
      const entry = piece(page, "map-entry");
      entry.dataset.point = index;
      const link = entry.querySelector("a");
      link.href = open(point);
      link.dataset.key = `map-${list.dataset.list}-${index}`;
      entry.querySelector("i").textContent = place + 1;
      entry.querySelector("img").src = data.sized(point.picture, 160);
      entry.querySelector("b").textContent = point.name;
      entry.querySelector("small").textContent = point.where;
      entry.querySelector("em").textContent = values ? number(values[index]) : "";
      return entry;
    });
    if (points.length > SHOWN) {
      const rest = document.createElement("li");
      rest.className = "map-rest meta";
      rest.textContent = `and ${(points.length - SHOWN).toLocaleString("en")} more`;
      entries.push(rest);
    }
    list.replaceChildren(...entries);
  }

  const number = (value) => value.toFixed(2).replace("-", "−");

  function record(map, values, index) {
    const point = data.describePoint(map, index);
    const columns = [...map.columns.values()].map((column) =>
      [column.name, column.values.length ? column.values[column.codes[index]] : column.codes[index]]);
    return {
      museum_id: point.id,
      museum: map.museums[map.museum[index]].title,
      room: point.room === null ? null : point.room + 1,
      room_name: point.room === null ? null : point.name,
      view: point.view === null ? null : point.view + 1,
      x: Number(map.x[index].toFixed(3)),
      y: Number(map.y[index].toFixed(3)),
      similarity: values ? Number(values[index].toFixed(4)) : null,
      ...Object.fromEntries(columns),
    };
  }

  // A field of a CSV file. A leading = + - @ would be run as a formula by a spreadsheet.
  function field(value) {
    let text = value === null ? "" : String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(records) {
    const names = Object.keys(records[0] || {});
    const lines = records.map((one) => names.map((name) => field(one[name])).join(","));
    return [names.map(field).join(","), ...lines].join("\r\n") + "\r\n";
  }

  function download(kind, map, values, points) {
    const records = points.map((index) => record(map, values, index));
    const content = kind === "csv" ? csv(records) : JSON.stringify(records, null, 1);
    const type = kind === "csv" ? "text/csv;charset=utf-8" : "application/json";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = `hicalm-${map.level}s.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  function legend(page, column, colours, chosen, choose) {
    const list = page.querySelector(".map-values");
    const order = column.values.map((_, code) => code).filter((code) => column.counts[code]);
    list.replaceChildren(...order.map((code) => {
      const entry = piece(page, "map-value");
      const button = entry.querySelector("button");
      button.setAttribute("aria-pressed", String(column.values[code] === chosen));
      button.dataset.value = column.values[code];
      entry.querySelector("i").style.background = data.hueOf(colours, code);
      entry.querySelector("span").textContent = column.values[code];
      entry.querySelector("small").textContent = column.counts[code].toLocaleString("en");
      button.addEventListener("click", () => choose(column.values[code]));
      return entry;
    }));
  }

  // The card of a point: its picture, its name, and where it leads.
  function card(page, point, { open, down, downLabel }) {
    const box = page.querySelector(".map-card");
    box.replaceChildren(page.querySelector("template.map-tip").content.cloneNode(true));
    box.querySelector("img").src = data.sized(point.picture, 320);
    box.querySelector(".map-tip-name").textContent = point.name;
    box.querySelector(".map-tip-where").textContent = point.where;
    box.querySelector("[data-open]").href = open;
    const further = box.querySelector("[data-down]");
    further.hidden = !down;
    further.href = down || "?";
    further.textContent = downLabel;
    box.hidden = false;
    return box;
  }

  window.hicalmMapLists = { fill, legend, card, download, csv, record };
})();
