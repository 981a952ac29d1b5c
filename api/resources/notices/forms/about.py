"""Which notice a form is about: a new one of either kind, or one that stands."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from ledger.errors import NotFoundError
from ledger.notices.notice import State
from ledger.service import Ledger

JOINT_USE: Final = "joint-use"
OPT_OUT: Final = "opt-out"
PATTERN: Final = f"^({JOINT_USE}|{OPT_OUT}|[1-9][0-9]{{0,15}})$"
"""What stands in an address: a new notice by its kind, one that stands by its position."""
_KINDS: Final = {JOINT_USE: "joint_use", OPT_OUT: "opt_out"}


@dataclass(frozen=True, slots=True)
class About:
    """Which notice.

    Attributes:
        code: as in the address.
        kind: of `ledger.notices.notice`.
        state: None: it is a new one.
    """

    code: str
    kind: str
    state: State | None

    @property
    def version(self) -> int:
        """Of the notice's stream; 0: there is none."""
        return 0 if self.state is None else self.state.version

    @property
    def notice_id(self) -> str:
        """Of the notice that stands; empty of a new one."""
        return "" if self.state is None else self.state.notice_id


def find_about(ledger: Ledger, code: str) -> About:
    """What the address is about.

    Raises:
        NotFoundError: no notice begins at that position.
    """
    if code in _KINDS:
        return About(code, _KINDS[code], None)
    state = state_at(ledger, int(code))
    return About(code, state.kind, state)


def state_at(ledger: Ledger, position: int) -> State:
    """The notice whose first publication stands at `position`.

    Raises:
        NotFoundError: there is none.
    """
    for state in ledger.notices():
        if state.published[0].position == position:
            return state
    raise NotFoundError


def subject(code: str) -> UUID:
    """What drafts about it are called by.

    Raises:
        ValueError: it is about nothing.
    """
    return UUID(int=0) if code in _KINDS else UUID(int=int(code))
