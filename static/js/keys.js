// Keyboard: single letters outside fields, Ctrl Enter inside them. Pages say which key a link, button or field answers to:
//   data-key="a"   clicked (a field: focused) by that key; u, n, s, / and ? likewise, j and k where a page has no list
//   data-row       a row of a list: j and k walk along the rows' first links, x ticks the row's box
//   data-focus     takes the focus when it arrives, so that a page with errors begins there
// Single letters can be switched off in the account (WCAG 2.2, 2.1.4): <body data-keys="off">.
"use strict";

(() => {
  const FIELDS = "input, textarea, select, [contenteditable]";
  const TICKS = "input[type=checkbox], input[type=radio], input[type=submit], input[type=button]";

  const shown = (element) => element.checkVisibility();
  const writing = (element) => element.matches(FIELDS) && !element.matches(TICKS);

  function walk(step) {
    const links = [...document.querySelectorAll("[data-row]")].map((row) => row.querySelector("a[href]")).filter(shown);
    const row = document.activeElement.closest("[data-row]");
    const here = row ? links.indexOf(row.querySelector("a[href]")) : -1;
    const next = links[here < 0 ? 0 : here + step];
    if (next) next.focus();
    return links.length > 0;
  }

  function tick() {
    const box = document.activeElement.closest("[data-row]")?.querySelector("input[type=checkbox]");
    if (box) box.click();
    return Boolean(box);
  }

  function answer(key) {
    const target = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && shown(each));
    if (!target) return false;
    if (target.matches(FIELDS)) target.focus();
    else target.click();
    return true;
  }

  function pressed(event) {
    const focused = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = focused.closest("form");
      if (form) form.requestSubmit(form.querySelector("button[data-save]"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
    if (document.body.dataset.keys === "off" || writing(focused)) return;
    const done =
      (event.key === "j" && walk(1)) || (event.key === "k" && walk(-1)) || (event.key === "x" && tick()) || answer(event.key);
    if (done) event.preventDefault();
  }

  // Where a page begins with errors the focus begins there; and it never falls back to the top because its place was swapped.
  function arrive(root, wasInside) {
    const first = root.querySelector("[data-focus]");
    if (first) first.focus();
    else if (wasInside && document.activeElement === document.body) {
      root.tabIndex = -1;
      root.focus({ preventScroll: true });
    }
  }

  let inside = false;

  document.addEventListener("keydown", pressed);
  document.addEventListener("htmx:beforeSwap", (event) => {
    inside = event.detail.target.contains(document.activeElement);
  });
  // The event names the element that went; what arrived in its place has its id.
  document.addEventListener("htmx:afterSwap", (event) => {
    const arrived = document.getElementById(event.detail.target.id);
    if (arrived) arrive(arrived, inside);
  });
  arrive(document, false);
})();
