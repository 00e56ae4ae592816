// The page: asks the server for the page of an address and shows it. Every action is a link or a
// form, so its address says what it does; `data-go` links are followed without loading anew.
(() => {
  "use strict";

  const POLL_MS = 700;
  const LARGEST_PICTURE = 20e6; // bytes, as on the server
  const trail = window.hicalmHistory;

  function start(element, server) {
    const root = element.querySelector(".explorer");
    if (!root || root.dataset.started) return;
    root.dataset.started = "yes";
    const stage = root.querySelector("#stage");
    const notice = root.querySelector(".notice");
    const box = root.querySelector("#query");
    const file = root.querySelector(".picture-file");
    let asked = 0; // number of the latest question: answers to older ones are dropped
    let leave = () => {}; // tidies up after the page on screen
    let typed = false; // whether the box holds something that was not searched yet

    async function load(address, { scroll = 0, focus = true, quiet = false } = {}) {
      const question = ++asked;
      stage.setAttribute("aria-busy", "true");
      say("");
      let answer;
      try {
        answer = await server.open_page(address);
      } catch {
        answer = null;
      }
      if (question !== asked) return;
      stage.setAttribute("aria-busy", "false");
      if (!answer?.html) {
        say("The server does not answer. Please check the connection and try again.");
        return;
      }
      show(answer, { scroll, focus, quiet });
      if (answer.status === "waiting") {
        setTimeout(() => question === asked && load(address, { scroll: window.scrollY, focus: false, quiet: true }), POLL_MS);
      }
    }

    function show(answer, { scroll = 0, focus = true, quiet = false }) {
      const held = document.activeElement?.closest("[data-key]");
      const key = held && stage.contains(held) ? held.dataset.key : "";
      const open = [...stage.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key);
      const same = trail.kept() && trail.kept().html === answer.html && stage.dataset.entry === trail.current().id;
      trail.keep(answer);
      root.dataset.models = answer.models;
      turnPages(answer);
      if (!same) draw(answer, open);
      if (!quiet || !typed) setQuery(answer.query);
      if (quiet && same) return;
      const again = key && stage.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (again) again.focus({ preventScroll: true });
      else if (focus && !quiet) stage.focus({ preventScroll: true });
      window.scrollTo(0, scroll);
    }

    // The pages in the masthead keep the query and its filters.
    function turnPages(answer) {
      const collection = new URLSearchParams(answer.address).get("collection");
      root.dataset.userCollection = collection ? "yes" : "";
      root.querySelector(".brand").setAttribute("href", collection ? `?collection=${collection}` : "?");
      root.querySelectorAll("[data-page-link]").forEach((link) => {
        const fields = new URLSearchParams(answer.results);
        fields.delete("browse");
        fields.set("show", link.dataset.pageLink);
        link.setAttribute("href", `?${fields}`);
        if (link.dataset.pageLink === answer.page) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      });
    }

    // A page may have a script of its own: `hicalmPages[kind](stage, tools)` starts it and returns
    // what is to be called when the page is left.
    function draw(answer, open) {
      leave();
      stage.innerHTML = answer.html;
      stage.dataset.entry = trail.current().id;
      root.dataset.page = answer.page;
      document.title = answer.title;
      stage.querySelectorAll("details[data-key]").forEach((d) => (d.open = open.includes(d.dataset.key)));
      stage.querySelectorAll(".room").forEach(window.hicalmStrip.start);
      stage.querySelectorAll("img").forEach((image) => {
        image.addEventListener("error", () => image.classList.add("broken"), { once: true });
        if (!image.complete) {
          image.classList.add("coming");
          image.addEventListener("load", () => image.classList.remove("coming"), { once: true });
        }
      });
      const begin = window.hicalmPages?.[answer.page];
      leave = begin?.(stage, { server, follow, say, note }) || (() => {});
    }

    // Take up a state of the page in its address, without asking for the page again. A page that was
    // left notes nothing more, though it is on screen until the next one is there.
    function note(address) {
      if (stage.dataset.entry === trail.current().id) trail.go(address, "replace");
    }

    function setQuery(query) {
      box.value = query;
      typed = false;
      fitBox();
    }

    function fitBox() {
      box.style.height = "auto";
      box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
    }

    function say(message) {
      notice.textContent = message;
      notice.hidden = !message;
    }

    // `part`: whether a link or form of the page itself asks, which turns a part of the same page.
    function follow(address, part = false) {
      const here = new URLSearchParams(trail.current().address);
      const there = new URLSearchParams(address);
      const sameMuseum = there.get("museum") && there.get("museum") === here.get("museum") &&
        ["collection", "q", "against"].every((name) => (there.get(name) || "") === (here.get(name) || ""));
      const samePage = part && there.get("show") && there.get("show") === here.get("show");
      trail.go(address, sameMuseum ? "replace" : "push");
      return load(address, { scroll: sameMuseum || samePage ? window.scrollY : 0 }).then(() => {
        if (sameMuseum) revealRoom();
        else if (samePage) revealTable();
      });
    }

    // The next rows of a long table are read from its head on.
    function revealTable() {
      const head = stage.querySelector(".table-head");
      if (head && head.getBoundingClientRect().top < 0) head.scrollIntoView();
    }

    // On a phone the plan stands above the room: bring a newly chosen room into view.
    function revealRoom() {
      const room = stage.querySelector(".room");
      if (!room) return;
      const top = room.getBoundingClientRect().top;
      if (top < 0 || top > window.innerHeight * 0.6) room.scrollIntoView();
    }

    function back(address) {
      if (trail.current().from === address) history.back();
      else follow(address);
    }

    function submit(form, extra = {}) {
      const fields = new URLSearchParams();
      for (const [name, value] of [...new FormData(form), ...Object.entries(extra)]) {
        if (typeof value === "string" && value.trim()) fields.append(name, value);
      }
      return `?${fields}`;
    }

    // A new query keeps the filters that are on screen; on a map it is shown on that map.
    function search(by) {
      const filters = stage.querySelector("form.filters");
      const fields = new URLSearchParams(filters ? submit(filters) : "");
      if (root.dataset.page === "map") {
        new URLSearchParams(trail.current().address).forEach((value, name) => {
          if (["show", "on.level", "on.texts"].includes(name) || name.startsWith("filter.") || name.endsWith("_rooms")) fields.append(name, value);
        });
      }
      const shown = trail.kept();
      const collection = new URLSearchParams(shown ? shown.address : "").get("collection");
      if (collection) fields.set("collection", collection);
      ["q", "as", "like", "image"].forEach((name) => fields.delete(name));
      Object.entries(by).forEach(([name, value]) => fields.set(name, value));
      follow(`?${fields}`);
    }

    function searchByText() {
      if (box.value.trim()) search({ q: box.value });
      else {
        say("The search box is empty. Please describe a painting, a room or a museum.");
        box.focus();
      }
    }

    async function searchByPicture(picture) {
      if (picture.size > LARGEST_PICTURE) {
        say("This file has more than 20 MB. Please choose a smaller picture.");
        return;
      }
      say("");
      root.classList.add("sending");
      try {
        const response = await fetch("query-picture", { method: "POST", body: picture });
        const answer = await response.json();
        if (answer.token) search({ image: answer.token });
        else say(answer.error);
      } catch {
        say("The picture could not be sent. Please check the connection and try again.");
      } finally {
        root.classList.remove("sending");
      }
    }

    async function copyLink(button) {
      const label = button.textContent;
      let copied = true;
      try {
        await navigator.clipboard.writeText(location.href);
      } catch {
        copied = copyOldWay(location.href);
      }
      const whole = trail.fits() ? "Copied" : "Copied, with the query's beginning";
      button.textContent = copied ? whole : "Please copy the address bar";
      setTimeout(() => (button.textContent = label), 1800);
    }

    async function watchModels() {
      try {
        const { models, message } = await server.models_state("");
        root.dataset.models = models;
        if (models === "failed") say(message);
        if (models !== "warming") return;
      } catch {
        // The server restarts or the line is down: ask again.
      }
      setTimeout(watchModels, POLL_MS * 2);
    }

    function plainClick(event) {
      return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    }

    root.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-go], a[data-back]");
      const copy = event.target.closest(".copy-link");
      if (link && plainClick(event)) {
        event.preventDefault();
        const address = link.getAttribute("href");
        if (link.hasAttribute("data-back")) back(address);
        else follow(address, stage.contains(link));
      } else if (copy) copyLink(copy);
      else if (event.target.closest(".by-picture")) file.click();
    });
    root.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target.matches(".searchbox")) searchByText();
      else follow(submit(event.target));
    });
    root.addEventListener("change", (event) => {
      const form = event.target.closest("form.filters, form[data-at-once]");
      if (form) follow(submit(form), true);
      else if (event.target.dataset.address) follow(event.target.dataset.address, true);
    });
    file.addEventListener("change", () => {
      if (file.files.length) searchByPicture(file.files[0]);
      file.value = "";
    });
    box.addEventListener("input", () => {
      typed = true;
      fitBox();
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      searchByText();
    });
    box.addEventListener("paste", (event) => {
      const picture = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
      if (!picture) return;
      event.preventDefault();
      searchByPicture(picture);
    });
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) searchByPicture(event.dataTransfer.files[0]);
    });
    window.addEventListener("popstate", (event) => {
      trail.rememberScroll(); // of the page that is being left: `arrive` changes the entry
      const address = trail.arrive(event.state);
      const answer = trail.kept();
      asked += 1;
      if (answer && answer.status === "done") show(answer, { scroll: trail.scroll() });
      else load(address, { scroll: trail.scroll() });
    });
    window.addEventListener("pagehide", trail.rememberScroll);
    window.hicalmExport.start(root, server, say);
    startThemeSwitch(root.querySelector(".theme-switch"));
    const first = trail.begin();
    const scroll = trail.scroll(); // kept over a reload
    trail.go(first, "replace");
    load(first, { focus: false, scroll });
    watchModels();
  }

  // For pages without the right to use the clipboard: inside a frame, or served without TLS.
  function copyOldWay(text) {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }

  function startThemeSwitch(button) {
    const isDark = () => document.body.classList.contains("dark");
    const label = () => {
      button.textContent = isDark() ? "Light look" : "Dark look";
      button.setAttribute("aria-pressed", String(isDark()));
    };
    button.addEventListener("click", () => {
      document.body.classList.toggle("dark");
      trail.setTheme(isDark() ? "dark" : "light");
      label();
    });
    label();
  }

  window.hicalmExplorer = { start };
})();
