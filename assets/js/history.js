// The browser's history: each entry has a number; its page and how far it was scrolled are kept here.
// An address too long for a server to take (a page of text as the query) is shown with the query's
// beginning only; the whole of it travels in the entry's state.
(() => {
  "use strict";

  const LONGEST_ADDRESS = 6000; // characters
  const SHOWN_QUERY = 300; // characters of a longer one
  const KEPT_PAGES = 30;
  const pages = new Map(); // entry number -> the answer shown there
  let theme = new URLSearchParams(location.search).get("__theme"); // Gradio's own field
  let entry = { id: newId(), address: "?" };

  function newId() {
    return `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
  }

  function visible(address) {
    const fields = new URLSearchParams(address);
    if (address.length > LONGEST_ADDRESS && fields.has("q")) {
      fields.set("q", `${fields.get("q").slice(0, SHOWN_QUERY)}…`);
    }
    if (theme) fields.set("__theme", theme);
    return fields.size ? `?${fields}` : location.pathname;
  }

  // The address to begin with: of this entry before a reload, else of the address bar.
  function begin() {
    history.scrollRestoration = "manual";
    const state = history.state?.hicalm;
    const fields = new URLSearchParams(location.search);
    const shown = fields.size ? `?${fields}` : location.pathname;
    if (state && visible(state.address) === shown) {
      entry = state;
    } else {
      fields.delete("__theme");
      entry = { id: newId(), address: `?${fields}` };
    }
    return entry.address;
  }

  function setTheme(name) {
    theme = name;
    history.replaceState({ hicalm: entry }, "", visible(entry.address));
  }

  function rememberScroll() {
    try {
      sessionStorage.setItem(`scroll-${entry.id}`, String(Math.round(window.scrollY)));
    } catch {
      // Storage is refused in some private windows: then a reload starts at the top.
    }
  }

  function scroll() {
    try {
      return Number(sessionStorage.getItem(`scroll-${entry.id}`)) || 0;
    } catch {
      return 0;
    }
  }

  // Go to an address: `how` is "push" for a page of its own, "replace" to stay in this entry.
  function go(address, how) {
    rememberScroll();
    if (how === "push") {
      entry = { id: newId(), address, from: entry.address };
      history.pushState({ hicalm: entry }, "", visible(address));
    } else {
      entry = { ...entry, address };
      history.replaceState({ hicalm: entry }, "", visible(address));
    }
  }

  function arrive(state) {
    entry = state?.hicalm || { id: newId(), address: location.search || "?" };
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
    scroll,
    rememberScroll,
    setTheme,
    kept: () => pages.get(entry.id),
    current: () => entry,
    fits: () => entry.address.length <= LONGEST_ADDRESS,
  };
})();
