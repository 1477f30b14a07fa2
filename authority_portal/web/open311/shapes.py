"""The form of every answer as a JSON schema, with the names its parts have in XML. Tests hold real answers against it."""

from typing import Any

from authority_portal.web.open311.answers import EXTENDED_GROUPS, EXTENDED_OUTCOMES, SINGULAR

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": "string", "format": "date-time"}
FINER = {"type": "string", "enum": list(dict.fromkeys([*EXTENDED_GROUPS.values(), *EXTENDED_OUTCOMES.values(), "CLOSED"]))}


def _whole(properties: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    """An object with exactly these parts."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _several(plural: str, item: Schema) -> Schema:
    """A list: in XML the plural's element holds one of its singular for each."""
    return {"type": "array", "items": {**item, "xml": {"name": SINGULAR[plural]}}, "xml": {"name": plural, "wrapped": True}}


def _part(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


ATTRIBUTE = _whole(
    {
        "variable": {"type": "boolean"},
        "code": TEXT,
        "datatype": {"type": "string", "enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
        "required": {"type": "boolean"},
        "datatype_description": MAYBE,
        "order": {"type": "integer", "minimum": 1},
        "description": MAYBE,
        "values": _several("values", _whole({"key": TEXT, "name": MAYBE})),
    }
)
REQUEST = _whole(
    {
        "service_request_id": TEXT,
        "status": {"type": "string", "enum": ["open", "closed"]},
        "status_notes": MAYBE,
        "service_name": MAYBE,
        "service_code": TEXT,
        "description": MAYBE,
        "agency_responsible": MAYBE,
        "service_notice": MAYBE,
        "requested_datetime": MOMENT,
        "updated_datetime": MOMENT,
        "expected_datetime": {"type": ["string", "null"], "format": "date-time"},
        "address": MAYBE,
        "address_id": MAYBE,
        "zipcode": MAYBE,
        "lat": {"type": ["number", "null"]},
        "long": {"type": ["number", "null"]},
        "media_url": {"type": ["string", "null"], "format": "uri"},
        "extended_attributes": _whole({"status": FINER}),
        "notes": _several("notes", _whole({"datetime": MOMENT, "description": MAYBE, "type": FINER})),
    },
    optional=("extended_attributes", "notes"),
)
SCHEMAS: dict[str, Schema] = {
    "discovery": _whole(
        {
            "changeset": MOMENT,
            "contact": MAYBE,
            "key_service": MAYBE,
            "endpoints": _several(
                "endpoints",
                _whole(
                    {
                        "specification": TEXT,
                        "url": {"type": "string", "format": "uri"},
                        "changeset": MOMENT,
                        "type": {"type": "string", "enum": ["production", "test"]},
                        "formats": _several("formats", TEXT),
                    }
                ),
            ),
        }
    ),
    "service": _whole(
        {
            "service_code": TEXT,
            "service_name": MAYBE,
            "description": MAYBE,
            "metadata": {"type": "boolean"},
            "type": {"type": "string", "enum": ["realtime", "batch", "blackbox"]},
            "keywords": MAYBE,
            "group": MAYBE,
        }
    ),
    "service_definition": _whole({"service_code": TEXT, "attributes": _several("attributes", ATTRIBUTE)}),
    "request": REQUEST,
    "receipt": _whole({"service_request_id": TEXT, "service_notice": MAYBE, "account_id": MAYBE}),
    "token": _whole({"service_request_id": TEXT, "token": TEXT}),
    "update": _whole(
        {
            "update_id": TEXT,
            "service_request_id": TEXT,
            "status": FINER,
            "updated_datetime": MOMENT,
            "description": MAYBE,
            "media_url": MAYBE,
        }
    ),
    "error": _whole({"code": {"type": "integer", "minimum": 400, "maximum": 599}, "description": MAYBE}),
    "services": _several("services", _part("service")),
    "requests": _several("service_requests", _part("request")),
    "receipts": {**_several("service_requests", _part("receipt")), "minItems": 1, "maxItems": 1},
    "tokens": {**_several("service_requests", _part("token")), "minItems": 1, "maxItems": 1},
    "updates": _several("service_requests_updates", _part("update")),
    "errors": {**_several("errors", _part("error")), "minItems": 1},
}
"""By the name a description refers to."""
