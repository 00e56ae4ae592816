// What is chosen on a map as fields `on.…` of the address, and the addresses that its points lead to.
(() => {
  "use strict";

  const FIELDS = ["level", "color", "value", "zoom", "lasso", "within", "texts", "museum", "room"];
  const ELSEWHERE = { zoom: null, lasso: null, within: null, museum: null, room: null };

  const fieldsNow = () => new URLSearchParams(window.hicalm.address());

  function read() {
    const fields = fieldsNow();
    return Object.fromEntries(FIELDS.map((name) => [name, fields.get(`on.${name}`) || ""]));
  }

  // The address of now with some fields of the page changed; null takes a field out.
  function changed(changes) {
    const fields = fieldsNow();
    fields.set("show", "map");
    Object.entries(changes).forEach(([name, value]) => {
      if (value === null || value === "") fields.delete(`on.${name}`);
      else fields.set(`on.${name}`, value);
    });
    return `?${fields}`;
  }

  // The page of a museum, with a room or view of it open.
  function opening({ id, room, view }) {
    const fields = fieldsNow();
    [...fields.keys()].filter((name) => name === "show" || name.startsWith("on.")).forEach((name) => fields.delete(name));
    fields.set("museum", id);
    if (room !== null) fields.set("room", room + 1);
    if (view !== null) fields.set("view", view + 1);
    return `?${fields}`;
  }

  const turnedTo = (level) => changed({ ...ELSEWHERE, level });

  // The map of the level below a point, turned to that point.
  function below({ id, room, view }) {
    if (view !== null) return { down: "", downLabel: "" };
    const to = { ...ELSEWHERE, value: null, museum: id };
    if (room === null) return { down: changed({ ...to, level: "room" }), downLabel: "Its rooms on the map" };
    return { down: changed({ ...to, level: "view", room: room + 1 }), downLabel: "Its views on the map" };
  }

  window.hicalmMapAddress = { read, changed, opening, turnedTo, below };
})();
