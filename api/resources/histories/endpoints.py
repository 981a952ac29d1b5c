"""Histories out: one person's records, as of a position, under a case."""

from typing import Annotated, cast

from fastapi import APIRouter, Body, Depends
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth import Caller, requires
from api.contract import is_visible
from api.problems.documentation import problems
from api.problems.refusals import SubjectRequiredError
from api.resources.histories.service import build_access, page_of
from api.resources.transfers.schemas import render_entry
from api.web.answers import JsonResponse
from api.web.bodies import (
    POSITION_MAX,
    EvenStrictRoute,
    Identifier,
    Model,
    Position,
    WithoutMyNumber,
    Written,
    refs,
)
from api.web.cursors import CHARACTERS
from api.web.examples import HISTORY_EXAMPLE, REQUEST
from api.web.items import MARKING
from api.web.openapi import example
from api.web.schemas import HISTORY, answer
from api.web.services import ServicesDep
from ledger.streams.history import HEADINGS
from ledger.values import Json
from projections.histories import HistoryPage

router = APIRouter(prefix="/v1/histories", tags=["histories"], route_class=EvenStrictRoute)

Officer = Annotated[Caller, Depends(requires("records:read"))]

PAGE_DEFAULT = 100
PAGE_MAX = 500
# The plural of each heading, as the answer names its lists.
LISTS = {
    "provision": "provisions",
    "receipt": "receipts",
    "referable": "referable_provisions",
    "joint_use": "joint_uses",
    "voluntary": "voluntary_entries",
    "retracted": "retracted_entries",
}
assert set(LISTS) == set(HEADINGS), "every heading has a list"


class HistoryQuery(Model):
    """Whose history, under which case.

    `identifiers` name one person; whatever is linked to them is found. `after` is a position that
    the answer must have seen, `as_of` the position of the answer. Without either the answer is as
    of now. `cursor` comes from the page before and goes on with the same question as of the same
    position: the identifiers are those of that page, in their order, and `as_of` is its or absent.
    `case` and `reason` say under what and why, and name nobody: auditors read them.
    """

    identifiers: Annotated[list[Identifier], Field(max_length=50)] = Field(default_factory=list)
    case: Annotated[str, Field(max_length=200, examples=["C-2026-0031"]), WithoutMyNumber] = ""
    after: Annotated[int, Field(ge=0, le=POSITION_MAX)] | None = None
    as_of: Position | None = None
    reason: Annotated[Written, Field(examples=["開示請求の調査"])]
    cursor: Annotated[str, Field(min_length=CHARACTERS, max_length=CHARACTERS)] | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT


@router.post(
    "",
    summary="One person's history",
    responses={
        **answer(HISTORY, "A page of the history", HISTORY_EXAMPLE),
        **problems(400, 401, 403, 413, 415, 422, 503),
    },
)
async def post_histories(
    body: Annotated[
        HistoryQuery, Body(openapi_examples={"person": example("One person, for a case", REQUEST)})
    ],
    caller: Officer,
    services: ServicesDep,
) -> Response:
    """Provision and receipt records with their statutory items, and the rest under its headings.

    Each call is itself put on record: who, whom, under which case and why. A search is a POST so
    that no identifier stands in a URL.
    """
    if not body.identifiers:
        raise SubjectRequiredError("identifiers")
    if not is_visible(body.case):
        raise SubjectRequiredError("case")
    who = refs(body.identifiers)

    def read() -> tuple[HistoryPage, str | None]:
        return page_of(
            services,
            who,
            body.limit,
            after=body.after or 0,
            as_of=body.as_of,
            cursor=body.cursor,
        )

    page, cursor = await run_in_threadpool(read)
    command = build_access(caller.actor, body.case, body.reason, who, page)
    viewed = await services.run(lambda ledger, at: ledger.view(command, at))
    return JsonResponse(
        {
            **_render_history(page, cursor, includes_hidden=caller.may(MARKING)),
            "viewed_at_position": viewed.position,
        }
    )


def _render_history(
    page: HistoryPage, cursor: str | None, *, includes_hidden: bool
) -> dict[str, Json]:
    lists: dict[str, list[Json]] = {name: [] for name in LISTS.values()}
    for entry in page.entries:
        lists[LISTS[entry.heading]].append(cast("Json", render_entry(entry)))
    shown: dict[str, Json] = {
        "as_of": page.as_of,
        "identifiers": [{"scheme": ref.scheme, "id": ref.id} for ref in page.person.refs],
        "names_since": cast("Json", list(page.names)),
        **cast("dict[str, Json]", lists),
        "cursor": cursor,
    }
    # Beside an export of before, how many are gone tells how many of them were hidden.
    return {**shown, "expired": cast("Json", page.expired)} if includes_hidden else shown
