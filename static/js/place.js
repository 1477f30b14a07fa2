// The map on which staff show where a report is. It fills the field "Position"; whatever is typed there moves its mark.
// Called by the script that Folium wrote. Without it the field and the address are all that is needed.
"use strict";

window.portal ??= {};

// Questions come by themselves when a category is chosen; Enter in a field then saves.
document.querySelector("[data-without-script]")?.remove();

portal.place = (map, { bounds }) => {
  const frame = document.getElementById("map_place");
  const field = document.getElementById("coordinates");
  const says = document.getElementById("place-says");
  const area = L.latLngBounds(bounds);
  const CLOSE = 17;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  map.options.zoomAnimation = map.options.fadeAnimation = map.options.markerZoomAnimation = !still;

  function drawing() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "pin pin--here");
    svg.setAttribute("viewBox", "0 0 28 28");
    use.setAttribute("href", `${frame.dataset.signs}#pin-ok`);
    svg.append(use);
    return svg;
  }

  const icon = L.divIcon({ html: drawing(), className: "mark", iconSize: [28, 28] });
  const mark = L.marker(area.getCenter(), { icon, keyboard: false, draggable: true, autoPan: true });

  // The server reads the field again, and more strictly.
  function typed() {
    const parts = /^([^,; ]+)(?:[,;] ?| )([^,; ]+)$/.exec(field.value.trim());
    const [lat, lon] = parts ? [Number(parts[1]), Number(parts[2])] : [NaN, NaN];
    return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? L.latLng(lat, lon) : null;
  }

  function tell(at) {
    says.textContent = at === null ? says.dataset.none : area.contains(at) ? says.dataset.set : says.dataset.outside;
  }

  function show() {
    const at = typed();
    if (at === null) mark.remove();
    else mark.setLatLng(at).addTo(map);
    tell(at);
    return at;
  }

  function choose({ latlng }) {
    const at = latlng.wrap();
    field.value = `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`;
    show();
  }

  map.on("click", choose);
  mark.on("dragend", () => choose({ latlng: mark.getLatLng() }));
  // Outside of the area there is no ground to look at: the map then shows where it could be.
  function go(at, zoom, animate) {
    if (at && area.contains(at)) map.setView(at, zoom, { animate });
    else if (at) map.fitBounds(area, { animate });
  }

  field.addEventListener("change", () => go(show(), Math.max(CLOSE, map.getZoom()), !still));
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "all") map.fitBounds(area, { animate: !still });
      else map.setZoom(map.getZoom() + Number(button.dataset.zoom), { animate: !still });
    });
  });
  document.querySelectorAll("#place [data-needs-script]").forEach((part) => {
    part.hidden = false;
  });
  map.invalidateSize();
  map.fitBounds(area, { animate: false });
  go(show(), CLOSE, false);
};
