"""How far those are who do something for the log, in words for an operator."""

from collections.abc import Iterator
from datetime import UTC, datetime

from api.signed_log import SignedLog
from projections.log.cosignatures import CosignedCheckpoint
from projections.log.time_stamps import CheckpointStamps


def standings(signed: SignedLog, size: int) -> Iterator[str]:
    """A line for the quorum, one for each witness, one for time stamps; none where none is asked.

    Args:
        size: of the newest checkpoint.
    """
    if signed.stamped is not None:
        yield f"time stamps: {_stamped(signed.stamped, size)}"
    cosigned = signed.cosigned
    if cosigned is None:
        return
    if cosigned.policy.quorum is not None:
        yield f"enough witnesses: {_behind(cosigned.newest(), size)}"
    for witness in cosigned.policy.witnesses.values():
        asked = "" if witness.url is not None else " (not asked: it has no address)"
        yield f"witness {witness.shown}: {_behind(cosigned.by(witness), size)}{asked}"


def _behind(seen: CosignedCheckpoint | None, size: int) -> str:
    if seen is None:
        return f"none yet of {size} events"
    at = datetime.fromtimestamp(seen.seconds, UTC)
    return _told(seen.checkpoint.size, size, "cosigned", at)


def _stamped(stamped: CheckpointStamps, size: int) -> str:
    newest = stamped.newest()
    if newest is None:
        return f"none yet of {size} events"
    return _told(newest.checkpoint.size, size, "stamped", newest.at)


def _told(reached: int, size: int, done: str, at: datetime) -> str:
    backlog = f", {size - reached} behind" if size > reached else ""
    return f"{reached} events, {done} {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}{backlog}"
