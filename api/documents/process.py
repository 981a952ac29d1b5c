"""Letters set in a process of their own, one at a time, so that nothing of it can hurt this one."""

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from api.documents.annexes import parts_of
from api.documents.errors import RenderingError, RenderingStoppedError, UnprintableTextError
from api.documents.glyphs import Substitutes
from api.documents.worker import JOBS_MAX, AnnexJob, Job, LetterJob, ReplyJob, Sheet, frame_of
from ledger.cases.letters.letter import Letter
from ledger.workers.process import WorkerProcess, receive, send

SECONDS_MAX = 120.0
"""How long one job may take, and how long one may wait for its turn: 10,000 rows take 11 s."""
HEAD_BYTES_MAX: Final = 16 * 1024 * 1024
DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024
"""What is taken of an answer: more than any letter has."""
DOCUMENTS_MAX: Final = 4
_FILES: Final = 2
"""Of a reply, beside its letters: JSON and CSV."""
_PROGRAM: Final = "from api.documents.worker import main; main()"


@dataclass(frozen=True, slots=True)
class SetReply:
    """A reply as it was set.

    Attributes:
        method: the letter on the change of the method.
        annexes: titles of the annexes, in their order.
        pages: of `pdf` with `further`, and of `method` where there is one.
        further: the documents that a long reply goes on in.
    """

    pdf: bytes = field(repr=False)
    json: bytes = field(repr=False)
    csv: bytes = field(repr=False)
    method: bytes | None = field(repr=False)
    annexes: tuple[str, ...]
    pages: tuple[int, ...]
    further: tuple[bytes, ...] = field(default=(), repr=False)


class Renderer:
    """Sets letters. Thread-safe; the process is started at the first letter.

    Every method raises:
        UnprintableError: as the documents do.
        RenderingStoppedError: the process ended, or took too long; nothing is known of why.

    Args:
        seconds_max: for one job, and for waiting until it is its turn.
    """

    def __init__(self, seconds_max: float = SECONDS_MAX) -> None:
        self._seconds_max = seconds_max
        self._lock = threading.Lock()
        self._child: WorkerProcess | None = None
        self._jobs = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the process that takes the next letter; None while there is none."""
        child = self._child
        return None if child is None else child.pid

    def reply(
        self,
        letter: Letter,
        method: Letter | None = None,
        substitutes: Substitutes = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> SetReply:
        """The reply with its files, and the letter on the change of the method.

        Args:
            meanwhile: is called once the other process is at work; it raises nothing.
        """
        job = ReplyJob(letter, method, substitutes)
        head, (pdf, text, csv, *extra) = self._done(job, meanwhile)
        annexes, pages = [*head["annexes"]], [*head["pages"]]
        further: list[bytes] = []
        # Each in a job of its own, which gives its memory back.
        for part in range(2, head["parts"] + 1):
            more, (content,) = self._done(AnnexJob(letter, part, substitutes))
            further.append(content)
            annexes += more["annexes"]
            pages[0] += more["pages"]
        method_pdf = extra[0] if extra else None
        return SetReply(pdf, text, csv, method_pdf, tuple(annexes), tuple(pages), tuple(further))

    def letter(self, letter: Letter, substitutes: Substitutes = ()) -> bytes:
        """One letter as PDF."""
        _, (pdf,) = self._done(LetterJob(letter, substitutes))
        return pdf

    def sheet(self, sheet: Sheet) -> bytes:
        """A sheet that goes with letters as PDF: an address, a label, what lies between two."""
        _, (pdf,) = self._done(sheet)
        return pdf

    def close(self) -> None:
        """End the process; a job that is being done fails."""
        self._closed = True
        self._kill()
        with self._lock:
            self._end()

    def _done(
        self, job: Job, meanwhile: Callable[[], None] | None = None
    ) -> tuple[dict[str, Any], list[bytes]]:
        if not self._lock.acquire(timeout=self._seconds_max):
            raise RenderingStoppedError
        try:
            head, documents = self._exchange(job, meanwhile)
        finally:
            self._lock.release()
        if "unprintable" in head:
            places = cast("dict[str, list[str]]", head["unprintable"])
            raise UnprintableTextError({place: tuple(found) for place, found in places.items()})
        if "template" in head:
            raise RenderingError(head["template"], head["diagnostic"])
        return head, documents

    def _exchange(
        self, job: Job, meanwhile: Callable[[], None] | None
    ) -> tuple[dict[str, Any], list[bytes]]:
        frame = frame_of(job)
        # The pipes end with the process, so a stuck one is met as one that died.
        watchdog = threading.Timer(self._seconds_max, self._kill)
        watchdog.start()
        try:
            child = self._ready(watchdog)
            send(child.asks, frame)
            if meanwhile is not None:
                meanwhile()
            head, documents = _answer_of(child)
            _check(job, head)
        except (OSError, EOFError, ValueError, MemoryError, RecursionError):
            self._end()
            raise RenderingStoppedError from None
        finally:
            watchdog.cancel()
        self._jobs += 1
        # Counted here, too: a process that a text took over would stay for all letters.
        if head["last"] or self._jobs >= JOBS_MAX:
            self._end()
            if not self._closed:
                # Ready when it is needed. What was set is there, whether this can be or not.
                with contextlib.suppress(OSError):
                    self._child = WorkerProcess(_PROGRAM)
        return head, documents

    def _ready(self, watchdog: threading.Timer) -> WorkerProcess:
        """A process that answers; one that died while nobody asked is replaced.

        Raises:
            EOFError, OSError: none does.
        """
        if self._child is not None:
            with contextlib.suppress(OSError, EOFError):
                return _greeted(self._child)
            self._end()
        if self._closed or watchdog.finished.is_set():
            raise EOFError
        self._child = WorkerProcess(_PROGRAM)
        return _greeted(self._child)

    def _kill(self) -> None:
        child = self._child
        if child is not None:
            child.kill()

    def _end(self) -> None:
        child, self._child, self._jobs = self._child, None, 0
        if child is not None:
            child.close()


def _greeted(child: WorkerProcess) -> WorkerProcess:
    """The process, once it has answered an empty frame with one.

    Raises:
        EOFError, OSError: it does not.
    """
    send(child.asks, b"")
    receive(child.answers, 0)
    return child


def _check(job: Job, head: dict[str, Any]) -> None:
    """Refuse what the job cannot be answered with: a text in a letter may have taken over there.

    Raises:
        ValueError: it cannot.
    """
    match head:
        case {"unprintable": places, "documents": 0}:
            is_right = isinstance(places, dict) and all(
                _are(str, found) for found in cast("dict[str, object]", places).values()
            )
        case {"template": str(), "diagnostic": str(), "documents": 0}:
            is_right = True
        case _:
            is_right = _fits(job, head)
    if not is_right:
        raise ValueError("another answer than to the job")


def _fits(job: Job, head: dict[str, Any]) -> bool:
    """Whether documents and what is told of them are those of the job."""
    count, pages, annexes = head["documents"], head.get("pages"), head.get("annexes")
    parts = head.get("parts")
    match job:
        case ReplyJob():
            letters = 1 if job.method is None else 2
            return (
                count == letters + _FILES
                and _are(int, pages)
                and len(cast("list[int]", pages)) == letters
                and _are(str, annexes)
                and _are(int, [parts])
                and (parts == 1 or parts == parts_of(job.letter))
            )
        case AnnexJob():
            return count == 1 and type(pages) is int and _are(str, annexes)
        case _:
            return count == 1


def _are(kind: type, found: object) -> bool:
    return isinstance(found, list) and {type(one) for one in cast("list[object]", found)} <= {kind}


def _answer_of(child: WorkerProcess) -> tuple[dict[str, Any], list[bytes]]:
    """What the process tells of a job, and its documents.

    Raises:
        EOFError, OSError, ValueError: it gives none, or more than is taken.
    """
    message: object = json.loads(receive(child.answers, HEAD_BYTES_MAX))
    if not isinstance(message, dict) or not {"documents", "last"} <= message.keys():
        raise ValueError("an answer without its number of documents")
    head = cast("dict[str, Any]", message)
    if head["documents"] not in range(DOCUMENTS_MAX + 1):
        raise ValueError("more documents than a job has")
    return head, [receive(child.answers, DOCUMENT_BYTES_MAX) for _ in range(head["documents"])]
