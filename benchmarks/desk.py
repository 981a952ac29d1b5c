"""People at their browsers, who read a form from its page, fill it in and send it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from api.settings.environment import Role
from benchmarks.demo import Answer, Browser
from benchmarks.filling import Sheet, Typed, sheet

FOUND: Final = 200
_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Posted:
    """One thing that was sent.

    Attributes:
        path: of its route.
        button: which of those of its form; empty: it has one alone.
    """

    path: str
    who: Role
    answer: Answer
    button: str = ""


class OtherAnswerError(Exception):
    """What was sent was not answered as it is when it is done; its figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The people at their browsers."""

    people: Mapping[Role, Browser]

    def post(
        self, who: Role, page: str, action: str, typed: Typed, *, status: int = _SEE_OTHER
    ) -> Answer:
        """Open a page and send its form that goes to `action`."""
        opened = self.people[who].get(page)
        if opened.status != FOUND:
            raise OtherAnswerError(f"{page}: {opened.status}")
        return self.send(who, sheet(opened.body, action), typed, status)

    def send(self, who: Role, form: Sheet, typed: Typed, status: int = _SEE_OTHER) -> Answer:
        """Send a form that was read."""
        answer = form.sent(self.people[who], typed)
        if answer.status != status or answer.location.startswith("/sign-in"):
            raise OtherAnswerError(f"{form.action}: {answer.status}")
        return answer


def day(name: str, on: date) -> dict[str, str]:
    """The four fields of a day."""
    return {
        f"{name}_era": "ad",
        f"{name}_year": str(on.year),
        f"{name}_month": str(on.month),
        f"{name}_day": str(on.day),
    }
