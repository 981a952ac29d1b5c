"""Whichever way the persons come, it is one and the same record."""

import gzip
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.resources.bulk.parts.decompression import zstd
from tests.canary import MEMBER
from tests.doors.broken_parts import stating
from tests.doors.bulk_sending import (
    CSV,
    NDJSON,
    Person,
    announce,
    announcement,
    carry_out,
    commit,
    look,
    ndjson,
    put,
    sent,
    table,
)
from tests.doors.corridor import Corridor, fresh_id
from tests.rounds import rounds

FORMS: Final = ("ndjson", "csv", "csv with a mark", "csv, turned")
CODINGS: Final = {"identity": bytes, "gzip": gzip.compress, "zstd": zstd.compress}
PERSONS: Final[list[Person]] = [
    {"scheme": "member", "id": f"{MEMBER}-{n}", **({"name": '見本 "太郎", 様'} if n % 3 else {})}
    for n in range(40)
]


def written(form: str, persons: Sequence[Person]) -> tuple[bytes, dict[str, str]]:
    if form == "ndjson":
        return ndjson(persons), NDJSON
    columns = ("name", "id", "scheme") if form == "csv, turned" else ("scheme", "id", "name")
    quoted = [
        {name: '"' + value.replace('"', '""') + '"' for name, value in one.items()}
        for one in persons
    ]
    mark = b"\xef\xbb\xbf" if form == "csv with a mark" else b""
    return mark + table(quoted, columns), CSV


@st.composite
def splits(draw: st.DrawFn) -> list[tuple[Sequence[Person], str, str]]:
    ends = sorted(draw(st.sets(st.integers(1, len(PERSONS) - 1), max_size=5)))
    return [
        (PERSONS[a:b], draw(st.sampled_from(FORMS)), draw(st.sampled_from(list(CODINGS))))
        for a, b in zip([0, *ends], [*ends, len(PERSONS)], strict=True)
    ]


@pytest.fixture(scope="module")
def first(corridor: Corridor) -> dict[str, Any]:
    """The record that all others must be: its key and what became of it."""
    id_ = fresh_id()
    return {"id": id_, **sent(corridor, PERSONS, id=id_)["result"]}


@settings(
    max_examples=rounds(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(split=splits(), data=st.data())
def test_any_split_order_form_and_compression_gives_the_same_record(
    corridor: Corridor,
    first: dict[str, Any],
    split: list[tuple[Sequence[Person], str, str]],
    data: st.DataObject,
) -> None:
    contents = [written(form, persons) for persons, form, _ in split]
    body = announcement([content for content, _ in contents], len(PERSONS), id=first["id"])
    bulk = announce(corridor, body)["bulk"]
    for number in data.draw(st.permutations(range(len(split)))):
        content, headers = contents[number]
        coding = split[number][2]
        sent_as = {**headers, "content-encoding": coding, **stating(content)}
        assert put(corridor, bulk, number + 1, CODINGS[coding](content), sent_as).status == 200
    assert commit(corridor, bulk).status == 202
    assert carry_out(corridor) == 1
    # The fingerprint of a record is over every line as it was received: a duplicate is the same.
    result = look(corridor, bulk).body["result"]
    assert (result["status"], result["transfer"]) == ("duplicate", first["transfer"])


def test_one_character_more_is_another_record(corridor: Corridor, first: dict[str, Any]) -> None:
    other = [*PERSONS[:-1], {**PERSONS[-1], "name": "見本 次郎"}]
    assert sent(corridor, other, id=first["id"])["result"]["status"] == "conflict"
