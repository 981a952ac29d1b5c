"""The shape of the year: what happens on which day, and the requests that it becomes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.values import Json

MEMBERS: Final = "https://members.demo.example.jp/export"
SHOP: Final = "https://shop.demo.example.jp/orders"
APP: Final = "https://app.demo.example.jp/telemetry"
PLATFORMS: Final = (MEMBERS, SHOP, APP)
"""The sources: each platform has a key of its own, bound to its source."""

NAMES: Final = {MEMBERS: "会員基盤", SHOP: "通販システム", APP: "アプリ計測基盤"}
"""What officers call them."""

BATCH_MAX: Final = 250
"""Items a request: what a platform's nightly run would send, far below the limit of 1,000."""


@dataclass(frozen=True, slots=True)
class PlannedTransfer:
    """A transfer on a day.

    Attributes:
        label: by which a later act of an officer refers to it.
    """

    day: date
    source: str
    data: dict[str, Json]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What somebody of the desk does on a day.

    Attributes:
        path: the end point.
        label: of a transfer; `{transfer}` stands for it, in `path` and in texts of `body`.
        who: whose key; a name of `Keys.desk`.
    """

    day: date
    path: str
    body: dict[str, Json]
    label: str | None = None
    who: str = "officer"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a disclosure case on a day.

    Attributes:
        case: by which its steps refer to it.
        who: whose key; a name of `Keys.desk`.
        endpoint: below the case's address; empty: the request is taken in.
        label: as of `DeskRequest`, in texts of `body`.
        refused: the code with which the ledger refuses the step; None: it does not.
        other: another case; `{case}` stands for its id in texts of `body`.
    """

    day: date
    case: str
    who: str
    endpoint: str
    body: dict[str, Json]
    label: str | None = None
    refused: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One request of a platform.

    Attributes:
        day: of the last transfer in it, on which it is sent.
        labels: (number of the item, label) of what is referred to later.
    """

    day: date
    source: str
    items: tuple[dict[str, Json], ...]
    labels: tuple[tuple[int, str], ...] = ()

    @property
    def month(self) -> str:
        """The month of the day, `2026-11`."""
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class DailyDeclarations:
    """On a day each platform says that it sent everything of the days before, from `first` on."""

    day: date
    first: date


Planned = Send | DeskRequest | PlannedStep | DailyDeclarations
"""One request, or one step, of the plan."""


@dataclass(slots=True)
class _Sending:
    """Requests that are being filled, one a platform, and how many items each platform sent."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    waiting: dict[str, list[PlannedTransfer]] = field(
        default_factory=dict[str, list[PlannedTransfer]]
    )

    def flush(self) -> Iterable[Send]:
        """The requests for what waits."""
        for source in PLATFORMS:
            transfers = self.waiting.pop(source, [])
            for begin in range(0, len(transfers), BATCH_MAX):
                yield self._request(source, transfers[begin : begin + BATCH_MAX])

    def _request(self, source: str, transfers: Sequence[PlannedTransfer]) -> Send:
        first = self.counts.get(source, 0) + 1
        self.counts[source] = first + len(transfers) - 1
        return Send(
            transfers[-1].day,
            source,
            tuple(
                {"source": source, "id": f"{one.day}/{n:05}", "data": one.data}
                for n, one in enumerate(transfers, first)
            ),
            tuple((n, one.label) for n, one in enumerate(transfers) if one.label is not None),
        )


def requests(
    year: Iterable[PlannedTransfer | DeskRequest | PlannedStep | DailyDeclarations],
) -> Iterable[Planned]:
    """The requests for `year`, in the order of its days: a platform sends once a month."""
    sending = _Sending()
    month = ""
    for one in sorted(year, key=lambda one: one.day):
        # An act of the desk comes after what was handed over before it, and before what came after.
        # A step of a case needs no more than what was declared before its search.
        if f"{one.day:%Y-%m}" != month or isinstance(one, DeskRequest | DailyDeclarations):
            yield from sending.flush()
            month = f"{one.day:%Y-%m}"
        if isinstance(one, PlannedTransfer):
            sending.waiting.setdefault(one.source, []).append(one)
        else:
            yield one
    yield from sending.flush()
