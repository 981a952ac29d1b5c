"""The process that sets letters: killed, slow, hostile, large; and what it is told."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from api.documents import Renderer, RenderingStoppedError, UnprintableTextError, letter_pdf
from api.problems.refusals import RenderingUnavailableError
from ledger.cases.letters.files import content, records_csv
from tests.documents import replies
from tests.documents.hostile import REFUSED
from tests.replying.desk import Desk, recorded, replies_of

FIFTY = replies.full(replies.provided(50))


@pytest.fixture
def own() -> Iterator[Renderer]:
    with closing(Renderer()) as made:
        yield made


def is_there(pid: int) -> bool:
    """Whether the process lives; one that waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1]
    except OSError:
        return False
    return state.split()[0] != "Z"


def pid_of(renderer: Renderer) -> int:
    assert renderer.pid is not None
    return renderer.pid


def test_it_makes_what_this_process_would_make(renderer: Renderer) -> None:
    method = replies.OTHERS["METHOD"]
    made = renderer.reply(FIFTY, method)
    assert (made.pdf, made.method) == (letter_pdf(FIFTY), letter_pdf(method))
    assert (made.json, made.csv) == (content(FIFTY), records_csv(FIFTY))
    assert renderer.letter(method) == made.method


def test_what_it_refuses_is_refused_here_and_it_goes_on(renderer: Renderer) -> None:
    text, bad = next(iter(REFUSED.values()))
    with pytest.raises(UnprintableTextError) as refused:
        renderer.letter(replace(replies.NOT_EXIST, addressee=replace(replies.ADDRESSEE, name=text)))
    assert refused.value.places == {"/addressee/name": (bad,)}
    before = pid_of(renderer)
    assert renderer.letter(replies.NOT_EXIST) == letter_pdf(replies.NOT_EXIST)
    assert pid_of(renderer) == before


def test_a_process_that_is_killed_at_its_work_is_told_and_replaced(own: Renderer) -> None:
    own.letter(replies.NOT_EXIST)
    victim = pid_of(own)
    large = replies.full(replies.provided(3_000))
    killer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    killer.start()
    with pytest.raises(RenderingStoppedError):
        own.reply(large)
    killer.join()
    assert own.letter(replies.NOT_EXIST) == letter_pdf(replies.NOT_EXIST)
    assert pid_of(own) != victim
    os.kill(pid_of(own), signal.SIGKILL)  # idle: it is replaced without a word
    assert own.letter(replies.NOT_EXIST) == letter_pdf(replies.NOT_EXIST)
    own.close()
    with pytest.raises(RenderingStoppedError):
        own.letter(replies.NOT_EXIST)


def test_what_takes_too_long_is_ended() -> None:
    with closing(Renderer(seconds_max=0.05)) as impatient:
        with pytest.raises(RenderingStoppedError):
            impatient.reply(replies.full(replies.provided(500)))
        assert impatient.pid is None


def test_a_large_reply_gives_its_memory_back_also_while_no_other_process_can_be_had(
    own: Renderer,
) -> None:
    own.letter(replies.NOT_EXIST)
    first = pid_of(own)
    large = replies.full(replies.provided(3_500))
    with patch("api.documents.process.WorkerProcess", side_effect=BlockingIOError):
        assert own.reply(large).json == content(large)
    assert not is_there(first)
    assert own.letter(replies.NOT_EXIST) == letter_pdf(replies.NOT_EXIST)
    second = pid_of(own)
    own.letter(replies.NOT_EXIST)
    assert pid_of(own) == second != first


def test_it_is_told_nothing_by_its_environment_and_confined(own: Renderer) -> None:
    own.letter(FIFTY)
    place = Path(f"/proc/{pid_of(own)}")
    shown = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
    assert "青空商事".encode() not in shown
    assert replies.PERSON.encode() not in shown
    names = {one.split(b"=")[0] for one in (place / "environ").read_bytes().split(b"\0") if one}
    assert names <= {b"PYTHONPATH", b"PYTHONUTF8", b"LC_CTYPE"}
    # Its death leaves no picture of its memory, and every thread of it is confined.
    limits = (place / "limits").read_text(encoding="ascii").splitlines()
    [core] = [line.split()[4:6] for line in limits if line.startswith("Max core file size")]
    assert core == ["0", "0"]
    assert (place / "oom_score_adj").read_text(encoding="ascii").strip() == "1000"
    open_files = {str(one.readlink()) for one in (place / "fd").iterdir()}
    own_files = {os.devnull, str(place / "status")}
    assert not {one for one in open_files if one.startswith("/")} - own_files
    threads = [*(place / "task").iterdir()]
    assert len(threads) > 1, "the typesetter has threads from before it was confined"
    for one in threads:
        told = dict(line.split(":\t") for line in (one / "status").read_text().splitlines())
        assert (told["NoNewPrivs"], told["Seccomp"]) == ("1", "2")


LARGE = """
from api.documents import Renderer
from api.documents.worker import PEAK_KIB_MAX
from tests.documents import replies
held = b"x" * (PEAK_KIB_MAX * 1024)
del held
made = Renderer()
pids = [made.letter(replies.NOT_EXIST) and made.pid for _ in range(3)]
made.close()
print(len(set(pids)), None in pids)
"""


def test_a_starter_that_once_held_much_does_not_count_as_its_memory() -> None:
    assert run_by_itself(LARGE).stdout.split() == [b"1", b"False"]


STARTER = """
import os
from api.documents import Renderer
from tests.documents import replies
made = Renderer()
made.letter(replies.NOT_EXIST)
print(made.pid, flush=True)
os._exit(1)
"""


def run_by_itself(program: str) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        env={"PYTHONPATH": path},
    )


def test_it_ends_with_who_started_it() -> None:
    pid = int(run_by_itself(STARTER).stdout)
    deadline = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_there(pid)


def test_two_at_once_take_turns(renderer: Renderer) -> None:
    made: dict[int, bytes] = {}

    def make(number: int) -> None:
        made[number] = renderer.letter(replies.full(replies.provided(number)))

    threads = [threading.Thread(target=make, args=(number,)) for number in (1, 2, 3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert made == {n: letter_pdf(replies.full(replies.provided(n))) for n in (1, 2, 3)}


def test_the_doors_answer_that_it_may_be_tried_again(desk: Desk, own: Renderer) -> None:
    recorded(desk)
    desk.verified().searched()
    desk.decided()
    own.close()
    desk.replies = replies_of(desk.inside, own)
    head = desk.inside.head()
    with pytest.raises(RenderingUnavailableError):
        desk.submitted()
    assert desk.inside.head() == head
