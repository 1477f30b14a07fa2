"""The workflow as a picture, from its table: statuses one below the other, an arc per step. Pure."""

from dataclasses import dataclass

from authority_portal.domain.reports.queries.setup import SeenWorkflow

WIDE, HIGH, GAP = 260, 34, 14
"""Of a box and of the gap to the next, in units of the drawing."""
NEAR, FURTHER = 16, 14
"""How far an arc swings out to the next box, and how much more for each box that it passes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A status at its upper left corner."""

    x: int
    y: int
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A step as an SVG path. `back`: it leads up, and stands on the left."""

    path: str
    back: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the template needs to draw."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    wide: int = WIDE
    high: int = HIGH


def drawn(workflow: SeenWorkflow) -> Picture:
    """The drawing of an authority's workflow, in the order of its statuses."""
    rows = {status.id: row for row, status in enumerate(workflow.statuses)}
    spans = [(rows[step.from_status_id], rows[step.to_status_id]) for step in workflow.steps]
    left = _room([start - end for start, end in spans])
    boxes = tuple(Box(left, row * (HIGH + GAP) + 2, one.name, one.group) for row, one in enumerate(workflow.statuses))
    arrows = tuple(_arc(boxes[start], boxes[end], abs(end - start)) for start, end in spans)
    height = max(1, len(boxes)) * (HIGH + GAP)
    return Picture(left + WIDE + _room([end - start for start, end in spans]), height, boxes, arrows)


def _room(spans: list[int]) -> int:
    """Beside the boxes, for the widest arc and the tip of its arrow."""
    return NEAR + FURTHER * max([0, *spans]) + 6


def _arc(start: Box, end: Box, span: int) -> Arrow:
    """Leaves a box below its middle and arrives at another above it, so that arrows that come and go do not meet."""
    back = end.y < start.y
    edge = start.x if back else start.x + WIDE
    swing = (NEAR + FURTHER * span) * (-1 if back else 1)
    leaves, arrives = start.y + HIGH // 2 + 7, end.y + HIGH // 2 - 7
    if back:
        leaves, arrives = start.y + HIGH // 2 - 7, end.y + HIGH // 2 + 7
    return Arrow(f"M{edge} {leaves}C{edge + swing} {leaves} {edge + swing} {arrives} {edge} {arrives}", back)
