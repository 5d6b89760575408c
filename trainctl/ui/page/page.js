"use strict";
// Values of the curves under the pointer, or at the arrow keys; all texts are set as text.
const nearest = (places, x) => places.reduce((best, place, index) => (Math.abs(place - x) < Math.abs(places[best] - x) ? index : best), 0);
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const chart = JSON.parse(figure.dataset.chart);
  const svg = figure.querySelector("svg");
  const shown = figure.querySelector(".values");
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
  const places = [...new Set(chart.curves.flatMap((curve) => curve.x))].sort((a, b) => a - b);
  let at = -1;
  cursor.setAttribute("class", "cursor");
  const show = (index) => {
    at = Math.max(0, Math.min(places.length - 1, index));
    const x = places[at];
    const pixel = chart.left + ((x - chart.low) / (chart.high - chart.low)) * (chart.right - chart.left);
    for (const [name, value] of [["x1", pixel], ["x2", pixel], ["y1", chart.top], ["y2", chart.bottom]]) cursor.setAttribute(name, value);
    svg.append(cursor);
    const there = chart.curves.filter((curve) => curve.x[0] <= x && x <= curve.x[curve.x.length - 1]);
    const values = there.map((curve) => {
      const index = nearest(curve.x, x);
      const value = curve.y[index] === null ? "nan" : Number(curve.y[index].toPrecision(5));
      return `${curve.label} ${value}${curve.x[index] === x ? "" : ` (at ${curve.x[index]})`}`;
    });
    shown.textContent = [`${chart.name} ${x}`, ...values].join(" · ");
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const pixel = ((event.clientX - box.left) / box.width) * chart.width;
    const x = chart.low + ((pixel - chart.left) / (chart.right - chart.left)) * (chart.high - chart.low);
    show(nearest(places, x));
  });
  svg.addEventListener("pointerleave", () => { cursor.remove(); shown.textContent = ""; });
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(step === Infinity ? places.length - 1 : step === -Infinity ? 0 : at + step);
  });
}
// On paper everything is seen.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
