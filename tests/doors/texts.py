"""The free texts that the bodies of the doors take, found in the OpenAPI document: none is listed.

A text is free when the document gives it no form: no pattern, format or closed list of values.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.auth import Scope, guards

Schema = dict[str, Any]
Place = tuple[str | int, ...]
# What names something: twelve digits may mean something else there. By the last member.
NAMES = frozenset(
    {
        *("id", "notice_id", "owner", "party_id", "counterparty_party_id", "version", "code"),
        *("cursor", "basis", "data_kinds", "item_number"),
        # Parties of a succession; elsewhere they are days.
        *("from", "to"),
        # One character; no number fits in.
        *("written", "printed"),
    }
)


# Of transfers that are named by their key, the source must lie within the emitter's own.
URIS = frozenset(
    {
        "/v1/emitters/{emitter}/source",
        "/v1/emitters/{emitter}/days/{day}/ids/0/source",
        "/v1/emitters/{emitter}/days/{day}/ids/ids/0/source",
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """One free text of one body.

    Attributes:
        body: one that the door takes as far as its form goes, with `place` in it or room for it.
    """

    method: str
    path: str
    scope: Scope
    body: Any
    place: Place

    @property
    def name(self) -> str:
        return f"{self.path}{self.pointer}"

    @property
    def pointer(self) -> str:
        return "".join(f"/{one}" for one in self.place)

    def saying(self, text: str) -> Any:  # noqa: ANN401 -- JSON
        """The body with the text."""
        body = deepcopy(self.body)
        at = body
        for one, below in pairwise(self.place):
            if isinstance(one, str) and one not in at:
                at[one] = [] if isinstance(below, int) else {}
            at = at[one]
        last = self.place[-1]
        if isinstance(last, int):
            at[:] = [text]
        else:
            at[last] = text
        return body


def texts(app: FastAPI) -> dict[str, Text]:
    """Name → every free text of every body that a model reads."""
    found: dict[str, Text] = {}
    for one in _texts(app):
        found.setdefault(one.name, one)
    return {name: one for name, one in found.items() if name not in URIS}


def wanted(app: FastAPI) -> set[str]:
    """The names of all of them, whether an example has room for them or not; any index is 0."""
    document = app.openapi()
    return {
        f"{route.path}{''.join(f'/{one}' for one in place)}"
        for route, _, content in _bodies(app)
        for place in _places(content["schema"], document, None)
    } - URIS


def _texts(app: FastAPI) -> Iterator[Text]:
    document = app.openapi()
    for route, method, content in _bodies(app):
        for example in content["examples"].values():
            for place in _places(content["schema"], document, example["value"]):
                yield Text(method, route.path, _scope_of(route), example["value"], place)


def _bodies(app: FastAPI) -> Iterator[tuple[APIRoute, str, Schema]]:
    """(route, method, what the document says of its body) where a model reads the body."""
    paths = cast("dict[str, Any]", app.openapi()["paths"])
    for route in app.router.routes:
        if not isinstance(route, APIRoute) or route.body_field is None:
            continue
        for method in sorted(route.methods or ()):
            content = paths[route.path][method.lower()]["requestBody"]["content"]
            schema = content["application/json"]["schema"]
            if "properties" in schema:
                continue  # a document that no model reads: it is looked at as a whole
            yield route, method, content["application/json"]


def _scope_of(route: APIRoute) -> Scope:
    # Whoever is bound to no source may ask for everybody.
    scopes: list[Scope] = [one for guard in guards(route) for one in guard.scopes]
    return min(scopes, key=lambda one: one == "coverage:write")


def _places(schema: Schema, document: Schema, value: object) -> Iterator[Place]:
    """Where free texts stand, or may stand, in `value`; everywhere when it is None."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _places(document["components"]["schemas"][name], document, value)
        return
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if _is_of(one, document, value):
            yield from _places(one, document, value)
    if schema.get("type") == "string" and _is_free(schema):
        yield ()
    yield from _inside(schema, document, value)


def _inside(schema: Schema, document: Schema, value: object) -> Iterator[Place]:
    members = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    for name, one in schema.get("properties", {}).items():
        for place in _places(one, document, members.get(name)):
            is_leaf = not any(isinstance(step, str) for step in place)
            if is_leaf and name in NAMES:
                continue
            # What stands inside of something needs an example with that something.
            if is_leaf or value is None or name in members:
                yield (name, *place)
    for one in schema.get("patternProperties", {}).values():
        yield from (("name", *place) for place in _places(one, document, ""))
    elements = cast("list[object]", value) if isinstance(value, list) else []
    if isinstance(schema.get("items"), dict):
        first = elements[0] if elements else None
        yield from ((0, *place) for place in _places(schema["items"], document, first))


def _is_free(schema: Schema) -> bool:
    return not {"enum", "const", "format", "pattern"} & schema.keys()


def _is_of(schema: Schema, document: Schema, value: object) -> bool:
    """Whether the value is one of this variant, as far as its kind says."""
    name = schema.get("$ref", "").rpartition("/")[2]
    known = document["components"]["schemas"].get(name, {}).get("properties", {})
    kind = known.get("kind", {}).get("const")
    if kind is None or not isinstance(value, dict):
        return True
    return cast("dict[str, object]", value).get("kind") == kind
