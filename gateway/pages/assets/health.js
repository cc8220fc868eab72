"use strict";

// Each service is asked again this long after its last answer.
const PAUSE = 3000;

const say = (place, state, text) => {
  place.classList.toggle("good", state === "good");
  place.classList.toggle("bad", state === "bad");
  // A screen reader hears of changes only.
  if (place.textContent !== text) place.textContent = text;
};

const look = async (place) => {
  try {
    const response = await fetch(place.dataset.health, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    const body = await response.json();
    if (response.ok && body.status === "ok") say(place, "good", "Healthy");
    else say(place, "bad", `Not available: ${body.message}`);
  } catch {
    say(place, "bad", "Not available: no answer");
  }
  setTimeout(look, PAUSE, place);
};

document.querySelectorAll("[data-health]").forEach(look);
