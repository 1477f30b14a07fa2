// The queue: links inside the page set the form, the form fetches the list. Map and news listen to `portal:listed`.
// Without this script every link and the form's button load the whole page and show the same.
"use strict";

(() => {
  const form = document.getElementById("filters");
  const list = () => document.getElementById("list");
  const more = form.querySelector("details");
  const look = document.getElementById("look");
  const CHANGES_VIEW = "[data-view], #tabs a, .chip__off";
  const LOOKED_AT_AFTER = 180; // ms: walking with j and k must not fetch every row passed

  let opened = ""; // reference in the preview
  let waiting = 0;
  let coming = null; // the filter's fields, once they were asked for

  document.querySelectorAll("[data-needs-script]").forEach((each) => (each.hidden = false));
  document.querySelectorAll("[data-without-script]").forEach((each) => (each.hidden = true));

  // The address of a link becomes the state of the form; a control that the address does not name is emptied.
  function take(query) {
    const wanted = new URLSearchParams(query);
    const groups = wanted.getAll("status");
    const panel = document.getElementById("panel");
    if (!("full" in panel.dataset)) keep(panel, wanted);
    for (const control of form.elements) {
      if (!control.name || (control.type === "hidden" && panel.contains(control))) continue;
      const values = wanted.getAll(control.name);
      if (control.name === "status") {
        control.checked = groups[0] === "all" || (groups.length ? groups.includes(control.value) : control.value !== "done");
      } else if (control.type === "checkbox") control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
    const only = document.getElementById("only-shown");
    if (only) only.checked = wanted.has("bbox");
  }

  // While the long lists have not been fetched, hidden fields stand for them.
  function keep(panel, wanted) {
    panel.querySelectorAll("input").forEach((each) => each.remove());
    for (const [name, value] of wanted) {
      if (form.querySelector(`:scope > [name="${name}"], .filters__find [name="${name}"]`)) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      panel.append(field);
    }
  }

  function fetchPanel() {
    const full = "full" in document.getElementById("panel").dataset;
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    coming ??= full ? Promise.resolve() : htmx.ajax("GET", `${more.dataset.panel}?${asked}`, { target: "#panel", swap: "outerHTML" });
    return coming;
  }

  function fetchPage(link) {
    const address = new URL(link.href);
    htmx.ajax("GET", `/reports/list${address.search}`, { target: "#list", swap: "outerHTML" });
  }

  function clicked(event) {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[href]");
    if (link?.matches(CHANGES_VIEW)) {
      event.preventDefault();
      take(new URL(link.href).search);
      htmx.trigger(form, "portal:view");
    } else if (link?.matches("#list .foot a")) {
      event.preventDefault();
      fetchPage(link);
    } else if (link?.matches(".chip__what")) openPanel(event, link);
    else if (!link && !getSelection().toString()) {
      const row = event.target.closest("[data-row]");
      if (row) show(row.dataset.reference);
    }
  }

  async function openPanel(event, link) {
    event.preventDefault();
    if (link.hash !== "#filter-text" && link.hash !== "#filter-bbox") {
      more.open = true;
      await fetchPanel();
    }
    const field = document.querySelector(link.hash);
    const control = field?.matches("fieldset") ? field.querySelector("input") : field;
    control?.focus();
  }

  // The preview. Where it has no place on the screen, the report itself is opened instead when somebody asks for it.
  function show(reference, { asked = true } = {}) {
    if (look.checkVisibility()) {
      if (reference === opened) return;
      opened = reference;
      mark();
      htmx.ajax("GET", `/reports/${encodeURIComponent(reference)}/preview`, { target: "#look", swap: "innerHTML" });
    } else if (asked) location.assign(`/reports/${encodeURIComponent(reference)}`);
  }

  function mark() {
    for (const row of list().querySelectorAll("[data-row]")) {
      const here = row.dataset.reference === opened;
      row.classList.toggle("is-open", here);
      if (here) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    document.dispatchEvent(new CustomEvent("portal:opened", { detail: opened }));
  }

  function focused(event) {
    const row = event.target.closest("[data-row]");
    clearTimeout(waiting);
    if (row && event.target.matches(":focus-visible")) {
      waiting = setTimeout(() => show(row.dataset.reference, { asked: false }), LOOKED_AT_AFTER);
    }
  }

  function swapped(event) {
    if (event.detail.target.id !== "list") return;
    mark();
    list().querySelector(".pane-list__scroll")?.scrollTo(0, 0);
    document.dispatchEvent(new CustomEvent("portal:listed"));
    // The chip or link that was clicked is gone; the keyboard goes on at the filters.
    if (document.activeElement === document.body) document.getElementById("filter-text").focus({ preventScroll: true });
  }

  more.addEventListener("toggle", () => more.open && fetchPanel());
  document.addEventListener("click", clicked);
  document.addEventListener("focusin", focused);
  document.addEventListener("htmx:afterSettle", swapped);
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A filter that cannot be used: the list itself says which, and what to do.
    if ([400, 422].includes(event.detail.xhr.status) && event.detail.target.id === "list") event.detail.shouldSwap = true;
  });
  document.addEventListener("portal:show", (event) => show(event.detail));
})();
