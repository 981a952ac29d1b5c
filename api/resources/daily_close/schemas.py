"""What the end points of the daily close read and say."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Body, Path
from pydantic import Field

from api.web.bodies import POSITION_MAX, Day, Model
from api.web.openapi import example
from api.web.schemas import Schema, closed
from ledger.emitters.daily_close import IDS_MAX, NAMED_MAX, CloseDay, DailyClose, DayStatus
from ledger.emitters.emitter import State
from ledger.emitters.events import MissingTransfer
from ledger.emitters.id_set import EMPTY, TransferKey, hash_of
from ledger.values import Json

_ID: Final = "0196a5f0-6d0e-7c31-9f55-0d5f0e0b7a11"
_HASH: Final = "3a6f0c1be2bd0e44a9c7f2a44b3f6b6c1f6d1b0a3de3b8a75b0f4c1de0f7a1c5"
CLOSING: Final[dict[str, Json]] = {"count": 12_345, "hash": _HASH}
WITH_IDS: Final[dict[str, Json]] = {**CLOSING, "ids": [{"id": _ID}]}
NOTHING: Final[dict[str, Json]] = {"count": 0, "hash": hash_of(EMPTY)}
IDS_GIVEN: Final[dict[str, Json]] = {"ids": [{"id": _ID}]}
_NAMED: Final[list[Json]] = [
    {"source": "https://platform.example.jp/ad-export", "id": _ID, "found": "missing"}
]
CLOSED_EXAMPLE: Final[dict[str, Json]] = {
    "emitter": "ads",
    "day": "2026-11-23",
    "position": 2_112,
    "number": 1,
    "state": "gap",
    "matches": False,
    "as_of": 2_111,
    "count": 12_345,
    "hash": _HASH,
    "recorded": 12_344,
    "held": 12_344,
    "missing": 1,
    "quarantined": 0,
    "other_day": 0,
    "unnamed": 0,
    "named": _NAMED,
    "ids_wanted": False,
}
IDS_EXAMPLE: Final[dict[str, Json]] = {"as_of": 2_111, "given": 1, "named": _NAMED}

_STRING: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_COUNT_OR_NULL: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
_POSITION: Final[Schema] = {"type": "integer", "minimum": 0}
_NAMED_SCHEMA: Final[Schema] = {
    "type": "array",
    "items": closed(
        {
            "source": _STRING,
            "id": _STRING,
            "found": {"enum": ["missing", "quarantine", "other_day"]},
        }
    ),
    "description": "ids that are not recorded as transfers of that day, by source and id: not at "
    "all, waiting among the rejected items, or recorded as transfers of another day",
}
CLOSED: Final[Schema] = closed(
    {
        "emitter": _STRING,
        "day": {"type": "string", "format": "date"},
        "position": {**_POSITION, "description": "of the close that stands"},
        "number": {
            "type": "integer",
            "minimum": 1,
            "description": "1: the first close of the day; more: it corrects those before",
        },
        "state": {"enum": ["match", "gap", "differs", "surplus", "late"]},
        "matches": {"type": "boolean"},
        "as_of": {**_POSITION, "description": "up to where the ledger compared"},
        "count": _COUNT,
        "hash": _STRING,
        "recorded": {**_COUNT_OR_NULL, "description": "held at the close; null: not counted"},
        "held": {**_COUNT_OR_NULL, "description": "held by now; null: not counted"},
        "missing": _COUNT,
        "quarantined": _COUNT,
        "other_day": _COUNT,
        "unnamed": {
            **_COUNT_OR_NULL,
            "description": "held, and not said by the emitter; null: cannot be told yet",
        },
        "named": {**_NAMED_SCHEMA, "maxItems": NAMED_MAX},
        "ids_wanted": {
            "type": "boolean",
            "description": "something differs that the given ids do not explain: give more",
        },
    }
)
IDS: Final[Schema] = closed({"as_of": _POSITION, "given": _COUNT, "named": _NAMED_SCHEMA})


class TransferKeyBody(Model):
    """A transfer's key; without `source` it is that of the emitter itself."""

    source: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    id: Annotated[str, Field(min_length=1, max_length=512)]


GivenIds = Annotated[list[TransferKeyBody], Field(max_length=IDS_MAX)]


class DailyCloseBody(Model):
    """Which transfers a day had."""

    count: Annotated[int, Field(ge=0, le=POSITION_MAX - 1)]
    id_hash: Annotated[str, Field(alias="hash", pattern=r"^[0-9a-f]{64}$")]
    ids: GivenIds = Field(default_factory=list)

    def command(self, command: UUID, actor: str, emitter: State, day: date) -> CloseDay:
        """The command that the body asks for."""
        ids = keys_of(self.ids, emitter)
        return CloseDay(command, actor, emitter.id, day, self.count, self.id_hash, ids)


class MissingIdsQuery(Model):
    """Ids that may be missing."""

    ids: GivenIds


def keys_of(ids: Sequence[TransferKeyBody], emitter: State) -> tuple[TransferKey, ...]:
    """The keys as the domain knows them."""
    own = emitter.registration.source
    return tuple((own if one.source is None else one.source, one.id) for one in ids)


DayClosed = Annotated[Day, Path(description="in Japan, over", examples=["2026-11-23"])]
OfClosing = Annotated[
    DailyCloseBody,
    Body(
        openapi_examples={
            "close": example("The day had these transfers", CLOSING),
            "with ids": example("Those that may be missing are named", WITH_IDS),
            "nothing": example("Nothing was transferred on that day", NOTHING),
        }
    ),
]
OfIds = Annotated[
    MissingIdsQuery, Body(openapi_examples={"ids": example("Are these there?", IDS_GIVEN)})
]


def render_close(
    emitter: str, found: DailyClose, state: DayStatus, held: int | None
) -> dict[str, Json]:
    """The close that stands, for the emitter that made it."""
    event = found.event
    return {
        "emitter": emitter,
        "day": event.day.isoformat(),
        "position": found.position,
        "number": found.number,
        "state": state,
        "matches": event.matches,
        "as_of": event.as_of,
        "count": event.count,
        "hash": event.id_hash,
        "recorded": event.recorded,
        "held": held,
        "missing": event.missing,
        "quarantined": event.quarantined,
        "other_day": event.other_day,
        "unnamed": event.unnamed,
        "named": render_missing(event.named),
        "ids_wanted": found.is_open,
    }


def render_missing(named: Sequence[MissingTransfer]) -> list[Json]:
    """Ids that are not recorded for the day."""
    return [{"source": one.source, "id": one.id, "found": one.found} for one in named]
