"""Where parts begin and end, and how each is made again, whatever is left out of the file."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.imports.as_one import survey as surveys
from api.imports.as_one.header import bad_persons
from api.imports.as_one.survey import Contents, Survey, Surveyor
from api.imports.columns import PERSONS
from api.imports.errors import FileError
from api.imports.formats import Format, opened
from ledger.clock import day_in_japan, now
from ledger.errors import Defect
from tests.importing.items import item, line_of, ndjson
from tests.importing.persons import person
from tests.rounds import rounds

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
