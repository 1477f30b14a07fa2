"""Runs the client `three` against an endpoint and prints what it got; a program of its own, as a city's developers write one.

three 0.8.0 was written for Python 2. Not a letter of it is changed; the one name it misses in the standard library is given
to it before it is imported.
"""

import io
import itertools
import json
import sys

itertools.ifilter = filter  # type: ignore[attr-defined]  # Python 2's name

import three  # noqa: E402  # looks for the name above


def main(endpoint: str, jurisdiction: str, key: str, photo: str) -> None:
    """Every call the client has, in the order a city's app makes them."""
    city = three.Three(endpoint, jurisdiction=jurisdiction, api_key=key)
    said: dict[str, object] = {
        "discovery": city.discovery(),
        "services": city.services(),
        "definition": city.services("pothole"),
        "posted": city.post(
            "pothole", lat="42.3297", long="-71.0993", description="Größer als eine Hand & tief", name="Rosa Example"
        ),
    }
    with open(photo, "rb") as file:  # noqa: PTH123  # as its documentation shows
        said["with_photo"] = city.post("pothole", address="822 Parker St", description="With a photo.", media=file)
    reference = said["posted"][0]["service_request_id"]  # type: ignore[index]  # a list of one
    said["request"] = city.request(reference)
    said["token"] = city.token(reference)
    said["requests"] = city.requests(count=1)
    said["by_code"] = city.requests("pothole", status="open")
    said["refused"] = city.post("nowhere", lat="north", description="x")
    said["by_other_key"] = city.post("pothole", lat="42.3297", long="-71.0993", api_key="another-key")
    in_xml = three.Three(endpoint, jurisdiction=jurisdiction, api_key=key, format="xml")
    said["requests_xml"] = in_xml.get("requests", convert=False).decode()
    json.dump(said, io.TextIOWrapper(sys.stdout.buffer, "utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
