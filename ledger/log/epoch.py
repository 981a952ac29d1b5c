"""Epochs of the log, as the ledger itself records them. One stream for all of them.

Source: `docs/reference/log-format.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from ledger.errors import Defect, MalformedError, PositionBeyondHeadError
from ledger.format.events import ExpiredEvent, Fact, LogEpochStarted
from ledger.policies.my_number import my_number_defects

EMPTY: Final = "EMPTY"
NOT_STORABLE: Final = "NOT_STORABLE"
TEXT_MAX: Final = 2_000
"""Characters of a reason or a name."""


class LogEpochChangedError(PositionBeyondHeadError):
    """A position beyond the head of a ledger that was restored behind its log: it may be lost.

    Attributes:
        epoch: the number of the log's newest epoch.
        parted_after: the last position that both histories have; None: nobody knows.
    """

    code = "LOG_EPOCH_CHANGED"

    def __init__(self, position: int, head: int, epoch: int, parted_after: int | None) -> None:
        super().__init__(position, head)
        self.epoch = epoch
        self.parted_after = parted_after


@dataclass(frozen=True, slots=True)
class StartLogEpoch:
    """Let the log go on under another name.

    Attributes:
        epoch: the number of the one that begins.
        origin, size, root, note, parted_after: of the one that ended, as `LogEpochStarted`.
        reason, by: why and who, as typed.
    """

    command: UUID
    actor: str
    epoch: int
    origin: str
    size: int
    root: bytes
    note: bytes
    parted_after: int | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class StartedEpoch:
    """An epoch that began; what is said of it in clear, so it outlives the key of its reason.

    Attributes:
        position: of its event.
        note: SHA-256 of the checkpoint that ended.
        parted_after: as `LogEpochStarted`.
    """

    position: int
    epoch: int
    note: bytes
    parted_after: int | None


@dataclass(frozen=True, slots=True)
class State:
    """The epochs after the first one, rising.

    Attributes:
        version: of the stream.
    """

    started: tuple[StartedEpoch, ...] = ()
    version: int = 0


def evolve(state: State, fact: Fact[LogEpochStarted | ExpiredEvent]) -> State:
    """The state after `fact`."""
    facts = fact.facts
    one = StartedEpoch(
        fact.position,
        cast("int", facts["epoch"]),
        bytes.fromhex(cast("str", facts["note"])),
        cast("int | None", facts.get("parted_after")),
    )
    return State((*state.started, one), fact.version)


def fold(facts: Iterable[Fact[LogEpochStarted | ExpiredEvent]]) -> State:
    """The state of `facts`."""
    state = State()
    for fact in facts:
        state = evolve(state, fact)
    return state


def start(command: StartLogEpoch, state: State) -> LogEpochStarted | StartedEpoch:
    """The event that starts the epoch, or the one that stands already for the same checkpoint.

    Whoever was cut off between the event and the first checkpoint of the epoch starts it again.

    Raises:
        MalformedError: `EMPTY`, `NOT_STORABLE`, `MY_NUMBER_SHOWN`, at `/reason` and `/by`.
    """
    typed = {"reason": command.reason, "by": command.by}
    defects = [
        Defect(f"/{name}", code, detail)
        for name, text in typed.items()
        for code, detail in _defects(text)
    ]
    if defects := (*defects, *my_number_defects(typed)):
        raise MalformedError(tuple(defects))
    if state.started and state.started[-1].note == command.note:
        return state.started[-1]
    return LogEpochStarted(
        command.epoch,
        command.origin,
        command.size,
        command.root,
        command.note,
        command.parted_after,
        command.reason,
        command.by,
    )


def _defects(text: str) -> Iterable[tuple[str, str]]:
    if not text.strip():
        yield EMPTY, "say why, and who"
    elif len(text) > TEXT_MAX or not text.isprintable():
        yield NOT_STORABLE, f"one line of at most {TEXT_MAX} characters"
