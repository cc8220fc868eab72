// Charts of the minutes that a service tells of, in an SVG of 300 by 80 units: the oldest on the left.
const HEIGHT = 80;
const STEP = 20;
// Above the highest value there is room for a mark.
const ROOM = 14;

const shape = (name, attributes, text = "") => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.textContent = text;
  return made;
};

// The first seconds of a minute say little of all of it.
export const rate = (minute) => minute.requests / Math.max(minute.seconds, 10);
export const perSecond = (number) => (number && number < 10 ? number.toPrecision(2) : number.toFixed(0));
export const milliseconds = (seconds) => (seconds === null ? "–" : `${(seconds * 1000).toPrecision(seconds < 0.1 ? 2 : 3) * 1} ms`);

const scale = (highest) => (value) => (highest ? (value / highest) * (HEIGHT - ROOM) : 0);

// Draws a bar for each minute, whose failed part is at its foot, and a mark over a minute with failures; returns what the
// highest bar stands for.
export const drawRates = (chart, minutes) => {
  const highest = Math.max(...minutes.map(rate));
  const high = scale(highest);
  const bars = minutes.flatMap((minute, index) => {
    const x = index * STEP + 2;
    const all = high(rate(minute));
    const failed = minute.requests ? (all * minute.failures) / minute.requests : 0;
    const mark = { class: "failed", x: x + 8, y: HEIGHT - all - 3, "text-anchor": "middle" };
    return [
      shape("rect", { class: "answered", x, y: HEIGHT - all, width: STEP - 4, height: all - failed }),
      shape("rect", { class: "failed", x, y: HEIGHT - failed, width: STEP - 4, height: failed }),
      ...(minute.failures ? [shape("text", mark, "▲")] : []),
    ];
  });
  chart.replaceChildren(...bars);
  const failures = minutes.reduce((sum, minute) => sum + minute.failures, 0);
  chart.setAttribute("aria-label", `Requests per second by the minute, at most ${perSecond(highest)}; ${failures} requests failed.`);
  return perSecond(highest);
};

// A line through the minutes that have a value, broken where one has none.
const line = (kind, values, high) => {
  const points = values.map((value, index) => {
    if (value === null) return "";
    const isFirst = index === 0 || values[index - 1] === null;
    const place = `${index * STEP + STEP / 2} ${HEIGHT - 1 - high(value)}`;
    return isFirst ? `M${place}h0` : `L${place}`;
  });
  return shape("path", { class: kind, d: points.join("") });
};

export const drawDurations = (chart, minutes) => {
  const highest = Math.max(0, ...minutes.map((minute) => minute.p99));
  const high = scale(highest);
  chart.replaceChildren(...["p50", "p99"].map((kind) => line(kind, minutes.map((minute) => minute[kind]), high)));
  chart.setAttribute("aria-label", `Durations by the minute: the p99 is at most ${milliseconds(highest)}.`);
  return milliseconds(highest);
};
