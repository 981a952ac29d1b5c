"""A page of recorded accesses, for the API and for the officers' pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from api.resources.accesses.schemas import render_accesses
from api.web.services import Services
from ledger.accesses.acts import ActsPage
from ledger.accesses.service import AccessFilter, AccessPage
from ledger.service import Ledger
from ledger.values import Json

CASE_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ACTOR_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
"""What a case and an actor that are asked for look like: nothing that could be a name fits."""

LIST: Final = "accesses"

AnyPage = TypeVar("AnyPage", AccessPage, ActsPage)


@dataclass(frozen=True, slots=True)
class AccessListing:
    """A page of looks.

    Attributes:
        as_of: the last position that all pages together reach.
        cursor: of the next page; None at the end.
    """

    page: AccessPage
    as_of: int
    cursor: str | None

    def render(self, *, includes_hidden: bool) -> dict[str, Json]:
        """What is told of it; see `accesses_shown`."""
        return render_accesses(self.page, self.as_of, self.cursor, includes_hidden=includes_hidden)


async def list_accesses(
    services: Services,
    filters: AccessFilter,
    cursor: str | None,
    limit: int,
    pointer: str = "/query/cursor",
) -> AccessListing:
    """The next looks, in the order of their positions, as of the first page's head.

    Args:
        cursor: of the page before, with the same question; None: the first page.
        pointer: where the cursor stands in the request.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
    """
    question = [filters.first, filters.last, filters.case, filters.actor]
    if filters.what is not None:
        question.append(filters.what)

    def read(ledger: Ledger, after: int, up_to: int) -> AccessPage:
        return ledger.accesses(filters, after, up_to, limit)

    return AccessListing(*await paged(services, LIST, question, cursor, pointer, read))


async def paged(
    services: Services,
    name: str,
    question: Sequence[str | date | None],
    cursor: str | None,
    pointer: str,
    read: Callable[[Ledger, int, int], AnyPage],
) -> tuple[AnyPage, int, str | None]:
    """The next page of a list by position, the head of its first page, the cursor of the next page.

    Args:
        name: of the list; `question`: what selects its entries.
        read: gets the position after which the page begins, and the head.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
    """
    question_parts = [b"" if one is None else str(one).encode() for one in question]
    if cursor is None:
        up_to, after = await services.run(lambda ledger, _: ledger.streams.reads.head()), 0
    else:
        up_to, after = services.cursors.read(cursor, pointer, name, *question_parts)
    page = await services.run(lambda ledger, _: read(ledger, after, up_to))
    following = None
    if page.after is not None:
        following = services.cursors.make((up_to, page.after), name, *question_parts)
    return page, up_to, following
