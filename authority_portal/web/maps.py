"""The map's shell, made by Folium: one map, its base map and where our own script takes over. No report ever comes near it.

What Folium writes is a script, and it runs text it is given as code, in the browser and before that as a template here, so it
is given numbers and addresses of ours only, and is served as a script of its own. Points come from `/reports/map.geojson` and
are drawn by `static/js/map.js`.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import folium
from branca.element import MacroElement, Template

from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.authorities.card import Card
from authority_portal.foundation.geo import Box

FURTHEST, NEAREST = 8, 19
"""Zoom levels the map stops at."""
TILES_UNTIL = 15
"""Deepest zoom in the base map's file; nearer ones are drawn from it."""


@dataclass(frozen=True, slots=True)
class Shell:
    """The map of one authority: the script Folium wrote, and a mark that changes with it."""

    script: str
    mark: str
    basemap: str


class _Map(folium.Map):  # type: ignore[misc]  # folium has no types
    """Folium's map without its addresses of foreign hosts. The lists are overridden, never changed: they belong to the class."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, middle: list[float], element: str) -> None:
        super().__init__(location=middle, zoom_start=12, tiles=None, zoom_control=False, attributionControl=False, keyboard=False)
        self._name, self._id = "map", element  # the variable `map_<element>`, and the id of the template's element
        # Folium loses both when there are no tiles of its own.
        self.options.update(max_zoom=NEAREST, min_zoom=FURTHEST)


class _Takes(MacroElement):  # type: ignore[misc]  # folium has no types
    """Hands the map to a function of our own scripts, with settings and nothing else."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "portal.{{ this.function }}({{ this._parent.get_name() }}, {{ this.settings|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(self, function: str, **values: Any) -> None:
        super().__init__()
        self._name = function
        self.function, self.settings = function, values


def shell(authority: Card, function: str = "map", element: str = "reports") -> Shell:
    """The shell of an authority's map: fills `#map_<element>` and is handed to `portal.<function>`. Made once per process."""
    chosen = settings()
    basemap = chosen.BASEMAP if chosen.BASEMAP != "pmtiles" or basemap_file() else "none"
    return _made(authority.bounds, basemap, function, element)


def basemap_file() -> Path | None:
    """The base map's file, if it is there."""
    name = settings().BASEMAP_URL
    if settings().BASEMAP != "pmtiles" or not name:
        return None
    file = Path(name) if Path(name).is_absolute() else CHECKOUT / name
    return file if file.is_file() else None


@lru_cache(maxsize=64)
def _made(bounds: Box, basemap: str, function: str, element: str) -> Shell:
    drawn = _Map([(bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2], element)
    if basemap == "pmtiles":
        _Takes("basemap", url="/basemap.pmtiles", deepest=TILES_UNTIL).add_to(drawn)
    _Takes(function, bounds=[[bounds.south, bounds.west], [bounds.north, bounds.east]]).add_to(drawn)
    figure = drawn.get_root()
    for child in tuple(figure._children.values()):  # noqa: SLF001  # Folium has no other way to its parts
        child.render()
    script = figure.script.render()
    return Shell(script, hashlib.sha256(script.encode()).hexdigest()[:10], basemap)
