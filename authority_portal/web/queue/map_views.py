"""The map's part of the queue's door: its script, its marks, its labels, and the base map's file."""

from typing import Any

from flask import Response, abort, g, jsonify, request, send_file
from werkzeug.wrappers import Response as Answer

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import labels
from authority_portal.domain.reports.queries import map_points as queries
from authority_portal.domain.reports.queries.filter_choices import sees_places
from authority_portal.domain.reports.queries.map_points import Points, Spot, TooWide
from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.sentences import Sentence
from authority_portal.web import errors, maps
from authority_portal.web.guard import public, requires
from authority_portal.web.queue import asking
from authority_portal.web.queue.door import queue
from authority_portal.web.rendering import said

FRAME = frozenset({"view", "z"})
"""Parameters that say what the screen shows; they do not belong to the view."""
KEPT = "private, max-age=86400"


@queue.get("/reports/map.geojson")
@requires(Permission.REPORT_READ)
def map_points() -> Any:
    """The marks of one screen (`view` west,south,east,north; `z` zoom) for the view that the rest of the address asks for."""
    if not sees_places(g.actor):
        raise Denied(Sentence("Your role sees no places."))
    asked = asking.asked(beside=FRAME)
    try:
        box = parsing.box(request.args.get("view", ""))
        zoom = parsing.integer(request.args.get("z", ""), least=0, most=queries.NEAREST)
    except ValueError as error:
        return errors.answer(400, f"view, z: {said(sentences.of(error))}")
    if asked.wrong:
        return errors.answer(400, "; ".join(f"{name} {words}" for name, words in asked.wrong.items()))
    return jsonify(_geojson(queries.points(asked.question, box, zoom)))


@queue.get("/reports/map.js")
@requires(Permission.REPORT_READ)
def map_script() -> Answer:
    """The script that Folium wrote. The same for everybody of an authority, so the browser may keep it."""
    answer = Response(maps.shell(g.authority).script, mimetype="text/javascript", headers={"Cache-Control": KEPT})
    answer.add_etag()
    return answer.make_conditional(request)


@queue.get("/reports/places.json")
@requires(Permission.REPORT_READ)
def places() -> Answer:
    """Names of neighbourhoods with one point each, for the map's ground."""
    answer = jsonify([[name, round(lat, 5), round(lon, 5)] for name, lat, lon in labels.localities(g.authority.id)])
    answer.headers["Cache-Control"] = KEPT
    return answer


@queue.get("/basemap.pmtiles")
@public
def basemap() -> Answer:
    """The base map: one file, of which the browser asks parts. Nothing in it is about a report."""
    file = maps.basemap_file()
    if file is None:
        abort(404)
    answer = send_file(file, mimetype="application/vnd.pmtiles", conditional=True, max_age=86400)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@queue.errorhandler(TooWide)
def too_wide(error: TooWide) -> Any:
    """The list still works; only counting all marks at once does not."""
    return errors.answer(503, said(sentences.of(error)))


def _geojson(points: Points) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [_feature(spot) for spot in points.spots],
        "shown": points.shown,
        "total": points.total,
        "unplaced": points.unplaced,
    }


def _feature(spot: Spot) -> dict[str, Any]:
    properties: dict[str, Any] = {"n": spot.n, "late": spot.late}
    if spot.reference:
        properties |= {"reference": spot.reference, "state": spot.state, "group": spot.group}
    position = [round(float(spot.lon), 5), round(float(spot.lat), 5)]
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": position}, "properties": properties}
