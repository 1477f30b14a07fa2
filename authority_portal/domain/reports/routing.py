"""Where a report belongs: its area and locality from polygons, its team from the category."""

from dataclasses import dataclass

from sqlalchemy import func, select

from authority_portal.domain.authorities.models import Area, Category
from authority_portal.foundation.db import db
from authority_portal.foundation.geo import Point

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


def team_for(category: Category) -> int | None:
    """The team a new report of this category goes to."""
    return category.team_id
