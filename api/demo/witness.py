"""The demo's witness of the log: cosigns what follows from what it saw, and nothing else.

It shows what a witness does. It protects nobody from the demo's operator, who runs it and can read
its key: a real one is somebody else's (docs/how-to/be-a-witness.md).

Source: C2SP tlog-witness, `add-checkpoint`; C2SP tlog-cosignature (cosignature/v1).
"""

import re
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.demo.loopback import HOST, serving
from api.server.supervisor import listening_socket, url_of
from ledger.clock import now
from ledger.crypto.files import write_atomically
from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.crypto.seed_signer import SeedSigner
from ledger.errors import CorruptRecordError
from ledger.merkle import EMPTY_ROOT, verify_consistency
from ledger.merkle.checkpoint import PATH_MAX, Checkpoint, hash_of

PATH: Final = "/add-checkpoint"
"""Below the witness's address."""
_SIZE_TYPE: Final = "text/x.tlog.size"
_OLD: Final = re.compile("old (0|[1-9][0-9]{0,18})", re.ASCII)


class CheckpointRefusedError(Exception):
    """A checkpoint is not cosigned.

    Attributes:
        status: of the HTTP answer, as the protocol has it.
        size: of the tree that was cosigned last, where that is the answer.
    """

    def __init__(self, status: HTTPStatus, size: int | None = None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.size = size


@dataclass(frozen=True, slots=True)
class DemoWitness:
    """A witness of one log. Thread-safe; one process has its folder.

    Attributes:
        signer: its key, and its name.
        log: the key of the log that it knows.
        folder: where the checkpoint lies that it cosigned last.
    """

    signer: SeedSigner
    log: Verifier
    folder: Path
    clock: Callable[[], datetime] = now
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def key(self) -> Verifier:
        """The key by which anybody verifies its cosignatures."""
        own = self.signer.verifier
        return Verifier(own.name, own.public, KeyType.COSIGNATURE)

    def cosign(self, body: bytes) -> Signature:
        """Its cosignature under the checkpoint of a request, which it remembers from now on.

        Args:
            body: of `add-checkpoint`.

        Raises:
            CheckpointRefusedError: see there.
            CorruptRecordError: the file of what it cosigned last is damaged.
            OSError: that file cannot be read or written.
        """
        old, proof, note = _parse(body)
        new = self._read(note)
        if old > new.size:
            raise CheckpointRefusedError(HTTPStatus.BAD_REQUEST)
        with self._lock:
            last = self._last()
            if old != last.size:
                raise CheckpointRefusedError(HTTPStatus.CONFLICT, last.size)
            if not _follows(last, new, proof):
                raise CheckpointRefusedError(HTTPStatus.UNPROCESSABLE_ENTITY)
            # Before it answers: what it signed once it must never forget.
            write_atomically(self._file, note.full_text.encode())
        seconds = int(self.clock().timestamp())
        made = self.signer.sign(f"cosignature/v1\ntime {seconds}\n{note.text}".encode())
        return Signature(self.key.name, self.key.id, seconds.to_bytes(8) + made)

    @contextmanager
    def running(self) -> Generator[str]:
        """Its address on loopback, while the context is open."""
        app = Starlette(routes=[Route(PATH, self._answer, methods=["POST"])])
        with listening_socket(HOST, 0) as listening, serving(app, listening, "witness"):
            yield url_of(listening)

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        try:
            made = await run_in_threadpool(self.cosign, body)
        except CheckpointRefusedError as error:
            if error.size is None:
                return Response(status_code=error.status)
            return Response(f"{error.size}\n", error.status, {"Content-Type": _SIZE_TYPE})
        return Response(f"{made.line}\n", media_type="text/plain")

    @property
    def _file(self) -> Path:
        return self.folder / "cosigned"

    def _read(self, note: SignedNote) -> Checkpoint:
        try:
            new = Checkpoint.read(note.text)
        except CorruptRecordError:
            raise CheckpointRefusedError(HTTPStatus.BAD_REQUEST) from None
        if new.origin != self.log.name:
            raise CheckpointRefusedError(HTTPStatus.NOT_FOUND)
        try:
            note.verified([self.log])
        except CorruptRecordError:
            raise CheckpointRefusedError(HTTPStatus.FORBIDDEN) from None
        return new

    def _last(self) -> Checkpoint:
        try:
            content = self._file.read_text("utf-8")
        except FileNotFoundError:
            return Checkpoint(self.log.name, 0, EMPTY_ROOT)
        return Checkpoint.read(SignedNote.read(content).text)


def _parse(body: bytes) -> tuple[int, list[bytes], SignedNote]:
    """The size that the caller knows of, the proof from there, and the checkpoint."""
    try:
        head, _, content = body.decode().partition("\n\n")
        first, *lines = head.split("\n")
        found = _OLD.fullmatch(first)
        if found is None or len(lines) > PATH_MAX:
            raise CheckpointRefusedError(HTTPStatus.BAD_REQUEST)
        return int(found[1]), [hash_of(line) for line in lines], SignedNote.read(content)
    except (CorruptRecordError, UnicodeDecodeError):
        raise CheckpointRefusedError(HTTPStatus.BAD_REQUEST) from None


def _follows(last: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `last` begins that of `new`."""
    if last.size == 0:
        # Every tree begins with the empty one; no proof says so.
        return not proof and (new.size > 0 or new.root == EMPTY_ROOT)
    return verify_consistency(last.size, new.size, proof, last.root, new.root)
