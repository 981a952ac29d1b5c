"""A page of the looks that are on record: the same for the door of the API and for the pages."""

from dataclasses import dataclass
from typing import Final

from api.resources.accesses.schemas import accesses_shown
from api.services import Services
from ledger.accesses.service import AccessFilter, AccessPage
from ledger.values import Json

CASE_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
ACTOR_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
"""What a case and an actor that are asked for look like: nothing that could be a name fits."""

LIST: Final = "accesses"


@dataclass(frozen=True, slots=True)
class ListedAccesses:
    """A page of looks.

    Attributes:
        as_of: the last position that all pages together reach.
        cursor: of the next page; None at the end.
    """

    page: AccessPage
    as_of: int
    cursor: str | None

    def shown(self, *, sees_all: bool) -> dict[str, Json]:
        """What is told of it; see `accesses_shown`."""
        return accesses_shown(self.page, self.as_of, self.cursor, sees_all=sees_all)


async def listed(
    services: Services,
    asked: AccessFilter,
    cursor: str | None,
    limit: int,
    pointer: str = "/query/cursor",
) -> ListedAccesses:
    """The next looks, in the order of their positions, as of the first page's head.

    Args:
        cursor: of the page before, with the same question; None: the first page.
        pointer: where the cursor stands in the request.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
    """
    question = _question(asked)
    if cursor is None:
        up_to, after = await services.run(lambda ledger, _: ledger.streams.reads.head()), 0
    else:
        up_to, after = services.cursors.read(cursor, pointer, LIST, *question)
    page = await services.run(lambda ledger, _: ledger.accesses(asked, after, up_to, limit))
    following = None
    if page.after is not None:
        following = services.cursors.made((up_to, page.after), LIST, *question)
    return ListedAccesses(page, up_to, following)


def _question(asked: AccessFilter) -> list[bytes]:
    days = [None if day is None else day.isoformat() for day in (asked.first, asked.last)]
    texts = [*days, asked.case, asked.actor]
    if asked.what is not None:
        texts.append(asked.what)
    return [(one or "").encode() for one in texts]
