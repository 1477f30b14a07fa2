"""Areas from GeoJSON: read strictly, repaired by PostGIS where a ring crosses itself, written as one layer."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.models import Area
from authority_portal.foundation import parsing
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid

POLYGONAL = ("Polygon", "MultiPolygon")


def add_layer(layer: str, file: Path, *, code: str, name: str, by: Actor) -> int:
    """Write the features of a GeoJSON file (EPSG:4326) as areas of `layer`; returns how many. The caller commits.

    `code` and `name` are properties of the features. A layer that the authority has already stays as it is: 0. Raises Invalid.
    """
    query = select(func.count()).where(Area.authority_id == by.authority_id, Area.layer == layer)
    if db.session.scalar(query):
        return 0
    rows = [
        {"code": code_of, "name": name_of, "position": position, "shape": shape}
        for position, (code_of, name_of, shape) in enumerate(_features(file, code, name))
    ]
    for row in rows:
        shape = func.ST_SetSRID(func.ST_GeomFromGeoJSON(row.pop("shape")), 4326)
        whole = func.ST_Multi(func.ST_CollectionExtract(func.ST_MakeValid(shape), 3))
        db.session.execute(insert(Area).values(authority_id=by.authority_id, layer=layer, shape=whole, **row))
    trail.append("areas:added", subject=f"areas:{layer}", by=by, count=len(rows))
    return len(rows)


def _features(file: Path, code: str, name: str) -> list[tuple[str, str, str]]:
    try:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        return [_feature(each, code, name) for each in features]
    except OSError as error:
        raise Invalid({file.name: f"cannot be read: {error.strerror}"}) from None
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid({file.name: f"is not a GeoJSON collection of polygons with `{code}` and `{name}`: {error}"}) from None


def _feature(feature: dict[str, Any], code: str, name: str) -> tuple[str, str, str]:
    if feature["geometry"]["type"] not in POLYGONAL:
        raise ValueError(f"{feature['geometry']['type']} is no polygon")
    properties = feature["properties"]
    return (
        parsing.words(str(properties[code]), most=60),
        parsing.words(str(properties[name]), most=200),
        json.dumps(feature["geometry"]),
    )
