"""What a page says of a command that the ledger refused, where it is shown again."""

from typing import Final

from api.problems.kinds import kind_of
from ledger.errors import LedgerError

_REFUSALS: Final = frozenset((403, 404, 409, 410, 422))


def told_of(error: LedgerError) -> tuple[int, str]:
    """The status and the words of a refusal.

    Raises:
        LedgerError: the error itself, when it is no refusal of this command.
    """
    kind, _ = kind_of(error)
    if kind.status not in _REFUSALS:
        raise error
    return kind.status, kind.detail.ja if "{" not in kind.detail.ja else kind.title.ja
