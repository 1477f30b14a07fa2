"""`openapi.json`: this interface as programs read it (OpenAPI 3.1), drawn from the tables that the door itself works with."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from authority_portal.config import settings
from authority_portal.web.open311 import fields as table
from authority_portal.web.open311 import media, wire
from authority_portal.web.open311.answers import CHANGED, TYPES
from authority_portal.web.open311.fields import Field
from authority_portal.web.open311.shapes import SCHEMAS

Document = dict[str, Any]

ALWAYS = (400, 404, 414, 429, 500, 503)
"""What every document may answer beside what it is for."""
WITH_A_KEY = (403, *ALWAYS)
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
DECIMAL = r"^-?[0-9]{1,9}(\.[0-9]{1,15})?$"
SOMETIMES_A_KEY: tuple[Document, ...] = ({}, {"key": []}, {"bearer": []})
IDEMPOTENCY: Document = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes the POST repeatable, as external_id does.",
    "schema": {"type": "string", "maxLength": table.LONGEST_ID},
    "example": "app-17",
}


def document() -> Document:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Open311 GeoReport v2",
            "version": CHANGED.partition("T")[0],
            "description": "Reports in, public reports out. Each document ends in .json or .xml and says the same in both.",
        },
        "externalDocs": {"url": "http://wiki.open311.org/GeoReport_v2", "description": "The specification"},
        "servers": [{"url": f"{settings().BASE_URL}/open311/v2"}],
        "paths": dict(path for form in TYPES for path in _paths(form)),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _paths(form: str) -> Iterable[tuple[str, Document]]:
    one = table.JURISDICTION
    code = _in_path("code", "A service's code.", table.LONGEST_CODE, "pothole")
    request_id = _in_path("id", "A report's reference.", 40, "BOS-7K3P-Q")
    token = _in_path("token", "The id that the client gave its POST, or a report's reference.", table.LONGEST_ID, "app-17")
    search = [*table.SEARCH, table.REQUEST_IDS, one]
    where = _get("discovery", form, "Where the endpoint is.", "discovery", [one], refusals=ALWAYS, security=[{}])
    yield f"/discovery.{form}", where
    yield f"/services.{form}", _get("services", form, "What can be reported.", "services", [one])
    yield f"/services/{{code}}.{form}", _get("service", form, "The questions of one service.", "service_definition", [code, one])
    yield f"/requests.{form}", _get("requests", form, "Reports, the newest first.", "requests", search) | _post(form)
    yield f"/requests/{{id}}.{form}", _get("request", form, "One report.", "requests", [request_id, table.EXTENSIONS, one])
    news = _get("updates", form, "Steps of reports (mySociety's extension), the oldest first.", "updates", [*table.UPDATES, one])
    yield f"/servicerequestupdates.{form}", news
    yield f"/tokens/{{token}}.{form}", _get("token", form, "Which report a token stands for.", "tokens", [token, one])


def _get(
    name: str,
    form: str,
    words: str,
    shape: str,
    parameters: Iterable[Field | Document],
    *,
    refusals: tuple[int, ...] = WITH_A_KEY,
    security: Sequence[Document] = SOMETIMES_A_KEY,
) -> Document:
    return {
        "get": {
            "operationId": f"{name}_{form}",
            "summary": words,
            "parameters": [each if isinstance(each, dict) else _parameter(each) for each in parameters],
            "responses": {"200": _answer(form, shape, "Found.")} | _refused(form, refusals),
            "security": list(security),
        }
    }


def _post(form: str) -> Document:
    words = {each.name: _schema(each) for each in table.POST}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": media.MOST}
    plain = {
        "type": "object",
        "properties": words,
        "required": [each.name for each in table.POST if each.required],
        "anyOf": [{"required": ["lat", "long"]}, {"required": ["address_string"]}, {"required": ["address_id"]}],
        "additionalProperties": {"type": "string"},
        "patternProperties": {r"^attribute\[.+\]$": {"type": "string"}},
        "description": "Answers to a service's questions stand as attribute[code], several of one question as attribute[code][].",
    }
    whole = {**plain, "properties": words | {"media": files}}
    example = {each.name: each.example for each in table.CONTENT if each.example} | {"service_code": "pothole"}
    return {
        "post": {
            "operationId": f"submit_{form}",
            "summary": "A report comes in. Sent again under the same id of the client's it gives the same answer.",
            "parameters": [_parameter(table.JURISDICTION), IDEMPOTENCY],
            "requestBody": {
                "required": True,
                "content": {
                    wire.URLENCODED: {"schema": plain, "example": example},
                    wire.MULTIPART: {"schema": whole, "example": example},
                },
            },
            "responses": {"201": _answer(form, "receipts", "Taken in.")} | _refused(form, (*WITH_A_KEY, 413, 415, 422)),
            "security": [{"key": []}, {"bearer": []}],
        }
    }


def _parameter(each: Field) -> Document:
    shown = {"example": each.example} if each.example else {}
    return {"name": each.name, "in": "query", "description": each.words, "schema": _schema(each), **shown}


def _in_path(name: str, words: str, most: int, example: str) -> Document:
    schema = {"type": "string", "minLength": 1, "maxLength": most}
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema, "example": example}


def _schema(each: Field) -> Document:
    kind = each.kind or {"pattern": PLAIN}
    if kind.get("format") == "decimal":
        kind = {"pattern": DECIMAL}
    schema = {"type": "string", "maxLength": each.most} | kind
    # An empty field acts like an absent one, whatever it is otherwise.
    whole = schema if each.required or not each.kind else {"anyOf": [schema, {"type": "string", "maxLength": 0}]}
    return {**whole, "description": each.words}


def _answer(form: str, shape: str, words: str) -> Document:
    return {"description": words, "content": {TYPES[form]: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}}


def _refused(form: str, codes: Iterable[int]) -> Document:
    answers = {str(code): _answer(form, "errors", HTTPStatus(code).phrase) for code in sorted(codes)}
    wait = {"description": "Seconds until it is worth another try.", "schema": {"type": "integer", "minimum": 1}}
    for code in ("429", "503"):
        answers[code]["headers"] = {"Retry-After": wait}
    return answers
