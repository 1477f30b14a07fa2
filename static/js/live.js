// Asks every second (every 15 while hidden) whether anything changed since the list was made, and says so above it.
// Rows never move by themselves.
"use strict";

(() => {
  const SEEN = 1000;
  const HIDDEN = 15000;
  const AWAY = 10000; // after a failure
  const form = document.getElementById("filters");
  const key = form.dataset.live;

  let known = "";
  let made = null; // the list that `known` belongs to
  let timer = 0;

  function question(list) {
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    asked.set("k", key);
    asked.set("since", list.dataset.since);
    return `/live?${asked}`;
  }

  async function ask() {
    const list = document.getElementById("list");
    if (list !== made) {
      made = list;
      known = `"${list.dataset.version}"`;
    }
    const answer = await fetch(question(list), { headers: { "If-None-Match": known, "HX-Request": "true" }, cache: "no-store" });
    if (answer.status === 401) return location.reload(); // the session is over: the reload leads to the sign-in and back
    if (answer.status === 200 && list === document.getElementById("list")) {
      known = answer.headers.get("ETag") ?? known;
      const news = document.getElementById("news");
      htmx.swap(news, await answer.text(), { swapStyle: "innerHTML" }, { eventInfo: { target: news } });
    }
    return answer.ok || answer.status === 304;
  }

  async function round() {
    clearTimeout(timer);
    const well = await ask().catch(() => false);
    timer = setTimeout(round, well ? (document.hidden ? HIDDEN : SEEN) : AWAY);
  }

  document.addEventListener("visibilitychange", () => document.hidden || round());
  timer = setTimeout(round, SEEN);
})();
