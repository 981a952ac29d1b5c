"""A confined process that a text took over keeps what it may, and the one that asks it goes on.

Attack: a text takes over the process that sets letters, or one that reads a register. It answers
with a size that no memory has, tells of a reply of a billion parts, says that it is never at its
end, so that it gets every later letter, or sleeps, which takes no time of a processor. Or it raises
its limit of time for one answer to that for all.

Held off by: an answer is taken up to a number of bytes and documents, and only one that the job can
have, by the rows that were handed over; whoever asks counts the letters and starts a new process
(`api.documents.process`); an answer of a reading is waited for as long as
`ledger.workers.confined_reader.ANSWER_S_MAX`, and its process is ended then. The limit of time is
set by whoever asks, on Linux (`WorkerProcess.allow_seconds`). Not held off: what it puts into the
letters that it sets, and the texts of one in another, until it is renewed.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

import pytest

from api.documents import Renderer, RenderingStoppedError, process
from api.documents.separator import Separator
from api.resources.registers.errors import RegisterError
from ledger.workers import confined_reader
from ledger.workers.confined_reader import STOPPED, ConfinedReader
from tests.attacks.turning import LIMITS, SLOW
from tests.documents.replies import full, provided

HOSTILE: Final = """
import json
from ledger.workers.process import confine, pipes, receive, send
jobs, answers = pipes()
confine(1 << 30)
seen = 0
while True:
    while not receive(jobs):
        send(answers, b"")
    seen += 1
    {taken}
"""
ENDLESS: Final = 'answers.write((1 << 46).to_bytes(8, "big")); answers.flush()'
LARGE: Final = 'send(answers, b"[" * 100_000)'
MANY: Final = """send(answers, b'{"documents": 1000000000, "last": false}')"""
LAST_NEVER: Final = (
    """send(answers, b'{"documents": 1, "last": false}'); send(answers, b"%d" % seen)"""
)
SLEEPS: Final = """
import time
from ledger.workers.process import confine, pipes
pipes()
confine(1 << 30)
time.sleep(3600)
"""
SHEET: Final = Separator(
    at=datetime(2026, 12, 1, tzinfo=UTC),
    number=1,
    total=1,
    case_number="1",
    what="w",
    post="p",
    contents=(),
)


@pytest.fixture
def renderer(taken: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Renderer]:
    monkeypatch.setattr(process, "_PROGRAM", HOSTILE.replace("{taken}", taken))
    with closing(Renderer(20.0)) as opened:
        yield opened


@pytest.mark.parametrize("taken", [ENDLESS, LARGE, MANY], ids=["endless", "deep", "many"])
def test_an_answer_that_nobody_could_take_is_a_problem_of_its_letter(renderer: Renderer) -> None:
    with pytest.raises(RenderingStoppedError):
        renderer.sheet(SHEET)
    assert renderer.pid is None


def replied(more: str) -> str:
    told = f'{{"documents": 3, "last": false, "annexes": [], "pages": [1], {more}}}'
    return f"send(answers, b'{told}'); [send(answers, b'x') for _ in range(3)]"


@pytest.mark.parametrize(
    "taken",
    [
        replied('"parts": 1000000000'),
        replied('"parts": "1"'),
        replied('"parts": 1, "pages": [1, 1]'),
        replied('"parts": 1, "annexes": [[]]'),
        LAST_NEVER,
        """send(answers, b'{"documents": 0, "last": false, "unprintable": []}')""",
        """send(answers, b'{"documents": 0, "last": false, "template": "a"}')""",
    ],
    ids=["parts", "a text", "more pages", "no titles", "one document", "no places", "no reason"],
)
def test_an_answer_that_a_reply_cannot_have_is_a_problem_of_the_reply(renderer: Renderer) -> None:
    with pytest.raises(RenderingStoppedError):
        renderer.reply(full(provided(3)))
    assert renderer.pid is None


@pytest.mark.parametrize("taken", [LAST_NEVER], ids=["never at its end"])
def test_a_process_that_says_that_it_goes_on_is_renewed_all_the_same(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "JOBS_MAX", 3)
    assert [renderer.sheet(SHEET) for _ in range(4)] == [b"1", b"2", b"3", b"1"]


def test_a_reading_that_sleeps_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined_reader, "ANSWER_S_MAX", 0.5)
    with pytest.raises(RegisterError) as stopped:
        ConfinedReader(SLEEPS, {}, BytesIO(b"x"), LIMITS, RegisterError)
    assert stopped.value.code == STOPPED


def test_a_reading_does_not_raise_the_limit_of_its_time() -> None:
    with pytest.raises(RegisterError) as stopped:
        ConfinedReader(SLOW, {}, BytesIO(b"x"), LIMITS, RegisterError)
    assert stopped.value.code == STOPPED
