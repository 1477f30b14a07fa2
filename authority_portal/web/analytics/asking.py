"""From the address to the question, and what was wrong with it."""

from dataclasses import dataclass

from flask import g, request

from authority_portal.domain.analytics import keeping, overview, periods, question
from authority_portal.domain.analytics.overview import Overview
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.analytics.question import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for figures. With something `wrong` nothing is counted."""

    question: Question
    wrong: dict[str, str]
    given: dict[str, str]
    months: tuple[Period, ...]
    coarse: bool

    @property
    def status(self) -> int:
        """The answer's status: an unknown parameter is a wrong request, a wrong value a wrong field."""
        if not self.wrong:
            return 200
        return 400 if any(name not in question.PARAMETERS for name in self.wrong) else 422


def asked() -> Asked:
    """What this request asks for."""
    today, coarse = keeping.today(g.authority), overview.is_coarse(g.actor)
    reading = question.read(dict(request.args.lists()), today=today, coarse=coarse)
    return Asked(reading.question, reading.wrong, reading.given, periods.finished_months(today), coarse)


def answered(made: Asked) -> Overview | None:
    """The figures, unless something is wrong or they are being counted for the first time."""
    return None if made.wrong else overview.of(made.question, by=g.actor)
