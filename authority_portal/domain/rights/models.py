"""The ledger of erasures: whose details went when and by which rule, without a value, so that a restore can be made good."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from authority_portal.foundation.db import Base, tenant


class ErasureBatch(Base):
    """Details erased in one transaction by one version of one rule. `digest` is SHA-256 over the persons' ids in order."""

    __tablename__ = "erasure_batch"
    __table_args__ = tenant(
        CheckConstraint("reason IN ('rule', 'replay')", name="reason"),
        CheckConstraint("persons > 0", name="persons"),
        rights="SELECT, INSERT",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    rule: Mapped[str] = mapped_column(Text)
    """The rule's name in `rights/rules.py`."""
    rule_version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    """`rule`: it was due; `replay`: it had been erased before, and a restored backup brought it back."""
    persons: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    erased_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class Erasure(Base):
    """One person whose details were erased. The id is random and leads to nothing any more."""

    __tablename__ = "erasure"
    __table_args__ = tenant(
        UniqueConstraint("authority_id", "person_id"),
        ForeignKeyConstraint(["authority_id", "batch_id"], ["erasure_batch.authority_id", "erasure_batch.id"]),
        ForeignKeyConstraint(["authority_id", "person_id"], ["person.authority_id", "person.id"]),
        rights="SELECT, INSERT",
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    person_id: Mapped[UUID]
    batch_id: Mapped[int] = mapped_column(BigInteger)
