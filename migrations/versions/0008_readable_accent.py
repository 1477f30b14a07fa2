"""Keep colours away that white text cannot be read on: mails write the way to the report in white on the authority's accent."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _light(channel: int) -> str:
    """One of red, green and blue as light, 0 to 1 (WCAG 2.2, relative luminance)."""
    byte = f"cast(get_byte(decode(accent, 'hex'), {channel}) AS float8)"
    return f"CASE WHEN {byte} <= 10 THEN {byte} / 3294.6 ELSE power(({byte} / 255 + 0.055) / 1.055, 2.4) END"


# 4.5 : 1 against white. Other forms than six digits are refused by a constraint of their own.
READABLE = (
    f"CASE WHEN accent ~ '^[0-9a-f]{{6}}$' THEN 0.2126 * {_light(0)} + 0.7152 * {_light(1)} + 0.0722 * {_light(2)} "
    "<= 1.05 / 4.5 - 0.05 END"
)


def upgrade() -> None:
    # Pages never wore such a colour: they have no stylesheet for it and show the standard one, which mails now do as well.
    op.execute(f"UPDATE authority SET accent = '0b5a68' WHERE NOT ({READABLE})")  # noqa: S608  # only our own text
    op.create_check_constraint(op.f("ck_authority_accent_readable"), "authority", READABLE)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_authority_accent_readable"), "authority")
