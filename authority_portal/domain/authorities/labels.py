"""Names on the map's ground."""

from sqlalchemy import func, select

from authority_portal.domain.authorities.models import Area
from authority_portal.foundation.db import db

LOCALITY_LAYER = "locality"


def localities(authority_id: int) -> list[tuple[str, float, float]]:
    """Each neighbourhood's name with a point surely inside it, latitude and longitude in degrees."""
    point = func.ST_PointOnSurface(Area.shape)
    rows = db.session.execute(
        select(Area.name, func.ST_Y(point), func.ST_X(point))
        .where(Area.authority_id == authority_id, Area.layer == LOCALITY_LAYER)
        .order_by(func.ST_Area(Area.shape).desc())
    )
    return [(name, lat, lon) for name, lat, lon in rows]
