// Marks and clusters as drawings: the outer form is the deadline, the sign inside is the status. Numbers and our own signs only.
"use strict";

window.portal ??= {};

(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const PINS = { on_time: "ok", at_risk: "risk", overdue: "late", missed: "late", paused: "paused" };
  const SIGNS = { open: "st-progress", waiting: "st-waiting", done: "check" };
  const PIN = 28;

  function draw(name, attributes, parent) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent?.append(element);
    return element;
  }

  function canvas(size, attributes) {
    return draw("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, focusable: "false", ...attributes });
  }

  function icon(svg, size, name) {
    return L.divIcon({ html: svg, className: name, iconSize: [size, size] });
  }

  function pin({ state, group }, signs) {
    const kind = PINS[state] ?? "ok";
    const svg = canvas(PIN, { class: `pin pin--${kind}` });
    draw("use", { href: `${signs}#pin-${kind}`, width: PIN, height: PIN }, svg);
    if (SIGNS[group]) draw("use", { href: `${signs}#${SIGNS[group]}`, x: 7, y: 7, width: 14, height: 14 }, svg);
    return icon(svg, PIN, "mark");
  }

  function short(n) {
    return n < 1000 ? String(n) : `${Math.floor(n / 1000)}k`;
  }

  // Four sizes; the largest and its halo stay inside the 64 pixels of a cell.
  function radius(n) {
    return n < 5 ? 12 : n < 50 ? 14 : n < 500 ? 17 : 21;
  }

  function cluster({ n, late }) {
    const r = radius(n);
    const size = 2 * (r + 6);
    const middle = size / 2;
    const svg = canvas(size, { class: "cluster" });
    const g = draw("g", { transform: `translate(${middle} ${middle})` }, svg);
    draw("circle", { class: "cluster__halo", r: r + 6 }, g);
    if (late) {
      // At least a visible sliver, and full only when all are late.
      const share = late === n ? 100 : Math.min(97, Math.max(4, Math.round((100 * late) / n)));
      draw("circle", { class: "cluster__arc", r: r + 3, pathLength: 100, "stroke-dasharray": `${share} 100`, transform: "rotate(-90)" }, g);
    }
    draw("circle", { class: "cluster__disc", r }, g);
    draw("text", { y: 4.5 }, g).textContent = short(n);
    if (late) {
      const words = short(late);
      const width = 9 + 6 * words.length;
      draw("rect", { class: "cluster__flag", x: r - 4, y: -r - 8, width, height: 15, rx: 1.5 }, g);
      draw("text", { class: "cluster__n", x: r - 4 + width / 2, y: -r + 3 }, g).textContent = words;
    }
    return icon(svg, size, "mark");
  }

  function ring() {
    const svg = canvas(48, {});
    draw("circle", { class: "ring ring--halo", cx: 24, cy: 24, r: 19 }, svg);
    draw("circle", { class: "ring", cx: 24, cy: 24, r: 19 }, svg);
    return icon(svg, 48, "mark mark--ring");
  }

  function place(name) {
    const words = document.createElement("span");
    words.textContent = name;
    return L.divIcon({ html: words, className: "place-name", iconSize: [0, 0] });
  }

  portal.marks = { pin, cluster, radius, ring, place };
})();
