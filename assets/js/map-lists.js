// The lists beside a map, its card, and what can be taken away from it: all text is set as text.
(() => {
  "use strict";

  const SHOWN = 60; // entries of a list; the export has all of them
  const GAP = 18; // pixels from a point to its card
  const EDGE = 4; // and from the card to the frame's edge
  const data = window.hicalmMapData;
  const address = window.hicalmMapAddress;

  function piece(page, name) {
    return page.querySelector(`template.${name}`).content.firstElementChild.cloneNode(true);
  }

  function sorted(points, values) {
    return values ? [...points].sort((a, b) => values[b] - values[a]) : points;
  }

  function fill(page, list, points, { map, values }) {
    const entries = points.slice(0, SHOWN).map((index, rank) => {
      const point = data.describePoint(map, index);
      const entry = piece(page, "map-entry");
      entry.dataset.point = index;
      const link = entry.querySelector("a");
      link.href = address.opening(point);
      link.dataset.key = `map-${list.dataset.list}-${index}`;
      entry.querySelector("i").textContent = rank + 1;
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

  const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");

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
    if (typeof value === "string" && /^[=+\-@\t\r\n]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(records) {
    const names = Object.keys(records[0] || {});
    const lines = records.map((one) => names.map((name) => field(one[name])).join(","));
    return `${[names.map(field).join(","), ...lines].join("\r\n")}\r\n`;
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

  // The values of a column that have points. Those without a colour of their own are one entry,
  // which shows each of them once it was chosen.
  function legendEntries(column, colours, chosen) {
    const all = column.values.map((value, code) =>
      ({ code, value, label: value, count: column.counts[code], colour: data.hueOf(colours, code) }));
    const entries = all.filter(({ count }) => count);
    const rest = entries.filter(({ code }) => code >= data.HUES);
    if (!rest.length) return entries;
    const count = rest.reduce((sum, one) => sum + one.count, 0);
    const others = { value: data.OTHERS, label: "others", count, colour: colours.rest };
    const open = [others, ...rest].some(({ value }) => value === chosen);
    return [...entries.slice(0, -rest.length), others, ...(open ? rest : [])];
  }

  function legend(page, column, colours, chosen, choose) {
    const entries = legendEntries(column, colours, chosen).map(({ value, label, count, colour }) => {
      const entry = piece(page, "map-value");
      const button = entry.querySelector("button");
      button.setAttribute("aria-pressed", String(value === chosen));
      button.dataset.value = value;
      entry.querySelector("i").style.background = colour;
      entry.querySelector("span").textContent = label;
      entry.querySelector("small").textContent = count.toLocaleString("en");
      button.addEventListener("click", () => choose(value));
      return entry;
    });
    page.querySelector(".map-values").replaceChildren(...entries);
  }

  // The card of a point, beside its position in the frame: its picture, its name, and where it leads.
  function card(page, point, [x, y]) {
    const { down, downLabel } = address.below(point);
    const box = page.querySelector(".map-card");
    box.replaceChildren(page.querySelector("template.map-tip").content.cloneNode(true));
    box.querySelector("img").src = data.sized(point.picture, 320);
    box.querySelector(".map-tip-name").textContent = point.name;
    box.querySelector(".map-tip-where").textContent = point.where;
    box.querySelector("[data-open]").href = address.opening(point);
    const further = box.querySelector("[data-down]");
    further.hidden = !down;
    further.href = down || "?";
    further.textContent = downLabel;
    box.hidden = false;
    const { clientWidth, clientHeight } = box.parentElement;
    const [w, h] = [box.offsetWidth, box.offsetHeight];
    const left = x + GAP + w < clientWidth ? x + GAP : Math.max(EDGE, x - GAP - w);
    const top = Math.min(Math.max(EDGE, y - h / 2), Math.max(EDGE, clientHeight - h - EDGE));
    Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
  }

  window.hicalmMapLists = { sorted, fill, legend, card, download, number };
})();
