"""Sentences for people that arise where no reader is known: said in English here, and in the reader's language by the web.

`pybabel extract` finds the texts by the names `Sentence` and `Stored`; `web/rendering.said` translates them.
"""

import re
from collections.abc import Callable
from decimal import Decimal

Value = str | int | float


class Sentence(str):
    """A text in English that remembers what it was made of: the `msgid` with `%(name)s` in it, and the values for the names.

    Numbers are given as numbers, so that they can be written as the reader's language does. A value may be a Sentence.
    """

    __slots__ = ("msgid", "values")
    msgid: str
    values: dict[str, Value]

    def __new__(cls, msgid: str, /, **values: Value) -> "Sentence":
        text = msgid % {name: _english(value) for name, value in values.items()} if values else msgid
        made = super().__new__(cls, text)
        made.msgid, made.values = msgid, values
        return made


def of(error: Exception) -> str:
    """What an error says: the Sentence it was raised with, or else its text."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, Sentence) else str(error)


class Stored:
    """A sentence that a row keeps in English and that is known again by its form, so that its readers get it in their language.

    `kinds` turns the named parts back into values: `Stored("%(hours)s h from receipt", hours=whole)`.
    """

    def __init__(self, msgid: str, /, **kinds: Callable[[str], Value]) -> None:
        self.msgid, self.kinds = msgid, kinds
        parts = re.split(r"%\((\w+)\)s", msgid)
        form = "".join(f"(?P<{part}>.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
        self._form = re.compile(form, re.DOTALL)

    def __call__(self, **values: Value) -> Sentence:
        """The sentence itself. What is stored is its English text."""
        return Sentence(self.msgid, **values)

    def read(self, text: str) -> Sentence | None:
        """The sentence that `text` was made from; None for any other text."""
        found = self._form.fullmatch(text)
        if found is None:
            return None
        try:
            return Sentence(self.msgid, **{name: self.kinds.get(name, str)(part) for name, part in found.groupdict().items()})
        except ValueError:
            return None


def read(text: str, *known: Stored) -> Sentence:
    """What a row kept, as the Sentence it was made from. What none of the `known` can have made is a sentence of its own:
    one without values is its own msgid, and of one that no catalogue knows the English stays."""
    return next((sentence for one in known if (sentence := one.read(text)) is not None), Sentence(text))


def whole(text: str) -> int:
    """A whole number as a Sentence writes it in English. Raises ValueError."""
    return int(text.replace(",", ""))


def _english(value: Value) -> str:
    if isinstance(value, float):  # through its shortest text, which keeps every digit of a coordinate
        return f"{Decimal(repr(value)).normalize():,f}"
    return f"{value:,}" if isinstance(value, int) else value
