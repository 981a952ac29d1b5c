"""Letters of a case that are printed beside its reply: that it arrived, that the search is long."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.resources.cases.dispatch import handout
from api.resources.cases.pages.case_documents import handed_out
from api.web.pages.guard import Visit, signed
from api.web.pages.renderer import page
from api.web.pages.route import EvenPageRoute
from ledger.errors import NotFoundError

router = APIRouter(prefix="/desk/cases/{case}", route_class=EvenPageRoute)


@router.get("/letters/{kind}.pdf")
async def get_letter(
    case: UUID,
    kind: Literal["receipt", "interim"],
    visit: Annotated[Visit, Depends(signed("cases:write"))],
) -> Response:
    """One of them, to be printed. That it was fetched is on record."""
    make = handout.letter(visit.services.replies, kind)
    return await handed_out(visit, case, f"{kind}.pdf", make)


_WIDE: Final = 3
_NARROW: Final = 1
QUIET: Final = 10
"""Narrow elements left blank on each side."""
_PATTERNS: Final = {
    "0": "nnnwwnwnn",
    "1": "wnnwnnnnw",
    "2": "nnwwnnnnw",
    "3": "wnwwnnnnn",
    "4": "nnnwwnnnw",
    "5": "wnnwwnnnn",
    "6": "nnwwwnnnn",
    "7": "nnnwnnwnw",
    "8": "wnnwnnwnn",
    "9": "nnwwnnwnn",
    "-": "nwnnnnwnw",
    "*": "nwnnwnwnn",
}
"""Character → its elements, wide or narrow: those of the number of a case."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """Lengths are in narrow elements. `bars`: where each begins, and how wide it is."""

    width: int
    bars: tuple[tuple[int, int], ...]


def code_39(text: str) -> Barcode:
    """The barcode of digits and hyphens.

    Raises:
        KeyError: another character.
    """
    bars: list[tuple[int, int]] = []
    at = QUIET
    for character in f"*{text}*":
        for n, element in enumerate(_PATTERNS[character]):
            width = _WIDE if element == "w" else _NARROW
            if n % 2 == 0:
                bars.append((at, width))
            at += width
        at += _NARROW
    return Barcode(at - _NARROW + QUIET, tuple(bars))


@router.get("/label")
async def get_label(case: UUID, visit: Annotated[Visit, Depends(signed("cases:read"))]) -> Response:
    """The number and the day of arrival. It names nobody, so it is no look at the case."""
    state = await visit.run(lambda ledger, _: ledger.case(case))
    if state is None:
        raise NotFoundError
    return page(visit.request, "cases/label.html", state=state, barcode=code_39(state.number))
