"""The authority's colour: which one is allowed, the nearest that is, and the stylesheet that sets it."""

import colorsys
import re
from dataclasses import dataclass
from enum import StrEnum

# Text needs 4.5 : 1 (WCAG 2.2, 1.4.3); the colour is used for links and buttons on white.
LEAST_CONTRAST = 4.5

# Degrees on the colour wheel that people read as red. Red means overdue here, so no authority may wear it.
RED_UNTIL, RED_FROM = 20, 340
# Below this saturation a colour is grey, whatever its hue says.
GREY_BELOW = 0.2

_SIX_DIGITS = re.compile(r"#?([0-9a-fA-F]{6})", re.ASCII)


class Reason(StrEnum):
    """Why a colour is refused."""

    FORM = "form"  # not six hex digits
    RED = "red"
    CONTRAST = "contrast"


@dataclass
class AccentRefused(ValueError):
    """The colour cannot be the accent; `nearest` can, or is empty when there was no colour to start from."""

    reason: Reason
    nearest: str = ""


def accent_css(text: str) -> str:
    """The stylesheet that makes `text` (six hex digits, with or without #) the accent. Raises AccentRefused."""
    return f":root{{--accent:#{checked(text)}}}\n"


def checked(text: str) -> str:
    """`text` as six lower-case hex digits, if it may be the accent. Raises AccentRefused with the nearest that may."""
    digits = _digits(text)
    if _is_red(digits):
        raise AccentRefused(Reason.RED, nearest_passing(digits))
    if contrast_on_white(digits) < LEAST_CONTRAST:
        raise AccentRefused(Reason.CONTRAST, nearest_passing(digits))
    return digits


def nearest_passing(text: str) -> str:
    """The colour that passes and differs least: red turns to the nearer edge of red, pale darkens, hue and saturation stay."""
    red, green, blue = _channels(_digits(text))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if _is_red(_digits(text)):
        hue = _nearer_edge(hue * 360) / 360
    while True:
        digits = "".join(f"{round(channel * 255):02x}" for channel in colorsys.hls_to_rgb(hue, lightness, saturation))
        if not _is_red(digits) and contrast_on_white(digits) >= LEAST_CONTRAST:
            return digits
        if lightness <= 0:
            return "000000"
        lightness = max(0.0, lightness - 1 / 255)


def contrast_on_white(text: str) -> float:
    """WCAG contrast ratio of the colour against white, 1 to 21."""
    red, green, blue = (_linear(channel) for channel in _channels(_digits(text)))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _digits(text: str) -> str:
    match = _SIX_DIGITS.fullmatch(text)
    if match is None:
        raise AccentRefused(Reason.FORM)
    return match[1].lower()


def _channels(digits: str) -> tuple[float, float, float]:
    """Red, green and blue, each 0 to 1."""
    return int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def _linear(channel: float) -> float:
    """One sRGB channel as light (WCAG 2.2, relative luminance)."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _is_red(digits: str) -> bool:
    hue, _, saturation = colorsys.rgb_to_hls(*_channels(digits))
    degrees = hue * 360
    return saturation >= GREY_BELOW and (degrees <= RED_UNTIL or degrees >= RED_FROM)


def _nearer_edge(degrees: float) -> float:
    """The first hue outside red. Two degrees of room, because eight-bit channels round a dark colour's hue."""
    return RED_FROM - 2 if degrees >= RED_FROM else RED_UNTIL + 2
