"""The OpenAPI document: valid, closed in itself, true, and fuzzed by schemathesis."""

import json
from collections.abc import Iterator
from typing import Any, cast

import jsonschema_rs
import orjson
import pytest
from jsonschema import Draft202012Validator

from tests.doors.corridor import Corridor
from tests.doors.samples import SOURCE, provision

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(corridor: Corridor) -> Document:
    return corridor.ask("GET", "/openapi.json", key=None).body


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, dict):
        yield cast("dict[str, Any]", value)
        for inner in cast("dict[str, object]", value).values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from nodes(inner)


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_the_document_is_openapi_3_1(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    assert all(operation["summary"] for _, _, operation in operations(document))
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        jsonschema_rs.meta.validate({**schema, "$schema": DRAFT_2020})
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_resolves(document: Document) -> None:
    resolver = jsonschema_rs.Registry([("urn:document", document)]).resolver("urn:document")
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]
    assert "#/components/schemas/Item" in references
    for reference in references:
        assert resolver.lookup(reference).contents


def check(document: Document, schema: object, value: object) -> None:
    whole = {
        "$schema": DRAFT_2020,
        "components": document["components"],
        **cast("Document", schema),
    }
    jsonschema_rs.Draft202012Validator(whole).validate(value)


def absolute(schema: object) -> Any:  # noqa: ANN401 -- JSON
    """The schema with references into the document, which is not compiled for each anew."""
    if isinstance(schema, dict):
        members = cast("dict[str, object]", schema)
        return {
            name: f"urn:document{one}" if name == "$ref" else absolute(one)
            for name, one in members.items()
        }
    if isinstance(schema, list):
        return [absolute(one) for one in cast("list[object]", schema)]
    return schema


def test_every_body_and_every_answer_has_an_example_that_fits_its_schema(
    document: Document,
) -> None:
    registry = jsonschema_rs.Registry([("urn:document", document)], draft=jsonschema_rs.Draft202012)
    for method, path, operation in operations(document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [answer.get("content", {}) for answer in operation["responses"].values()]
        for content in contents:
            for media_type, described in content.items():
                if "json" not in media_type or path.startswith(("/health", "/problems")):
                    continue
                examples = described.get("examples", {})
                examples = [one["value"] for one in examples.values()]
                if "$ref" in described["schema"] and not examples:
                    # A model's own examples stand at its members.
                    assert described["schema"]["$ref"].endswith("/EventReceipt"), (method, path)
                    continue
                assert examples, (method, path, media_type)
                fits = jsonschema_rs.Draft202012Validator(
                    absolute(described["schema"]), registry=registry
                )
                for value in examples:
                    fits.validate(value)


def test_the_answers_are_what_the_document_says(corridor: Corridor, document: Document) -> None:
    recorded = corridor.record(provision())
    key = corridor.key(
        "events:write",
        "events:read.own",
        "records:read",
        "records:write",
        "notices:write",
        "quarantine:write",
        "cases:read",
        "cases:write",
        "cases:approve",
        "reply:download",
        source=SOURCE,
        label="fuzz",
    )
    asked: list[tuple[str, str, str | None, Document | None]] = [
        (
            "GET",
            "/v1/transfers/{transfer}",
            f"/v1/transfers/{recorded['transfer']}?reason=inspection",
            None,
        ),
        ("POST", "/v1/transfers", None, {"items": [{"source": SOURCE, "id": "x", "data": {}}] * 2}),
        (
            "POST",
            "/v1/transfers/check",
            None,
            {"items": [{"source": SOURCE, "id": "y", "data": provision()}]},
        ),
        (
            "POST",
            "/v1/histories",
            None,
            {
                "identifiers": [{"scheme": "member", "id": "CNRY"}],
                "case": "c",
                "reason": "調査",
                "after": recorded["position"],
            },
        ),
        ("GET", "/v1/notices", None, None),
        ("GET", "/v1/quarantine", None, None),
        ("GET", "/v1/reassessments", None, None),
        ("POST", "/v1/links", None, {"a": 1}),
    ]
    for method, template, path, body in asked:
        answer = corridor.ask(method, path or template, body, key=key)
        described = document["paths"][template][method.lower()]["responses"][str(answer.status)]
        [content] = described["content"].values()
        check(document, content["schema"], answer.body)
    assert orjson.loads(json.dumps(document)) == document
