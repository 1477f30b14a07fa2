// The one living map of the queue. The filter form says which reports; this draws them, and tells the form what the map shows.
// Called by the script that Folium wrote.
"use strict";

window.portal ??= {};

portal.map = (map, { bounds }) => {
  const frame = document.getElementById("map_reports");
  const says = document.getElementById("map-says");
  const form = document.getElementById("filters");
  const only = document.getElementById("only-shown");
  const box = document.getElementById("bbox");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const BREATH = 150; // ms between the end of a movement and the question
  const NAMES_FROM = 11;
  const NAMES_UNTIL = 14;
  const NAME_APART = [92, 26]; // pixels two names keep between them

  const marks = L.layerGroup().addTo(map);
  const names = L.layerGroup();
  const ring = L.marker([0, 0], { icon: portal.marks.ring(), interactive: false, keyboard: false, zIndexOffset: 1000 });

  let asking = null;
  let timer = 0;
  let quiet = false; // a movement that the list must not follow
  let places = [];
  let opened = "";
  let first = !box.value; // no view was asked for
  const motion = () => ({ animate: !still.matches });
  map.options.zoomAnimation = map.options.fadeAnimation = map.options.markerZoomAnimation = !still.matches;

  function edges(round) {
    const b = map.getBounds();
    return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((edge, at) => clamp(edge, at % 2 ? 90 : 180).toFixed(round));
  }

  function clamp(value, most) {
    return Math.max(-most, Math.min(most, value));
  }

  function question() {
    const asked = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value && name !== "sort"));
    asked.set("view", edges(5).join(","));
    asked.set("z", Math.round(map.getZoom()));
    return `${frame.dataset.points}?${asked}`;
  }

  async function load() {
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(question(), { signal: asking.signal, headers: { Accept: "application/json" } });
      if (answer.status === 401) return location.reload(); // leads to the sign-in and back here
      if (answer.status === 400) return; // the list says which filter is wrong; the marks stay
      if (!answer.ok) return tell(answer.status === 503 ? says.dataset.busy : says.dataset.away);
      show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") tell(says.dataset.away);
    }
  }

  function tell(words) {
    marks.clearLayers();
    says.textContent = words;
  }

  function show(points) {
    marks.clearLayers();
    const spots = points.features.map(({ geometry, properties }) => ({ ...properties, at: L.latLng(geometry.coordinates[1], geometry.coordinates[0]) }));
    for (const spot of spread(spots)) {
      const alone = spot.n === 1;
      const icon = alone ? portal.marks.pin(spot, frame.dataset.signs) : portal.marks.cluster(spot);
      const mark = L.marker(spot.drawn, { icon, keyboard: false, zIndexOffset: alone ? 0 : 100 });
      mark.on("click", () => (alone ? choose(spot.reference, spot.at) : enter(spot.at)));
      marks.addLayer(mark);
    }
    say(points);
    if (first && spots.length) approach(spots);
    first = false;
  }

  function say({ shown, total, unplaced }) {
    const number = (n) => n.toLocaleString(document.documentElement.lang);
    const capped = (n) => (n > 1000 ? `${number(1000)}+` : number(n));
    const words = total > 1000 ? says.dataset.many : says.dataset.shown;
    const parts = [words.replace("{shown}", number(shown)).replace("{total}", capped(total))];
    if (unplaced) parts.push(says.dataset.unplaced.replace("{unplaced}", capped(unplaced)));
    says.textContent = parts.join(", ");
  }

  // Clusters stand in the middle of what they count, so neighbours may overlap: they are pushed apart a little. Single marks
  // stay where they are.
  function spread(spots) {
    const drawn = spots.map((spot) => ({ ...spot, p: map.latLngToLayerPoint(spot.at), r: spot.n === 1 ? 11 : portal.marks.radius(spot.n) + 5 }));
    for (let round = 0; round < 8; round++) {
      for (let a = 0; a < drawn.length; a++) for (let b = a + 1; b < drawn.length; b++) part(drawn[a], drawn[b]);
    }
    return drawn.map((spot) => ({ ...spot, drawn: spot.n === 1 ? spot.at : map.layerPointToLatLng(spot.p) }));
  }

  function part(one, other) {
    const apart = one.r + other.r;
    const way = other.p.subtract(one.p);
    const far = Math.hypot(way.x, way.y);
    const movable = (one.n > 1) + (other.n > 1);
    if (far >= apart || !movable) return;
    const push = (far ? way.divideBy(far) : L.point(1, 0)).multiplyBy((apart - far) / movable);
    if (one.n > 1) one.p = one.p.subtract(push);
    if (other.n > 1) other.p = other.p.add(push);
  }

  // A page that comes without a map view begins at its reports.
  function approach(spots) {
    const around = L.latLngBounds(spots.map((spot) => spot.at));
    map.fitBounds(around, { animate: false, paddingTopLeft: [28, 48], paddingBottomRight: [28, 64], maxZoom: 16 });
  }

  function choose(reference, at) {
    encircle(at.lat, at.lng);
    document.dispatchEvent(new CustomEvent("portal:show", { detail: reference }));
    document.querySelector(`[data-row][data-reference="${CSS.escape(reference)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  function enter(at) {
    if (map.getZoom() < map.getMaxZoom()) map.setView(at, Math.min(map.getZoom() + 2, map.getMaxZoom()), motion());
    else if (!only.checked) only.click(); // nearer is not possible: the list shows what lies here
  }

  function encircle(lat, lon) {
    ring.setLatLng([lat, lon]);
    if (!map.hasLayer(ring)) ring.addTo(map);
  }

  // A row under the pointer or the focus is ringed; the open one is brought into sight, and only then the map moves.
  function pointed(event) {
    const row = event.target.closest?.("[data-row]");
    if (row?.dataset.lat) encircle(row.dataset.lat, row.dataset.lon);
    else if (row || !opened) ring.remove();
  }

  function back(event) {
    if (event.relatedTarget?.closest?.("[data-row]")) return;
    const row = opened && document.querySelector(`[data-row][data-reference="${CSS.escape(opened)}"][data-lat]`);
    if (row) encircle(row.dataset.lat, row.dataset.lon);
    else if (!opened) ring.remove();
  }

  function bring(reference) {
    opened = reference;
    const row = reference && document.querySelector(`[data-row][data-reference="${CSS.escape(reference)}"][data-lat]`);
    if (!row) return;
    encircle(row.dataset.lat, row.dataset.lon);
    const here = L.latLng(row.dataset.lat, row.dataset.lon);
    if (!map.getBounds().contains(here)) {
      quiet = true;
      map.panTo(here, motion());
    }
  }

  function moved() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      label();
      if (only?.checked && !quiet) {
        box.value = edges(5).join(",");
        htmx.trigger(form, "portal:view");
      } else load();
      quiet = false;
    }, BREATH);
  }

  // One name per neighbourhood, the larger ones first, none over another.
  function label() {
    const zoom = map.getZoom();
    names.clearLayers();
    if (zoom < NAMES_FROM || zoom > NAMES_UNTIL) return;
    const taken = [];
    for (const [name, lat, lon] of places) {
      if (!map.getBounds().contains([lat, lon])) continue;
      const at = map.latLngToContainerPoint([lat, lon]);
      if (taken.some((other) => Math.abs(other.x - at.x) < NAME_APART[0] && Math.abs(other.y - at.y) < NAME_APART[1])) continue;
      taken.push(at);
      names.addLayer(L.marker([lat, lon], { icon: portal.marks.place(name), interactive: false, keyboard: false, pane: "names" }));
    }
  }

  async function fetchNames() {
    const answer = await fetch(frame.dataset.places);
    if (!answer.ok) return;
    places = await answer.json();
    label();
  }

  function begin() {
    const pane = map.createPane("names");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    names.addTo(map);
    map.attributionControl?.remove(); // the foot of the map names the sources
    const wanted = box.value && box.value.split(",").map(Number);
    if (wanted) map.fitBounds([[wanted[1], wanted[0]], [wanted[3], wanted[2]]], { animate: false });
    else map.fitBounds(bounds, { animate: false });
    load();
    fetchNames();
    map.on("moveend", moved);
    document.addEventListener("portal:listed", load);
    document.addEventListener("portal:opened", (event) => bring(event.detail));
    document.addEventListener("mouseover", pointed);
    document.addEventListener("focusin", pointed);
    document.addEventListener("mouseout", back);
    document.addEventListener("click", (event) => {
      const { zoom } = event.target.closest("[data-zoom]")?.dataset ?? {};
      if (zoom === "all") map.fitBounds(bounds, motion());
      else if (zoom) map.setZoom(map.getZoom() + Number(zoom), motion());
    });
    only?.addEventListener("change", () => {
      box.value = only.checked ? edges(5).join(",") : "";
      htmx.trigger(form, "portal:view");
    });
  }

  // Behind the other tab of a phone the map has no size; it begins when it is first seen.
  let begun = false;
  new ResizeObserver(() => {
    if (!frame.clientWidth || !frame.clientHeight) return;
    map.invalidateSize({ animate: false, pan: false });
    if (!begun) begin();
    begun = true;
  }).observe(frame);
};
