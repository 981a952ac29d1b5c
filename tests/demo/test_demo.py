"""`ledger demo` as a newcomer runs it: to `ready`, the table, and the commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.temporary import temporary_folder
from tests.demo.asking import COMMANDS, paste
from tests.serving.processes import Command, command, environment, run


def test_nothing_before_the_last_line_looks_like_it(demo: Command) -> None:
    assert demo.line(r"^ready: http://127\.0\.0\.1:(\d+) ")[1] != "8000", "which is taken"
    ready = [line for line in demo.lines if "ready" in line.lower()]
    assert len(ready) == 1
    assert demo.lines[-1] == ready[0]
    assert "Demo keys are used" in demo.lines[0]


def test_the_year_brings_findings_a_duplicate_a_conflict_and_rejected_items(demo: Command) -> None:
    demo.line(r"over HTTP: \d+ recorded, \d+ duplicate, 2 rejected, 1 conflict")
    demo.line(r"Recorded with findings: .*; [1-9]\d* persons after their stop")


def test_the_history_of_one_person_is_shown_as_a_table(demo: Command) -> None:
    demo.line("見本 花子 さん.現在の氏名: 例示 花子. — member M-0042-7781、account A20431187")
    for heading in ("提供", "受領", "共同利用", "任意の記録", "取消"):
        demo.line(rf"│ {heading} +│ \d{{4}}-\d\d-\d\d │")
    for told in ("提供停止後の提供", "項目の範囲外", "Specimen Analytics", "(契約書等)"):
        assert told in demo.text
    # Corrected, and the record of three messages: each stands once.
    demo.line(r"│ \d+, \d+ +│ 提供")
    demo.line(r"│ \d+ \(3件\) +│ 提供")


def test_the_printed_commands_work_as_they_stand(demo: Command) -> None:
    statuses = [paste(demo, 0)["results"][0]["status"] for _ in range(2)]
    assert statuses == ["recorded", "duplicate"]
    history = paste(demo, 1)
    assert len(history["provisions"]) == 8
    assert len(history["receipts"]) == 1
    assert len(history["joint_uses"]) == 1
    refused = paste(demo, 2)["items"]
    assert {error["code"] for one in refused for error in one["errors"]} == {
        "SCHEMA",
        "CORPORATE_NUMBER_CHECK_DIGIT",
        "DATE_IN_FUTURE",
    }


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's user can reach, also when root runs the tests."""
    with temporary_folder(EmbeddedSettings()) as made:
        yield made


def test_an_interrupt_ends_everything_and_a_kept_demo_goes_on(folder: Path) -> None:
    arguments = ("demo", "--persons", "10", "--port", "0", "--home", str(folder / "kept"), "--keep")
    said: list[str] = []
    for _ in range(2):
        with command(*arguments, given=environment()) as running:
            running.line(r"^ready: ")
            running.interrupt()
            assert running.end() == 0, running.text
            assert running.lines[-1] == "ended"
            assert not re.search("did not end in time|timeout graceful", running.text)
            said.append(running.text)
    assert ["Sent in" in text for text in said] == [True, False]
    for text in said:
        assert "見本 花子" in text
        assert "開示請求の一覧" in text
        assert len([line for line in text.splitlines() if line.startswith("curl ")]) == COMMANDS


def test_an_interrupt_while_it_sends_ends_it_and_leaves_nothing(folder: Path) -> None:
    home = folder / "left"
    arguments = ("demo", "--persons", "10", "--port", "0", "--home", str(home))
    with command(*arguments, given=environment()) as running:
        running.line("Published: ")
        running.interrupt()
        assert running.end() == 0, running.text
        assert running.lines[-1] == "ended"
    assert not home.exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    code, printed = run("demo", "--home", str(tmp_path), given=environment())
    assert code == 1
    assert "is not empty" in printed
    assert (tmp_path / "mine").exists()
