"""Reading field after field, so that everything wrong is said at once."""

from collections.abc import Callable
from typing import TypeVar

from authority_portal.foundation import parsing
from authority_portal.web.open311.failures import Refused
from authority_portal.web.open311.fields import LONGEST
from authority_portal.web.open311.wire import Fields

Value = TypeVar("Value")


class Reading:
    """Reads field after field and remembers what was wrong with each."""

    def __init__(self, fields: Fields, names: tuple[str, ...]) -> None:
        self.fields = fields
        self.wrong: dict[str, str] = dict.fromkeys(
            (name for name in sorted(fields.doubled) if name in names or name.startswith("attribute[")),
            "was given more than once",
        )

    def read(self, name: str, parse: Callable[[str], Value], absent: Value) -> Value:
        """The parsed field; `absent` if it is missing, empty or wrong."""
        text = self.fields.values.get(name, "").strip(" \t\r\n")
        if not text or name in self.wrong:
            return absent
        try:
            return parse(text)
        except ValueError as error:
            self.wrong[name] = str(error)
            return absent

    def line(self, name: str) -> str:
        """One line of text, as long as the table of fields allows."""
        return self.read(name, lambda text: parsing.words(text, most=LONGEST[name]), "")

    def done(self) -> None:
        """Raises Refused (400) with everything that was wrong."""
        if self.wrong:
            raise Refused(400, self.wrong)
