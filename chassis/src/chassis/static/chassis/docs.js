"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const main = document.getElementById("docs");
window.ui = SwaggerUIBundle({
  domNode: main,
  url: main.dataset.schema,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
});
