"""Shows checkpoints to a witness, with the proof that it follows from what that one saw last.

Source: C2SP tlog-witness, `add-checkpoint`; C2SP tlog-cosignature.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from ledger.crypto.notes import Signature, SignedNote, read_signature
from ledger.crypto.policy import Witness
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiled_tree import TiledTree
from projections.log.folder import TileFolder

PATH: Final = "/add-checkpoint"
"""Below the witness's submission prefix."""
ANSWER_BYTES_MAX: Final = 64 << 10
AHEAD_S_MAX: Final = 3_600
"""Seconds by which the time of a cosignature may be ahead of ours."""
_LINES_MAX: Final = 16
_TRIES: Final = 3
"""The size that was known, the one that the witness says, and once more if another asked there."""
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")

Ask = Callable[[bytes], tuple[int, bytes]]
"""Posts a body to the witness; status and body of the answer.

Raises:
    WitnessSilentError: it does not answer in time, or with more than `ANSWER_BYTES_MAX`.
"""


class WitnessSilentError(Exception):
    """A witness does not answer now; it is asked again later."""


class WitnessRefusedError(Exception):
    """A witness answers, and does not cosign; a person must look. The message says what to do."""


@dataclass(slots=True)
class WitnessRequest:
    """One witness, and the folder of the log that it is asked about.

    Attributes:
        now: the moment, in POSIX seconds.
        size: of the tree that it cosigned last, as far as is known here.
    """

    witness: Witness
    folder: TileFolder
    ask: Ask
    now: Callable[[], float]
    size: int = 0

    def cosigned(self, note: SignedNote, checkpoint: Checkpoint) -> Signature:
        """The witness's cosignature under `note`, verified.

        Args:
            checkpoint: what `note` says.

        Raises:
            WitnessSilentError: it does not answer now.
            WitnessRefusedError: it answers otherwise.
            MissingTileError, CorruptRecordError, OSError: the folder is damaged.
        """
        tree = TiledTree(checkpoint.size, self.folder.read)
        for _ in range(_TRIES):
            old_size = min(self.size, checkpoint.size)
            proof = tree.consistency(old_size) if 0 < old_size < checkpoint.size else []
            status, body = self.ask(request(old_size, proof, note))
            match status:
                case HTTPStatus.OK:
                    found = self._read(note, body)
                    self.size = checkpoint.size
                    return found
                case HTTPStatus.CONFLICT:
                    self.size = _parse_size(body, old_size, checkpoint.size)
                case _:
                    raise _refusal(status)
        raise WitnessSilentError("it names another size each time: somebody else asks it too")

    def _read(self, note: SignedNote, body: bytes) -> Signature:
        key = self.witness.key
        try:
            lines = body.decode().removesuffix("\n").split("\n")
            if len(lines) > _LINES_MAX:
                raise WitnessRefusedError("it answers with more lines than are read")
            for one in map(read_signature, lines):
                if (one.name, one.key_id) == (key.name, key.id):
                    if not key.verifies(note.text, one.value):
                        raise WitnessRefusedError("its cosignature is wrong")
                    if one.seconds > self.now() + AHEAD_S_MAX:
                        raise WitnessRefusedError("its clock, or this one, is wrong")
                    return one
        except (CorruptRecordError, UnicodeDecodeError):
            raise WitnessRefusedError("it answers with something else than signatures") from None
        raise WitnessRefusedError("it cosigns with another key than the policy says")


def request(size: int, proof: Sequence[bytes], note: SignedNote) -> bytes:
    """The body of `add-checkpoint`."""
    lines = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {size}\n{lines}\n{note.full_text}".encode()


def _parse_size(body: bytes, old_size: int, size: int) -> int:
    """The size that the witness names."""
    found = _SIZE.fullmatch(body)
    if found is None:
        raise WitnessRefusedError("it answers 409 without a size")
    witness_size = int(found[1])
    if witness_size > size:
        raise WitnessRefusedError(
            f"it has seen {witness_size} events and the log has {size}: this log is behind one"
            " that was shown to it. See docs/how-to/sign-the-log.md"
        )
    if witness_size == old_size:
        raise WitnessRefusedError(
            f"it has seen another history of {witness_size} events. See docs/how-to/sign-the-log.md"
        )
    return witness_size


def _refusal(status: int) -> Exception:
    match status:
        case HTTPStatus.FORBIDDEN:
            return WitnessRefusedError("it does not know the key of this log: give it to them")
        case HTTPStatus.NOT_FOUND:
            return WitnessRefusedError(
                "it does not know this log, or its address is another one: see the policy"
            )
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            return WitnessRefusedError(
                "the log does not follow from what it has seen: another history was shown to it."
                " See docs/how-to/sign-the-log.md"
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            return WitnessSilentError(f"it answers with status {status}")
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return WitnessSilentError(f"it answers with status {status}")
        case _:
            return WitnessRefusedError(f"it answers with status {status}")
