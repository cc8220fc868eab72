"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const links = [...document.querySelectorAll("[data-schema]")];
const chosen = () => links.find((link) => link.hash === location.hash) ?? links[0];
const mark = () => links.forEach((link) => link.setAttribute("aria-current", link === chosen() ? "page" : "false"));
mark();

const ui = SwaggerUIBundle({
  domNode: document.getElementById("docs"),
  url: chosen().dataset.schema,
  displayRequestDuration: true,
  tryItOutEnabled: true,
});

// One token authorizes for all three, so the page stays and only the document changes.
window.addEventListener("hashchange", () => {
  mark();
  ui.specActions.updateUrl(chosen().dataset.schema);
  ui.specActions.download(chosen().dataset.schema);
});
