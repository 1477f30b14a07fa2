"""What a first visit to the queue weighs, compressed, without the tiles of the base map."""

import gzip
import re

from tests.builders.reports import a_report

MOST = 130_000
"""Bytes, as the issue of the queue promised."""


def test_the_first_page_weighs_at_most_130_kb(desk, town):
    for number in range(50):
        a_report(town, description=f"Hole number {number}, deep and wide.", address=f"{number} Parker St, Mission Hill")
    page = desk.get("/reports?queue=all")
    addresses = set(re.findall(r'(?:href|src)="(/(?:static|accent|reports/map\.js)[^"#]*)', page.text))
    parts = {address: desk.get(address) for address in addresses}

    assert {address: part.status_code for address, part in parts.items() if part.status_code != 200} == {}
    assert any("htmx" in address for address in parts)
    assert any("leaflet.js" in address for address in parts)
    weights = {address: len(gzip.compress(part.data, 9)) for address, part in parts.items()}
    weights["page"] = len(gzip.compress(page.data, 9))
    assert sum(weights.values()) <= MOST, sorted(weights.items(), key=lambda it: -it[1])
