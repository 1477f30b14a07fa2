"""Whether a role counts: not while its holder may not work in that authority."""

from sqlalchemy import ColumnElement, exists

from authority_portal.domain.staff.models import StaffRole, StaffSuspension


def counts() -> ColumnElement[bool]:
    """Condition on `StaffRole`: its holder is not suspended there. Whether the whole account is closed is asked of `Staff`."""
    return ~exists().where(StaffSuspension.staff_id == StaffRole.staff_id, StaffSuspension.authority_id == StaffRole.authority_id)
