// The browser's history: each entry has a number; its page, scroll place and depth are kept here.
// An address too long for a server to take (a page of text as the query) stays out of the address
// bar and travels in the entry's state.
(function () {
  "use strict";

  const LONGEST_ADDRESS = 6000; // characters
  const KEPT_PAGES = 30;
  const pages = new Map(); // entry number -> the answer shown there
  let entry = { id: newId(), address: "?", museum: "", depth: 0 };

  function newId() {
    return `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
  }

  function visible(address) {
    const theme = new URLSearchParams(location.search).get("__theme");
    let shown = address.length > LONGEST_ADDRESS ? "?" : address;
    if (theme) shown += `${shown.length > 1 ? "&" : ""}__theme=${encodeURIComponent(theme)}`;
    return shown === "?" ? location.pathname : shown;
  }

  // The address to begin with: of this entry before a reload, else of the address bar.
  function begin() {
    history.scrollRestoration = "manual";
    const state = history.state && history.state.hicalm;
    const fields = new URLSearchParams(location.search);
    fields.delete("__theme");
    entry = state || { id: newId(), address: `?${fields}`, depth: 0 };
    return entry.address;
  }

  function rememberPlace() {
    try {
      sessionStorage.setItem(`place-${entry.id}`, String(Math.round(window.scrollY)));
    } catch (error) {
      // Storage is refused in some private windows: then a reload starts at the top.
    }
  }

  function place() {
    try {
      return Number(sessionStorage.getItem(`place-${entry.id}`)) || 0;
    } catch (error) {
      return 0;
    }
  }

  // Go to an address: `how` is "push" for a page of its own, "replace" to stay in this entry.
  function go(address, how) {
    rememberPlace();
    if (how === "push") {
      entry = { id: newId(), address, depth: entry.depth + 1, from: entry.address };
      history.pushState({ hicalm: entry }, "", visible(address));
    } else {
      entry = { ...entry, address };
      history.replaceState({ hicalm: entry }, "", visible(address));
    }
  }

  function arrive(state) {
    entry = (state && state.hicalm) || { id: newId(), address: location.search || "?", depth: 0 };
    return entry.address;
  }

  function keep(answer) {
    pages.delete(entry.id);
    pages.set(entry.id, answer);
    if (pages.size > KEPT_PAGES) pages.delete(pages.keys().next().value);
  }

  window.hicalmHistory = {
    begin,
    go,
    arrive,
    keep,
    place,
    rememberPlace,
    kept: () => pages.get(entry.id),
    current: () => entry,
    fits: () => entry.address.length <= LONGEST_ADDRESS,
  };
})();
