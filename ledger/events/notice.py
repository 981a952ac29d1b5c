"""Facts about joint-use notices and opt-out filings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.values import Json


@dataclass(frozen=True, slots=True)
class NoticePublished:
    """A version of a joint-use notice, an opt-out filing, or an amendment without a version.

    Attributes:
        notice: the notice's members without `versions`, as published.
        version: the version's members; None for a filing or an amendment.
        number: 1, 2, 3 … in the notice's stream.
    """

    TYPE: ClassVar[str] = "notice-published"
    notice_id: str
    kind: str
    notice: Mapping[str, Json]
    version: Mapping[str, Json] | None
    number: int
    in_force_from: date
    published_on: date


@dataclass(frozen=True, slots=True)
class NoticeWithdrawn:
    """The notice is no longer relied on from `day` on, inclusive."""

    TYPE: ClassVar[str] = "notice-withdrawn"
    day: date
    reason: str


NoticeEvent = NoticePublished | NoticeWithdrawn
