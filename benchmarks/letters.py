"""The processes that make letters for `reply`: like the web process, and the typesetter alone."""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any, Final
from unittest.mock import patch
from uuid import UUID

from pypdf import PdfReader

from api.documents import Renderer, font
from api.documents.glyphs import Substitutes
from api.documents.letters import document_of
from api.documents.renderer import sources_of
from api.server.application import served
from api.server.web import web_server
from api.web.services import Services
from benchmarks.memory import children_seen, forget_peak, memory
from benchmarks.places import Place
from ledger.cases.case import State
from ledger.cases.letters.letter import Letter

_ALONE: Final = "benchmarks.typst_alone"


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter to make: of which case, and what it bears.

    Attributes:
        sources: file that holds what the typesetter sees of it.
    """

    case: UUID
    code: str
    sources: Path


@dataclass(frozen=True, slots=True)
class Made:
    """A letter as it was made.

    Attributes:
        cpu_seconds: of the worker and of the process that asks, without PostgreSQL's.
        sha256: of the PDF.
        worker_peak, own_peak, before: bytes at most of the worker's process and of the one that
            asks, and what that one had at most before.
    """

    seconds: float
    cpu_seconds: float
    sha256: str
    pages: int
    worker_peak: int
    own_peak: int
    before: int


@contextmanager
def alone() -> Generator[Callable[[Path], dict[str, Any]]]:
    """What sets the sources in a file by the typesetter alone, and tells of it."""
    process = subprocess.Popen(  # noqa: S603 -- our own program, no shell
        [sys.executable, "-m", _ALONE, str(font.path().parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    asking, answers = process.stdin, process.stdout
    assert asking is not None, "it was opened with a pipe"
    assert answers is not None, "it was opened with a pipe"

    def ask(sources: Path, asking: IO[str] = asking, answers: IO[str] = answers) -> dict[str, Any]:
        asking.write(f"{sources}\n")
        asking.flush()
        return json.loads(answers.readline())

    try:
        yield ask
    finally:
        asking.close()
        process.wait()
        answers.close()


class _EnoughError(Exception):
    """The letter is known; it need not be set."""


def prepare(place: Place, pipe: Connection) -> None:
    """Write the sources of every letter that is asked for to its file."""
    letters: list[Letter] = []

    def keep(
        _: Renderer,
        letter: Letter,
        method: Letter | None = None,
        substitutes: Substitutes = (),
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        assert meanwhile is None, "the letter alone is asked for"
        assert method is None, "the medium is the one that was asked for"
        assert not substitutes, "the font has every character of the bench"
        letters.append(letter)
        raise _EnoughError

    with served(place.settings(), place.urls) as app, patch.object(Renderer, "reply", keep):
        services: Services = app.state.services
        pipe.send(None)
        while True:
            asked: Asked = pipe.recv()
            state = _state(services, asked)
            with suppress(_EnoughError):
                services.replies.document(state, _at(state), asked.code)
            template, document = document_of(letters.pop())
            sources = sources_of(template, document)
            at = document.at.astimezone(UTC).replace(microsecond=0)
            asked.sources.write_bytes(pickle.dumps((sources, at)))
            pipe.send(None)


def make(place: Place, pipe: Connection) -> None:
    """Make every letter that is asked for, as the web process does."""
    with served(place.settings(), place.urls) as app:
        services: Services = app.state.services
        web_server(app, place.settings())  # what it sets of the process
        pipe.send(None)
        while True:
            asked: Asked = pipe.recv()
            before = memory("self", "VmHWM")
            forget_peak()
            with children_seen() as worker:
                own_cpu, started = time.process_time(), time.perf_counter()
                state = _state(services, asked)
                _, document, _ = services.replies.prepared(state, _at(state), asked.code)
                seconds = time.perf_counter() - started
                own_cpu = time.process_time() - own_cpu
            pages = len(PdfReader(BytesIO(document.pdf)).pages)
            found = sha256(document.pdf).hexdigest()
            own = memory("self", "VmHWM")
            cpu = own_cpu + worker.cpu_seconds
            pipe.send(Made(seconds, cpu, found, pages, worker.memory, own, before))


def _state(services: Services, asked: Asked) -> State:
    state = services.group.call(lambda ledger, _: ledger.case(asked.case))
    assert state is not None, "the case was taken in"
    return state


def _at(state: State) -> datetime:
    """The letter's own date: any instant, the same for both sides."""
    assert state.searched_at is not None, "the case was decided"
    return state.searched_at
