"""Lines that are no persons: nothing is recorded, or it is without them, as the sender says."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.imports.as_one import survey as surveys
from api.imports.as_one.header import TransferHeader, bad_persons
from api.imports.as_one.importer import SENDING
from api.imports.as_one.survey import Check, Contents, Survey, Surveyor
from api.imports.columns import PERSONS
from api.imports.errors import FileError
from api.imports.formats import Format, opened
from api.imports.importer import Progress
from ledger.clock import day_in_japan, now
from ledger.errors import Defect
from tests.canary import NAME, traces
from tests.chaos.ledger import Ledger
from tests.chaos.standing import head, recorded
from tests.importing.items import item, line_of, ndjson
from tests.importing.persons import lines_of, ordinary, person, send, transfer
from tests.importing.running import left, report
from tests.importing.test_as_one_lost import uploads
from tests.rounds import rounds

BAD: dict[str, tuple[bytes, str]] = {
    "an unknown scheme": (line_of({**person(1), "scheme": "会員"}), "SCHEMA"),
    "no id": (line_of({"scheme": "member", "name": NAME}), "SCHEMA"),
    "an empty id": (line_of({"scheme": "member", "id": ""}), "SCHEMA"),
    "a blank id": (line_of({"scheme": "member", "id": "\u3000"}), "BLANK"),
    "an id that is a number": (line_of({"scheme": "member", "id": 7}), "SCHEMA"),
    "a number beyond 64 bits": (b'{"scheme":"member","id":99999999999999999999}', "SCHEMA"),
    "a member that nobody knows": (line_of({**person(1), NAME: "1"}), "SCHEMA"),
    "NUL": (b'{"scheme":"member","id":"\0"}', "NUL"),
    "NUL, escaped": (line_of({"scheme": "member", "id": "a\0"}), "CONTROL_CHARACTER"),
    "broken JSON": (b'{"scheme":"member"', "NOT_JSON"),
    "a member twice": (b'{"id":"1","id":"2","scheme":"member"}', "DUPLICATE_MEMBER"),
    "no UTF-8": (b'{"scheme":"member","id":"\xff"}', "NOT_UTF8"),
    "a list": (b"[]", "NOT_AN_ITEM"),
    "a text": (b'"member"', "NOT_AN_ITEM"),
    "a long line": (
        b'{"scheme":"member","id":"1"' + b" " * 65_536 + b"}",
        "LINE_TOO_LONG",
    ),
}
GOOD = [person(n) for n in range(0, 26, 2)]


def mixed(path: Path) -> tuple[Path, dict[int, str]]:
    """A file with each of `BAD` among good lines, each twice; the code of each bad line."""
    return spoilt(path, [line for line, _ in BAD.values()] * 2)


def spoilt(path: Path, bad: list[bytes]) -> tuple[Path, dict[int, str]]:
    lines, told = lines_of(GOOD), dict(BAD.values())
    for number, line in enumerate(bad):
        lines.insert(number * 2, line)
    codes = {number: told[line] for number, line in enumerate(lines, 1) if line in told}
    return ndjson(path, lines), codes


def test_one_transfer_is_recorded_whole_or_not_at_all_and_every_bad_line_is_named(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, codes = mixed(tmp_path / "f.ndjson")
    header, before = transfer(tmp_path / "t.json", source), head(ledger)
    done = send(ledger, path, header)
    assert done["status"] == "bad_lines"
    assert {one["line"]: one["code"] for one in done["bad"]} == codes
    assert (done["lines"], head(ledger)) == (len(GOOD), before)
    assert report(path) == [done]
    assert not traces(json.dumps(done))
    folder = tmp_path / "f.ndjson.import"
    assert sorted(one.name for one in folder.iterdir()) == ["journal.ndjson", "report.ndjson"]
    assert not traces((folder / "journal.ndjson").read_bytes())
    assert send(ledger, path, header) == done


def test_they_are_left_out_when_their_sender_says_so(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, codes = mixed(tmp_path / "f.ndjson")
    header = transfer(tmp_path / "t.json", source)
    assert send(ledger, path, header)["status"] == "bad_lines"
    done = send(ledger, path, header, leaves_out=True)
    assert (done["status"], done["persons"]) == ("recorded", len(GOOD))
    assert done["left_out"] == sorted(codes)
    assert ordinary(ledger, source, GOOD)["transfer"] == done["transfer"]
    kept = left(path, "quarantine")
    assert {one["line"]: one["code"] for one in kept} == codes
    raw = path.read_bytes().split(b"\n")
    texts: list[tuple[str, int]] = [(one.get("raw", ""), one["line"]) for one in kept]
    assert all(raw[line - 1].startswith(text.encode().rstrip(b"\n")) for text, line in texts)
    assert all(one["errors"] for one in kept)
    assert not traces(json.dumps(done))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"id,name\n", "PERSON_COLUMNS"),
        (b"scheme,id,mail\n", "PERSON_COLUMNS"),
        (b"scheme,id,id\n", "COLUMN_TWICE"),
        (b"member,M-1,\n", "PERSON_COLUMNS"),
        (b"scheme,id\n", "NO_PERSONS"),
    ],
)
def test_a_file_that_is_none_of_persons_is_refused(
    ledger: Ledger, tmp_path: Path, source: str, header: bytes, code: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(header)
    with pytest.raises(FileError) as caught:
        send(ledger, path, transfer(tmp_path / "t.json", source))
    assert caught.value.code == code


def knows_nothing(_: TransferHeader) -> Check:
    """A client that is older than its ledger, and knows none of its rules."""
    return lambda _: {}


OF_THE_DOOR = [line for line, code in BAD.values() if code in ("SCHEMA", "BLANK")]


def test_lines_that_the_ledger_refuses_are_named_by_their_numbers_in_the_file(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, codes = spoilt(tmp_path / "f.ndjson", OF_THE_DOOR)
    header, before, open_before = (
        transfer(tmp_path / "t.json", source),
        head(ledger),
        uploads(ledger),
    )
    done = send(ledger, path, header, checking=knows_nothing)
    assert uploads(ledger) == open_before
    assert {one["line"]: one["code"] for one in done["bad"]} == codes
    assert recorded(ledger, source, before) == {}
    assert not traces((tmp_path / "f.ndjson.import" / "journal.ndjson").read_bytes())
    # What the ledger refused is known from now on, and nobody is asked again.
    assert send(ledger, path, header, checking=knows_nothing) == done
    again = send(ledger, path, header, checking=knows_nothing, leaves_out=True)
    assert (again["status"], again["left_out"]) == ("recorded", sorted(codes))
    assert ordinary(ledger, source, GOOD)["transfer"] == again["transfer"]
    assert {one["line"] for one in left(path, "quarantine")} == set(codes)


def test_a_part_that_stands_there_without_refused_lines_is_found_after_a_kill(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, codes = spoilt(tmp_path / "f.ndjson", OF_THE_DOOR)
    header = transfer(tmp_path / "t.json", source)

    def stop(progress: Progress) -> None:
        if progress.stage == SENDING and progress.done == progress.total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(ledger, path, header, stop, checking=knows_nothing)
    assert "refused" not in (tmp_path / "f.ndjson.import" / "journal.ndjson").read_text("utf-8")
    done = send(ledger, path, header, checking=knows_nothing)
    assert {one["line"]: one["code"] for one in done["bad"]} == codes


def test_what_was_begun_without_bad_lines_does_not_go_on_with_another_word(
    ledger: Ledger, tmp_path: Path, source: str
) -> None:
    path, codes = mixed(tmp_path / "f.ndjson")
    header = transfer(tmp_path / "t.json", source)

    def stop(progress: Progress) -> None:
        if progress.stage == SENDING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(ledger, path, header, stop, leaves_out=True)
    with pytest.raises(FileError, match="LEFT_OUT_BEFORE"):
        send(ledger, path, header)
    done = send(ledger, path, header, leaves_out=True)
    assert (done["status"], done["left_out"]) == ("recorded", sorted(codes))


# -- Where parts begin and end, and how each is made again, whatever is left out of the file --


LINES = {"good": b'{"scheme":"member","id":"M-%d"}', "bad": b'{"id":%d', "blank": b"  "}
_FEW = settings(
    max_examples=rounds(60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def surveyed(
    path: Path, kind: Format, lines_max: int, refused: frozenset[int] = frozenset()
) -> Survey:
    why = {line: (Defect("", "SCHEMA", ""),) for line in refused}
    with opened(path, kind, "utf-8", PERSONS) as rows:
        once = Surveyor(lambda _: {}, why, lines_max, _nothing, _nothing, _nothing)
        return once.survey(rows)


def _nothing(*_: object) -> None:
    pass


def written(path: Path, kinds: list[str]) -> Path:
    lines = [LINES[k] % n if b"%" in LINES[k] else LINES[k] for n, k in enumerate(kinds)]
    return ndjson(path, lines)


@_FEW
@given(
    kinds=st.lists(st.sampled_from(["good", "good", "good", "bad", "blank"]), max_size=40),
    refused=st.frozensets(st.integers(1, 40), max_size=4),
    lines_max=st.integers(1, 12),
    dice=st.randoms(),
)
def test_parts_hold_every_good_line_once_in_its_order_and_are_made_again_alone(
    tmp_path: Path, kinds: list[str], refused: frozenset[int], lines_max: int, dice: Random
) -> None:
    path = written(tmp_path / "f", kinds)
    found = surveyed(path, "ndjson", lines_max, refused)
    good = [n for n, kind in enumerate(kinds, 1) if kind == "good" and n not in refused]
    expected = [good[n : n + lines_max] for n in range(0, len(good), lines_max)]
    blank = {n for n, kind in enumerate(kinds, 1) if kind == "blank"}
    bad = {n for n, kind in enumerate(kinds, 1) if kind == "bad" or n in refused}
    assert (found.lines, set(found.bad) | blank) == (len(good), bad | blank)

    order = list(found.parts)
    dice.shuffle(order)
    with opened(path, "ndjson", "utf-8", PERSONS) as rows:
        contents = Contents(rows, found.bad)
        made = {part.number: contents.of(part) for part in order}
    assert [made[n].lines for n in sorted(made)] == expected
    plain = [LINES["good"] % (n - 1) + b"\n" for n in good]
    assert b"".join(b"".join(p + b"\n" for p in made[n].persons) for n in sorted(made)) == b"".join(
        plain
    )
    whole = hashlib.sha256()
    for numbers in expected:
        part = b"".join(LINES["good"] % (n - 1) + b"\n" for n in numbers)
        whole.update(hashlib.sha256(part).digest())
    assert found.sha256 == whole.hexdigest()


def test_a_part_ends_before_it_has_too_many_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "f", ["good"] * 9)
    length = len(LINES["good"] % 1) + 1
    monkeypatch.setattr(surveys, "PART_BYTES_MAX", 4 * length)
    assert [part.lines for part in surveyed(path, "ndjson", 100).parts] == [4, 4, 1]


def test_a_file_that_changed_behind_the_survey_is_found(tmp_path: Path) -> None:
    path = written(tmp_path / "f", ["good"] * 9)
    found = surveyed(path, "ndjson", 4)
    path.write_bytes(path.read_bytes().replace(b"M-6", b"M-9"))
    with opened(path, "ndjson", "utf-8", PERSONS) as rows:
        contents = Contents(rows, found.bad)
        contents.of(found.parts[0])
        with pytest.raises(FileError, match="FILE_CHANGED"):
            contents.of(found.parts[1])


@_FEW
@given(st.lists(st.sampled_from(["good", "twice", "scheme", "both", "turned"]), max_size=12))
def test_what_is_wrong_with_many_is_what_is_wrong_with_each(kinds: list[str]) -> None:
    one = person(3)
    made: dict[str, Callable[[int], object]] = {
        "good": person,
        "twice": lambda _: one,
        "turned": lambda _: dict(reversed(one.items())),
        "scheme": lambda _: {**one, "scheme": "会員"},
        "both": lambda _: {"scheme": "会員", "id": "", "more": 1},
    }
    persons = [line_of(made[kind](n)) for n, kind in enumerate(kinds)]
    data, on = item("1")["data"], day_in_japan(now())
    alone = {n: bad_persons(data, [one], on).get(0, ()) for n, one in enumerate(persons)}
    together = bad_persons(data, persons, on)
    assert {n: set(found) for n, found in alone.items() if found} == {
        n: set(found) for n, found in together.items()
    }
