"""Where a report belongs: its area and locality from polygons, its team from the category."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, text

from authority_portal.domain.authorities.models import Area, Category
from authority_portal.foundation.db import db
from authority_portal.foundation.geo import Point
from authority_portal.foundation.sentences import Sentence

BY_CATEGORY = "category "
"""What a row keeps of why the house gave a report to a team: this, and the category's code. Readers get `why`."""
BY_FILE = "import"
"""The same for a report that was brought in from a file."""

AREA_LAYER = "area"
LOCALITY_LAYER = "locality"


@dataclass(frozen=True, slots=True)
class Place:
    """Names of a position: the area it counts for and the locality people call it by."""

    area_id: int | None = None
    locality: str = ""


def place(point: Point | None, authority_id: int) -> Place:
    """The area and locality that cover a point; empty outside of all of them."""
    if point is None:
        return Place()
    query = (
        select(Area.id, Area.layer, Area.name)
        .where(
            Area.authority_id == authority_id,
            Area.layer.in_([AREA_LAYER, LOCALITY_LAYER]),
            func.ST_Covers(Area.shape, func.ST_GeomFromEWKT(point.wkt())),
        )
        .order_by(Area.position)
    )
    area_id, locality = None, ""
    for row in db.session.execute(query):
        if row.layer == AREA_LAYER and area_id is None:
            area_id = row.id
        elif row.layer == LOCALITY_LAYER and not locality:
            locality = row.name
    return Place(area_id, locality)


def places(points: Collection[Point], authority_id: int) -> dict[Point, Place]:
    """The places of many points in one statement; what lies outside of every polygon is not in the answer."""
    wanted = list(points)
    if not wanted:
        return {}
    # Polygons outside, points inside: PostGIS prepares each polygon once.
    rows = db.session.execute(
        text(
            """
            SELECT point.n, area.id, area.layer, area.name
            FROM area CROSS JOIN unnest(cast(:lats AS float8[]), cast(:lons AS float8[])) WITH ORDINALITY AS point (lat, lon, n)
            WHERE area.authority_id = :authority AND area.layer IN (:area, :locality)
              AND ST_Covers(area.shape, ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326))
            ORDER BY area.position DESC, area.id DESC
            """
        ),
        {
            "lats": [point.lat for point in wanted],
            "lons": [point.lon for point in wanted],
            "authority": authority_id,
            "area": AREA_LAYER,
            "locality": LOCALITY_LAYER,
        },
    )
    area_ids: dict[int, int] = {}
    localities: dict[int, str] = {}
    for number, area_id, layer, name in rows:  # the first by position is written last
        if layer == AREA_LAYER:
            area_ids[number] = area_id
        else:
            localities[number] = name
    return {
        wanted[number - 1]: Place(area_ids.get(number), localities.get(number, "")) for number in area_ids.keys() | localities
    }


def has_areas(authority_id: int) -> bool:
    """Whether the authority has areas at all, so that "outside of every area" means something."""
    query = select(Area.id).where(Area.authority_id == authority_id, Area.layer == AREA_LAYER).limit(1)
    return db.session.scalar(query) is not None


def team_for(category: Category) -> int | None:
    """The team a new report of this category goes to."""
    return category.team_id


def why(kept: str) -> Sentence:
    """Why the house gave a report to a team, in words. `kept`: what the row keeps, the category's name in place of its code."""
    if kept == BY_FILE:
        return Sentence("brought in from a file")
    if kept.startswith(BY_CATEGORY):
        return Sentence("by the category “%(name)s”", name=kept.removeprefix(BY_CATEGORY))
    return Sentence(kept)
