// The small map of one report: it stands still and shows one place. Called by the script that Folium wrote, as the queue's is.
"use strict";

window.portal ??= {};

portal.map = (map) => {
  const { lat, lon, state, group, signs, exact } = document.getElementById("map_reports").dataset;
  const middle = [Number(lat), Number(lon)];
  const NEAR = exact === "yes" ? 17 : 15;

  for (const way of ["dragging", "touchZoom", "doubleClickZoom", "scrollWheelZoom", "boxZoom", "keyboard"]) map[way]?.disable();
  map.setView(middle, NEAR, { animate: false });
  if (exact === "yes") {
    L.marker(middle, { icon: portal.marks.ring(), interactive: false, keyboard: false }).addTo(map);
    L.marker(middle, { icon: portal.marks.pin({ state, group }, signs), interactive: false, keyboard: false }).addTo(map);
  } else {
    L.circle(middle, { radius: 100, interactive: false, className: "place__about" }).addTo(map);
  }
};
