// The page to add museums at: sends a zip file and shows how far it is. How far the server is with
// it comes with the page itself, which is asked for again until it is ready.
(() => {
  "use strict";

  function start(stage, { follow, say }) {
    const page = stage.querySelector(".add-page");
    const area = stage.querySelector(".drop-area");
    let request = null;

    function send(file) {
      if (request) return;
      if (!/\.zip$/i.test(file.name)) return say(page.dataset.noZip);
      if (file.size > Number(page.dataset.maxBytes)) return say(page.dataset.tooLarge);
      say("");
      request = new XMLHttpRequest();
      request.open("POST", "user-collections");
      request.setRequestHeader("X-Name", encodeURIComponent(file.name));
      request.upload.addEventListener("progress", (event) => show(event.loaded / event.total));
      request.addEventListener("load", () => end(read(request.responseText)));
      request.addEventListener("error", () => end({ error: page.dataset.cut }));
      request.addEventListener("abort", () => end({}));
      area.classList.add("busy");
      area.querySelector(".sending").hidden = false;
      show(0);
      request.send(file);
    }

    function read(answer) {
      try {
        return JSON.parse(answer);
      } catch {
        return { error: page.dataset.cut };
      }
    }

    function show(part) {
      area.querySelector("progress").value = part;
      area.querySelector(".sending-words").textContent = `Sending: ${Math.round(100 * part)} %`;
    }

    function end({ token, error }) {
      request = null;
      area.classList.remove("busy");
      area.querySelector(".sending").hidden = true;
      if (token) follow(`?collection=${token}&show=add`);
      else if (error) say(error);
    }

    async function remove(token) {
      try {
        await fetch(`user-collections/${encodeURIComponent(token)}`, { method: "DELETE" });
        follow("?show=add");
      } catch {
        say("The server does not answer. Please check the connection and try again.");
      }
    }

    function click(event) {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.matches(".choose-zip")) area.querySelector(".zip-file").click();
      else if (button.matches(".stop-sending") && request) request.abort();
      else if (button.matches(".delete-collection")) remove(button.dataset.token);
    }

    function change(event) {
      if (!event.target.matches(".zip-file") || !event.target.files.length) return;
      const [file] = event.target.files;
      send(file);
      event.target.value = "";
    }

    function hover(event) {
      if (!area) return;
      event.preventDefault();
      area.classList.toggle("over", event.type === "dragover");
    }

    function drop(event) {
      hover(event);
      event.stopPropagation(); // elsewhere a dropped file is a picture to search by
      event.preventDefault();
      if (area && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    }

    const heard = { click, change, drop, dragover: hover, dragleave: hover };
    Object.entries(heard).forEach(([name, listener]) => stage.addEventListener(name, listener));
    return () => {
      if (request) request.abort();
      Object.entries(heard).forEach(([name, listener]) => stage.removeEventListener(name, listener));
    };
  }

  window.hicalmPages = { ...window.hicalmPages, add: start };
})();
