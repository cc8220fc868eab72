import { drawDurations, drawRates, milliseconds, perSecond, rate } from "/assets/charts.js";
import { onLogin } from "/assets/login.js";

// Each service is asked again this long after its last answer.
const BREAK = 5000;

const form = document.getElementById("login");
const places = document.querySelectorAll("[data-stats]");
// Of the last login; what was begun with another one ends.
let token = null;

const setText = (place, name, text) => { place.querySelector(`[data-figure="${name}"]`).textContent = text; };

const rowOf = (minute) => {
  const row = document.createElement("tr");
  const start = document.createElement("th");
  start.scope = "row";
  start.textContent = new Date(minute.start).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  row.append(start);
  [minute.requests, minute.failures, milliseconds(minute.p50), milliseconds(minute.p99)].forEach((value) => {
    row.insertCell().textContent = value;
  });
  return row;
};

const show = (place, stats) => {
  const { minutes, requests, failures } = stats;
  const [before, now] = minutes.slice(-2);
  const last = { requests: before.requests + now.requests, seconds: before.seconds + now.seconds };
  setText(place, "rate", perSecond(rate(last)));
  setText(place, "failures", failures ? `▲ ${failures} of ${requests}` : `none of ${requests}`);
  setText(place, "p50", milliseconds(stats.p50));
  setText(place, "p99", milliseconds(stats.p99));
  place.querySelector("[data-figure=failures]").classList.toggle("bad", failures > 0);
  setText(place, "highest-rate", drawRates(place.querySelector(".rates"), minutes));
  setText(place, "longest", drawDurations(place.querySelector(".durations"), minutes));
  place.querySelector("tbody").replaceChildren(...minutes.map(rowOf).reverse());
};

const ask = (place, mine) => fetch(place.dataset.stats, {
  cache: "no-store",
  headers: { Authorization: `Bearer ${mine}` },
  signal: AbortSignal.timeout(5000),
});

const look = async (place, mine) => {
  let note = "";
  try {
    const response = await ask(place, mine);
    const answer = await response.json();
    if (mine !== token) return;
    if (response.status === 401) return end();
    if (response.ok) show(place, answer);
    else note = `No new figures: ${answer.message}`;
  } catch {
    note = "No new figures: no answer";
  }
  if (mine !== token) return;
  place.hidden = false;
  setText(place, "note", note);
  setTimeout(look, BREAK, place, mine);
};

const say = onLogin(form, async (given) => {
  const response = await ask(places[0], given);
  if (response.status === 403) return "Only staff see the figures.";
  token = given;
  places.forEach((place) => look(place, given));
  return undefined;
});

const end = () => {
  token = null;
  places.forEach((place) => { place.hidden = true; });
  say("The login has ended; log in again.");
};

// The same for each service; a script, a style or a chart of its own would be a second place to change.
const template = document.getElementById("traffic");
places.forEach((place) => place.append(template.content.cloneNode(true)));
form.querySelector("button").disabled = false;
