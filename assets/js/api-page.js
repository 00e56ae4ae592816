// Gradio's page about the API, at `?view=api` and by the links there. The button that opens it is in
// Gradio's own footer, which is hidden: the page has its own.
(() => {
  "use strict";

  const LINK = 'a[href="?view=api"]';
  const button = () => document.querySelector("footer button.show-api");

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || !event.target.closest(LINK) || !button()) return;
    event.preventDefault();
    button().click();
  });

  // At the address itself Gradio takes the page for open without having loaded it: it has to be closed
  // before it can be opened.
  if (new URLSearchParams(location.search).get("view") === "api") {
    new MutationObserver((_, observer) => {
      if (!button()) return;
      observer.disconnect();
      button().click();
      button().click();
    }).observe(document.body, { childList: true, subtree: true });
  }
})();
