import { onLogin } from "/assets/login.js";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const form = document.getElementById("login");

const ui = SwaggerUIBundle({
  domNode: document.getElementById("docs"),
  url: "/openapi.json",
  // Each operation shows its own; the list of all is long, and Swagger UI draws it too faintly to be read.
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // There is one server; the list of one has no name that a screen reader could read.
  plugins: [() => ({ components: { ServersContainer: () => null } })],
  // Before the document is there, Swagger UI takes no token.
  onComplete: () => { form.querySelector("button").disabled = false; },
});

onLogin(form, (token) => { ui.preauthorizeApiKey("bearer", token); });
