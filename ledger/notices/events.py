"""Facts about joint-use notices and opt-out filings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.policies.notice_changes import NOTHING_STATED, ChangeStatement, JudgedChange
from ledger.values import Json


@dataclass(frozen=True, slots=True)
class NoticePublished:
    """A version of a joint-use notice, an opt-out filing, or an amendment without a version.

    Attributes:
        notice: the notice's members without `versions`, as published.
        version: the version's members; None for a filing or an amendment.
        number: 1, 2, 3 … in the notice's stream.
        stated: what the publisher stated of the changes that the version makes.
        changes: those changes as they were judged when it was published (Art. 27(6)); none of a
            first version, and none of what was published before they were judged.
    """

    TYPE: ClassVar[str] = "notice-published"
    notice_id: str
    kind: str
    notice: Mapping[str, Json]
    version: Mapping[str, Json] | None
    number: int
    in_force_from: date
    published_on: date
    stated: ChangeStatement = NOTHING_STATED
    changes: tuple[JudgedChange, ...] = ()

    @property
    def findings(self) -> tuple[JudgedChange, ...]:
        """The changes that Art. 27(6) does not allow."""
        return tuple(one for one in self.changes if not one.is_lawful)


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """The notice is no longer relied on from `day` on, inclusive."""

    TYPE: ClassVar[str] = "notice-withdrawn"
    day: date
    reason: str


NoticeEvent = NoticePublished | NoticeWithdrawn
