// The base map: our own vector tiles, painted in the colours of the page's theme. Called by the script that Folium wrote.
"use strict";

window.portal ??= {};

(() => {
  const STREETS = [
    { minzoom: 0, maxzoom: 12, width: 0.6 },
    { minzoom: 13, maxzoom: 14, width: 1.6 },
    { minzoom: 15, maxzoom: 30, width: 4 },
  ];

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const named = (name) => style.getPropertyValue(name).trim();
    return {
      land: named("--map-land"),
      water: named("--map-water"),
      park: named("--map-park"),
      street: named("--map-street"),
      label: named("--map-label"),
    };
  }

  function layer({ url, deepest }) {
    const paint = colours();
    const { PolygonSymbolizer, LineSymbolizer, LineLabelSymbolizer } = protomapsL;
    return protomapsL.leafletLayer({
      url,
      attribution: "", // the page names the sources, as text
      maxDataZoom: deepest,
      // The edge of the tiles must not show, and what lies outside of them is land as well.
      backgroundColor: paint.land,
      paintRules: [
        { dataLayer: "land", symbolizer: new PolygonSymbolizer({ fill: paint.land }) },
        { dataLayer: "water", symbolizer: new PolygonSymbolizer({ fill: paint.water }) },
        { dataLayer: "parks", symbolizer: new PolygonSymbolizer({ fill: paint.park }) },
        ...STREETS.map(({ minzoom, maxzoom, width }) => ({
          dataLayer: "streets",
          minzoom,
          maxzoom,
          symbolizer: new LineSymbolizer({ color: paint.street, width }),
        })),
      ],
      labelRules: [
        {
          dataLayer: "streets",
          minzoom: 15,
          symbolizer: new LineLabelSymbolizer({
            labelProps: ["name", "name_inferred"],
            fill: paint.label,
            stroke: paint.land,
            width: 3,
            font: "500 12px sans-serif",
          }),
        },
      ],
    });
  }

  portal.basemap = (map, settings) => {
    let shown = layer(settings).addTo(map);
    const repaint = () => {
      shown.remove();
      shown = layer(settings).addTo(map);
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  };
})();
