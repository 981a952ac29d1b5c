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
class Happened:
    """A transfer on a day.

    Attributes:
        label: by which a later act of an officer refers to it.
    """

    day: date
    source: str
    data: dict[str, Json]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer does on a day.

    Attributes:
        path: the end point; `{transfer}` stands for the transfer of `label`.
    """

    day: date
    path: str
    body: dict[str, Json]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One request of a platform.

    Attributes:
        labels: (number of the item, label) of what is referred to later.
    """

    month: str
    source: str
    items: tuple[dict[str, Json], ...]
    labels: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class _Sending:
    """Requests that are being filled, one a platform, and how many items each platform sent."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    waiting: dict[str, list[Happened]] = field(default_factory=dict[str, list[Happened]])

    def flush(self, month: str) -> Iterable[Send]:
        """The requests for what waits."""
        for source in PLATFORMS:
            happened = self.waiting.pop(source, [])
            for begin in range(0, len(happened), BATCH_MAX):
                yield self._request(month, source, happened[begin : begin + BATCH_MAX])

    def _request(self, month: str, source: str, happened: Sequence[Happened]) -> Send:
        first = self.counts.get(source, 0) + 1
        self.counts[source] = first + len(happened) - 1
        return Send(
            month,
            source,
            tuple(
                {"source": source, "id": f"{one.day}/{n:05}", "data": one.data}
                for n, one in enumerate(happened, first)
            ),
            tuple((n, one.label) for n, one in enumerate(happened) if one.label is not None),
        )


def requests(year: Iterable[Happened | Asked]) -> Iterable[Send | Asked]:
    """The requests for `year`, in the order of its days: a platform sends once a month."""
    sending = _Sending()
    month = ""
    for one in sorted(year, key=lambda one: one.day):
        # An officer's act comes after what was handed over before it, and before what came after.
        if f"{one.day:%Y-%m}" != month or isinstance(one, Asked):
            yield from sending.flush(month)
            month = f"{one.day:%Y-%m}"
        if isinstance(one, Asked):
            yield one
        else:
            sending.waiting.setdefault(one.source, []).append(one)
    yield from sending.flush(month)
