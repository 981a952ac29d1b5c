"""Generates the tables of `docs/reference/api.md` from the application itself."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NoReturn, cast

from fastapi import FastAPI

from api.app import ApiDependencies, create_app
from api.auth import SCOPES
from api.problems.kind import SECONDS_TO_RETRY, ProblemKind
from api.problems.kinds import KINDS
from api.resources.bulk.parts.decompression import RATIO_MAX
from api.resources.bulk.parts.lines import LINE_BYTES_MAX
from api.server.application import ROUTERS, SCHEMAS
from api.settings.settings import Settings
from api.web.idempotency import KEY_CHARACTERS_MAX
from api.web.items import (
    BATCH_DEFECTS_MAX,
    BATCH_VALUES_MAX,
    ID_BYTES_MAX,
    MARKING,
    SOURCE_BYTES_MAX,
)
from ledger.errors import LedgerError
from ledger.format.header import HEADER_BYTES_MAX
from ledger.lifetimes import DRAFT_DAYS
from ledger.policies.wellformedness import CHARACTERS_MAX, LINE_END, TEXT_MAX
from ledger.streams.streams import CLUSTER_MAX
from ledger.transfers.bulk.upload import LINES_MAX, PARTS_MAX
from projections.histories import PAGE_BYTES_MAX
from tests.docs.markdown import table

_BY_THE_FRAMEWORK = (
    "bad-request",
    "not-found",
    "method-not-allowed",
    "schema-violation",
    "internal-error",
)
"""Kinds that are answered without an error of ours."""


@cache
def application() -> FastAPI:
    """The application as it is served, without a database behind it."""
    return create_app(
        ApiDependencies(
            settings=Settings(),
            connect=_nobody,
            row_mac=_nobody,
            actor_of=_nobody,
            routers=ROUTERS,
            schemas=SCHEMAS,
        )
    )


def _nobody(*_: object) -> NoReturn:
    raise AssertionError("no request is served here")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return application().openapi()


def operations() -> dict[str, dict[str, Any]]:
    """`POST /v1/links` → its operation."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in cast("dict[str, dict[str, Any]]", document()["paths"]).items()
        for method, operation in methods.items()
    }


def tables() -> dict[str, str]:
    """The generated regions of the page, by name."""
    return {
        "endpoints": _endpoints(),
        "unused-scopes": _unused_scopes(),
        "problems": _problems(),
        "reserved": _reserved(),
        "limits": _limits(),
    }


def _endpoints() -> str:
    rows = [
        (f"`{name}`", _scopes(operation), _told(name, operation), _statuses(operation))
        for name, operation in operations().items()
    ]
    return table(("end point", "scope (any of)", "what it does", "refusals besides 500"), rows)


def _told(name: str, operation: dict[str, Any]) -> str:
    # Endpoints for machines have no summary but their functions' names.
    if "/v1/" in name or "/problems/" in name:
        return cast("str", operation["summary"])
    return re.split(r"[.;] |\.$", cast("str", operation["description"]))[0]


def _scopes(operation: dict[str, Any]) -> str:
    return " · ".join(f"`{scope}`" for scope in sorted(_scopes_of(operation))) or "none"


def _scopes_of(operation: dict[str, Any]) -> set[str]:
    security = cast("list[dict[str, list[str]]]", operation["security"])
    return {scope for one in security for scopes in one.values() for scope in scopes}


def _unused_scopes() -> str:
    # Members of a body, no end points: marking under Order 11, and naming persons in an export.
    used = {
        MARKING,
        "exports:identified",
        *(scope for one in operations().values() for scope in _scopes_of(one)),
    }
    unused = [f"`{scope}`" for scope in SCOPES if scope not in used]
    return f"Scopes that open nothing yet: {', '.join(unused)}.\n" if unused else ""


def _statuses(operation: dict[str, Any]) -> str:
    return " ".join(s for s in sorted(operation["responses"]) if s >= "4" and s != "500")


def _problems() -> str:
    return table(
        ("type", "status", "code", "title", "表題", "retry"),
        (
            (
                f"`{kind.type}`",
                kind.status,
                " ".join(f"`{code}`" for code in codes),
                kind.title.en,
                kind.title.ja,
                "yes" if kind.retryable else "no",
            )
            for kind in sorted(KINDS.values(), key=lambda kind: (kind.status, kind.suffix))
            if (codes := _codes(kind))
        ),
    )


def _reserved() -> str:
    names = [f"`{kind.suffix}`" for kind in KINDS.values() if not _codes(kind)]
    return f"Reserved for endpoints that do not exist yet: {', '.join(names)}.\n"


def _codes(kind: ProblemKind) -> list[str]:
    """The codes with which the kind is answered; none when nothing answers it yet."""
    named = {kind.code, *kind.finer_codes}
    found = named & {error.code for error in _errors(LedgerError)}
    if kind.suffix in _BY_THE_FRAMEWORK:
        found.add(kind.code)
    return sorted(found)


def _errors(base: type[LedgerError]) -> Iterator[type[LedgerError]]:
    for one in base.__subclasses__():
        yield one
        yield from _errors(one)


def _limits() -> str:
    settings = Settings()
    transfer = SCHEMAS["Transfer"]["properties"]
    principal = transfer["principals"]["items"]["properties"]
    asked = document()["components"]["schemas"]["HistoryQuery"]["properties"]
    rows: list[tuple[str, str, str]] = [
        (
            "items a request",
            f"{settings.items_per_request_max:,}",
            "`LEDGER_ITEMS_PER_REQUEST_MAX`",
        ),
        ("bytes a body", f"{settings.body_bytes_max:,}", "`LEDGER_BODY_BYTES_MAX`"),
        (
            "malformed values that are looked at, a body",
            f"{BATCH_VALUES_MAX:,}",
            "`api/web/items.py`",
        ),
        ("defects that are named, a body", f"{BATCH_DEFECTS_MAX:,}", "`api/web/items.py`"),
        (
            "sealed bytes of a page of a history",
            f"{PAGE_BYTES_MAX:,}",
            "`projections/histories.py`",
        ),
        ("lines of a bulk transfer", f"{LINES_MAX:,}", "`ledger/transfers/bulk/upload.py`"),
        ("parts of it", f"{PARTS_MAX:,}", "`ledger/transfers/bulk/upload.py`"),
        (
            "bytes of a part, before compression",
            f"{settings.bulk_part_bytes_max:,}",
            "`LEDGER_BULK_PART_BYTES_MAX`",
        ),
        (
            "times what came that a part may unpack to",
            f"{RATIO_MAX}",
            "`api/resources/bulk/parts/decompression.py`",
        ),
        ("bytes of a line of a part", f"{LINE_BYTES_MAX:,}", "`api/resources/bulk/parts/lines.py`"),
        (
            "bulk transfers of a sender that take parts",
            f"{settings.bulk_uploads_max}",
            "`LEDGER_BULK_UPLOADS_MAX`",
        ),
        ("bytes of `source`", f"{SOURCE_BYTES_MAX}", "`api/web/items.py`"),
        ("bytes of an item's `id`", f"{ID_BYTES_MAX}", "`api/web/items.py`"),
        ("persons a transfer", f"{transfer['principals']['maxItems']:,}", _SCHEMA),
        ("characters of an identifier", f"{principal['id']['maxLength']}", _SCHEMA),
        (
            (
                "characters of the texts of a transfer but those of `principals` and"
                f" `derived_from`; a line end counts as {LINE_END}"
            ),
            f"{CHARACTERS_MAX:,}",
            "`ledger/policies/wellformedness.py`",
        ),
        (
            "characters of a principal's `name`, of an element of `derived_from`",
            f"{TEXT_MAX:,}",
            "`ledger/policies/wellformedness.py`",
        ),
        ("bytes of a header, of a sealed part", f"{HEADER_BYTES_MAX:,} · 4 MiB", _FORMAT),
        ("identifiers linked to one person", f"{CLUSTER_MAX}", "`ledger/streams/streams.py`"),
        (
            "identifiers in one question",
            f"{asked['identifiers']['maxItems']}",
            "`api/resources/histories/endpoints.py`",
        ),
        (
            "transfers a page of a history",
            f"{asked['limit']['maximum']:g}",
            "`api/resources/histories/endpoints.py`",
        ),
        ("seconds a reader waits", f"{settings.projection_wait_s:g}", "`LEDGER_PROJECTION_WAIT_S`"),
        (
            "characters of an `Idempotency-Key`",
            f"{KEY_CHARACTERS_MAX}",
            "`api/web/idempotency.py`",
        ),
        ("days that it is remembered", f"{DRAFT_DAYS}", "`ledger/lifetimes.py`"),
        ("seconds in `Retry-After`", f"{SECONDS_TO_RETRY}", "`api/problems/kind.py`"),
    ]
    return table(("limit", "value", "source"), rows)


_SCHEMA = "`api/schema/transfer.schema.json`"
_FORMAT = "[event format](event-format.md), sections 1, 2"
