// The report page: the undo window's clock, what a step asks for, answers that are no success, revealed details.
// Without this file everything works: the clock stands, the button says "Save this step", the server masks again.
"use strict";

(() => {
  const ANNOUNCED = [60, 30, 10];

  function say(words) {
    const place = document.getElementById("announce");
    if (place) place.textContent = words;
  }

  // --- The undo window ---
  function count(strip) {
    const until = Number(strip.dataset.until) * 1000;
    const clock = strip.querySelector("[data-clock]");
    const fuse = strip.querySelector("[data-fuse]");
    const words = strip.querySelector("span").textContent;
    const whole = Math.max(1, Math.ceil((until - Date.now()) / 1000));
    const width = fuse ? Number(fuse.getAttribute("width")) : 0;
    let last = null;
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (left === last) return;
      last = left;
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (fuse) fuse.setAttribute("width", String((width * left) / whole));
      if (ANNOUNCED.includes(left)) say(`${words} ${clock.textContent}`);
      if (left > 0) return;
      clearInterval(timer);
      strip.remove();
    }, 250);
  }

  // --- The step: what it asks for, and what its button says ---
  function follow(form) {
    const button = form.querySelector("button[data-label]");
    const label = button.querySelector("[data-save-words]");
    const plain = label.textContent;
    const outcome = form.querySelector("[data-for-outcome]");

    function chosen() {
      const box = form.querySelector("input[name=to]:checked");
      const name = box ? box.closest("label").textContent.trim() : "";
      label.textContent = box ? button.dataset.label.replace("{step}", name) : plain;
      let asksOutcome = false;
      form.querySelectorAll("[data-step]").forEach((line) => {
        const here = box !== null && line.dataset.step === box.value;
        line.hidden = box !== null && !here;
        asksOutcome = asksOutcome || (here && "outcome" in line.dataset);
      });
      if (outcome) {
        outcome.hidden = box !== null && !asksOutcome;
        if (outcome.hidden) outcome.querySelector("select").value = "";
      }
    }

    form.addEventListener("change", chosen);
    chosen();
  }

  // --- A revealed detail is masked again when its time is over, even on a page nobody reloads ---
  function hideAgain(shown) {
    const time = shown.querySelector("time");
    if (!time) return;
    const left = new Date(time.dateTime).getTime() - Date.now();
    setTimeout(() => {
      shown.className = "mask__dots";
      shown.textContent = "••••••••";
    }, Math.max(0, Math.min(left, 2 ** 31 - 1)));
  }

  function arrive(root) {
    root.querySelectorAll("#undo[data-until]").forEach(count);
    root.querySelectorAll("[data-step-form]").forEach(follow);
    root.querySelectorAll(".mask__shown").forEach(hideAgain);
    // With htmx the preview follows the form by itself; the button is for browsers without.
    if (window.htmx) root.querySelectorAll(".write__look").forEach((button) => (button.hidden = true));
  }

  // A refusal carries its form with the errors beside the fields; htmx would drop it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([403, 409, 422, 429].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // What one attempt was told is over with the next.
    if (event.detail.requestConfig.verb !== "get") document.getElementById("too-many")?.remove();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const arrived = document.getElementById(event.detail.target.id);
    if (arrived) arrive(arrived.parentElement ?? document);
  });
  // A page that comes back from the browser's memory may show what is masked by now.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  arrive(document);
})();
