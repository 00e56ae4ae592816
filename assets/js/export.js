// Downloads: a file may need seconds of computing. The server is asked to get one result after the
// other ready, so that a bar can show how far it is; then the file is fetched and saved.
(() => {
  "use strict";

  const RELEASE_MS = 20000; // a saved file stays in memory for so long

  // Begin to listen: `root` holds the links, `say` shows a sentence where something fails.
  function start(root, server, say) {
    let busy = false;

    async function prepare(address, kind, bar, words) {
      for (let index = 0, of = 1; index < of; index += 1) {
        const answer = await server.prepare_export({ address, kind, index });
        if (answer.error) throw new Refusal(answer.error);
        of = answer.of;
        bar.max = of;
        bar.value = answer.done;
        words.textContent = `${answer.done} of ${of}`;
      }
    }

    async function fetchFile(address, kind) {
      const response = await fetch(`export/${kind}`, { method: "POST", body: address });
      if (!response.ok) throw new Refusal(response.status === 400 ? await response.text() : "");
      const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") || "");
      save(await response.blob(), named ? named[1] : `hicalm.${kind}`);
    }

    async function run(link) {
      const downloads = link.closest(".downloads");
      const progress = downloads.querySelector(".export-progress");
      const bar = progress.querySelector("progress");
      const words = progress.querySelector("[role=status]");
      const { address } = downloads.dataset;
      busy = true;
      say("");
      bar.value = 0;
      words.textContent = "";
      progress.hidden = false;
      try {
        await prepare(address, link.dataset.export, bar, words);
        await fetchFile(address, link.dataset.export);
        words.textContent = "Saved";
      } catch (error) {
        progress.hidden = true;
        say((error instanceof Refusal && error.message) || "The file could not be made. Please check the connection and try again.");
      } finally {
        busy = false;
      }
    }

    root.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-export]");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!busy) run(link);
    });
  }

  class Refusal extends Error {}

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
  }

  window.hicalmExport = { start };
})();
