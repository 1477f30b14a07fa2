"""Who may read `/metrics`, and what they get. Closed to everybody until a token or a network is set."""

import hmac
from ipaddress import ip_address, ip_network

from flask import request
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.web import counting

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")


def may_read() -> bool:
    """By token from anywhere; by network only for who comes directly.

    A request that came through a proxy has the proxy's address, or one that somebody wrote into a header: it says nothing.
    """
    return _has_token() or _comes_from_inside()


def answer() -> Response:
    """Counters of all web workers of this host, and the figures of the whole house."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    from authority_portal.web.ops.figures import House

    here = counting.counters()
    together = CollectorRegistry()
    if here.folder is not None:
        MultiProcessCollector(together, path=str(here.folder))
    house = CollectorRegistry(auto_describe=False)
    house.register(House())
    body = generate_latest(here.own if here.folder is None else together) + generate_latest(house)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _has_token() -> bool:
    token = settings().METRICS_TOKEN
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and kind == "Bearer" and hmac.compare_digest(given.encode(), token.encode())


def _comes_from_inside() -> bool:
    networks = [ip_network(part.strip()) for part in settings().METRICS_NETWORKS.split(",") if part.strip()]
    if not networks or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:  # a socket in the file system has no address
        return False
    return any(address in network for network in networks)
