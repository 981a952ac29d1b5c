"""Bulk transfers over HTTP: announced, sent in parts, committed or aborted, told to the sender."""

import gzip
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.auth import Scope, make, person_owner
from api.resources.bulk.parts.decompression import zstd
from api.resources.bulk.schemas import BULK, PART
from ledger.clock import now
from ledger.lifetimes import staging_day
from projections.finding_list import FindingFilter
from tests.canary import MEMBER
from tests.database import Database
from tests.doors.broken_parts import stating
from tests.doors.bulk_sending import (
    CSV,
    NDJSON,
    PATH,
    Person,
    abort,
    announce,
    announcement,
    carry_out,
    commit,
    inside_of,
    kept,
    look,
    ndjson,
    people,
    put,
    sent,
    staged,
    table,
)
from tests.doors.corridor import Answer, Corridor, fresh_id, open_doors
from tests.doors.samples import OTHER_SOURCE, SOURCE
from tests.doors.test_exclusions import ask_to_lift, exclude, lift, listed
from tests.doors.test_exclusions_of_one import of, seen, told
from tests.doors.test_openapi import check
from tests.doors.test_reassessments import of as proposed
from tests.doors.test_reassessments import stop
from tests.matrix import every
from tests.rounds import rounds
from tests.rows import key_table

NOBODY: Final = "0b0e2c5e-7a57-8000-8000-000000000001"
Act = Callable[[Corridor, str, str], Answer]
ACTS: Final[dict[str, Act]] = {
    "look": look,
    "commit": commit,
    "abort": abort,
    "put": lambda corridor, bulk, key: put(corridor, bulk, 1, ndjson(people(1)), key=key),
}


def shown(schema: Any, body: Any) -> None:  # noqa: ANN401 -- JSON
    check({"components": {"schemas": {"Problem": {}}}}, schema, body)


def test_parts_in_any_order_and_form_become_one_record_that_each_person_finds(
    corridor: Corridor,
) -> None:
    persons = people(2_300, fresh_id())
    first, second, third = persons[:900], persons[900:1_800], persons[1_800:]
    contents = [ndjson(first), b"\xef\xbb\xbf" + table(second, ("id", "scheme")), ndjson(third)]
    begun = announce(corridor, announcement(contents, len(persons)))
    bulk = begun["bulk"]
    shown(BULK, begun)
    assert (begun["state"], begun["there"]) == ("uploading", {"parts": 0, "lines": 0})
    assert begun["missing"] == {"count": 3, "numbers": [1, 2, 3]}
    for number, content, headers in (
        (3, zstd.compress(contents[2]), {**NDJSON, "content-encoding": "zstd"}),
        (1, gzip.compress(contents[0]), {**NDJSON, "content-encoding": "gzip"}),
        (3, contents[2], {**NDJSON, "content-encoding": "identity"}),
    ):
        answer = put(corridor, bulk, number, content, headers)
        assert answer.status == 200, answer.text
        shown(PART, answer.body)
        assert answer.body["sha256"] == sha256(contents[number - 1]).hexdigest()
    assert look(corridor, bulk).body["there"] == {"parts": 2, "lines": 1_400}
    assert look(corridor, bulk).body["missing"] == {"count": 1, "numbers": [2]}
    early = commit(corridor, bulk)
    assert (early.status, early.code, early.body["missing"]) == (409, "PARTS_MISSING", [2])
    answer = put(corridor, bulk, 2, contents[1], {"content-type": "text/csv; charset=UTF-8"})
    assert answer.body["lines"] == 900

    head = corridor.head()
    begun = commit(corridor, bulk)
    assert (begun.status, begun.body["state"]) == (202, "committing")
    assert begun.headers["location"] == f"{PATH}/{bulk}"
    assert begun.headers["retry-after"] == "1"
    assert commit(corridor, bulk).body == look(corridor, bulk).body == begun.body
    shown(BULK, begun.body)
    assert "expires_on" in begun.body
    assert begun.body["expires_on"] is None
    assert corridor.head() == head, "nothing is recorded at the door"
    assert carry_out(corridor) == 1

    told = look(corridor, bulk).body
    shown(BULK, told)
    result = told["result"]
    assert told["there"] == {"parts": 3, "lines": 2_300}
    assert (result["status"], result["persons"], result["repeated"]) == ("recorded", 2_300, 0)
    assert (result["duty"], result["lawful"], result["findings"]) == ("art29", True, [])
    assert result["position"] == corridor.head() == head + 5
    again = commit(corridor, bulk)
    assert (again.status, again.body) == (200, told)
    assert kept(corridor, bulk) == (0, 0)
    for n in (0, 1_150, 2_299):
        history = corridor.history(("member", persons[n]["id"]))
        [entry] = history["provisions"]
        assert entry["transfer"] == result["transfer"]


# -- who may ---------------------------------------------------------------------------------------


@every("act", ACTS)
def test_to_others_it_is_as_one_that_there_is_not(corridor: Corridor, act: str) -> None:
    bulk = staged(corridor, people(1))["bulk"]
    for key in (
        corridor.key("events:write", source=SOURCE, label="another"),
        corridor.key("events:write", source=OTHER_SOURCE),
    ):
        there, none = (ACTS[act](corridor, one, key) for one in (bulk, NOBODY))
        assert (there.status, there.code) == (none.status, none.code) == (404, "NOT_FOUND")
        told = {k: v for k, v in there.body.items() if k != "instance"}
        assert told == {k: v for k, v in none.body.items() if k != "instance"}
    assert look(corridor, bulk).body["there"] == {"parts": 1, "lines": 1}


def test_another_key_of_the_same_owner_goes_on_if_it_sends_for_the_source(
    corridor: Corridor,
) -> None:
    keys: list[str] = []
    for source in (SOURCE, SOURCE, OTHER_SOURCE):
        owner = person_owner("bulk-sender")
        scopes = frozenset[Scope](("events:write",))
        key, credential = make("bulk", scopes, source, at=now(), days=1, owner=owner)
        key_table(corridor.urls.owner).add(key)
        keys.append(credential)
    first, second, elsewhere = keys
    bulk = staged(corridor, people(1), first)["bulk"]
    assert look(corridor, bulk, second).status == 200
    for act in ACTS.values():
        assert act(corridor, bulk, elsewhere).status == 404
    assert abort(corridor, bulk, second).status == 204


def test_a_mark_needs_its_scope_and_is_told_to_nobody(corridor: Corridor) -> None:
    body = announcement([ndjson(people(1))], 1, order_11="ii")
    refused = corridor.ask("POST", PATH, body, key=corridor.emitter)
    assert (refused.status, refused.code) == (403, "SCOPE_MISSING")
    marking = corridor.key("events:write", "records:exclude", source=SOURCE)
    persons = people(2, fresh_id())
    marked = sent(corridor, persons, marking, order_11="ii")
    plain = sent(corridor, people(2, fresh_id()), marking)
    told = [{k: v for k, v in one["result"].items() if k != "transfer"} for one in (marked, plain)]
    assert {k: v for k, v in told[0].items() if k != "position"} == {
        k: v for k, v in told[1].items() if k != "position"
    }
    assert marked.keys() == plain.keys()
    assert corridor.history(("member", persons[0]["id"]))["provisions"] == []


def test_a_record_that_is_excluded_later_is_told_to_its_sender_as_before(
    corridor: Corridor,
) -> None:
    persons = people(2, fresh_id())
    told = sent(corridor, persons)
    assert len(corridor.history(("member", persons[0]["id"]))["provisions"]) == 1
    gone = exclude(corridor, told["result"]["transfer"], for_all_persons=True)
    assert gone.status == 200, gone.text
    assert corridor.history(("member", persons[0]["id"]))["provisions"] == []
    for answer in (look(corridor, told["bulk"]), commit(corridor, told["bulk"])):
        assert (answer.status, answer.body) == (200, told)


def test_once_it_is_committed_it_takes_no_part_and_is_not_aborted(corridor: Corridor) -> None:
    bulk = staged(corridor, people(3))["bulk"]
    assert commit(corridor, bulk).status == 202
    for carried_out in (0, 1):
        assert not carried_out or carry_out(corridor)
        for answer in (abort(corridor, bulk), put(corridor, bulk, 1, ndjson(people(3)))):
            assert (answer.status, answer.code) == (409, "BULK_CLOSED")
    assert look(corridor, bulk).body["result"]["status"] == "recorded"


def test_what_is_left_alone_is_gone_after_seven_days_and_a_result_after_seven_more(
    database: Database,
) -> None:
    moved = [timedelta()]

    def clock() -> datetime:
        return now() + moved[0]

    with open_doors(database.urls, followed=False, clock=clock) as corridor:
        inside = inside_of(corridor)
        # Keys of API callers live for a day of the true clock: the doors' clock alone moves on.
        begun, other = (staged(corridor, people(2)) for _ in range(2))
        moved[0] = timedelta(days=6)
        commit(corridor, begun["bulk"])
        assert inside.bulk.find(UUID(begun["bulk"]), clock()).state == "committing"
        carry_out(corridor)
        moved[0] = timedelta(days=8)
        for bulk, state in ((begun, "committed"), (other, None)):
            found = look(corridor, bulk["bulk"])
            assert found.status == (200 if state else 404), found.text
        told = look(corridor, begun["bulk"]).body
        for day, at in (
            (begun["expires_on"], begun["begun_at"]),
            (told["expires_on"], told["changed_at"]),
        ):
            assert day == staging_day(datetime.fromisoformat(at)).isoformat()
        assert told["expires_on"] > begun["expires_on"]
        moved[0] = timedelta(days=14)
        assert look(corridor, begun["bulk"]).status == 404


# -- A bulk transfer of which one person is excluded: the others lose nothing, and nobody is told --


FEW, MANY = 3, 1_001
"""Listed person by person, and never listed."""
FOUND = "CONSENT_WITHDRAWN"


def bulk(corridor: Corridor, count: int) -> tuple[str, list[str]]:
    """A bulk transfer of so many, and who is in it."""
    persons = people(count, f"CNRY-{fresh_id()}")
    result = sent(corridor, persons)["result"]
    return result["transfer"], [one["id"] for one in persons]


@every("count", [FEW, MANY])
def test_the_one_is_told_as_nobody_and_the_others_the_same_until_two_lift_it(
    corridor: Corridor, count: int
) -> None:
    one, (first, second, *_, last) = bulk(corridor, count)
    before = {who: told(corridor, who) for who in (first, second, last)}
    assert one in before[second]
    answer = exclude(corridor, one, principal=of(second))
    assert answer.status == 200, answer.text
    assert {who: told(corridor, who) for who in (first, last)} == {
        who: before[who] for who in (first, last)
    }
    assert told(corridor, second) == told(corridor, "CNRY-NOBODY")
    assert len(ask_to_lift(corridor, one, principal=of(second)).body["waiting"]) == 1
    assert told(corridor, second) == told(corridor, "CNRY-NOBODY")
    assert ask_to_lift(corridor, one, by="second", principal=of(second)).body["waiting"] == []
    assert {who: told(corridor, who) for who in before} == before
    assert one not in str(listed(corridor))


@every("count", [FEW, MANY])
def test_what_is_wrong_for_the_one_alone_is_told_to_nobody_else(
    corridor: Corridor, count: int
) -> None:
    who = people(count, f"CNRY-{fresh_id()}")
    hidden = who[1]["id"]
    corridor.officer("/v1/directives", stop(hidden))
    one = sent(corridor, who)["result"]["transfer"]
    officer = corridor.key("records:write", label="officer")
    assert flagged(corridor, one) == (FOUND,)
    assert FOUND in str(seen(corridor, one, officer))
    exclude(corridor, one, principal=of(hidden))
    assert flagged(corridor, one) == ()
    assert FOUND not in str(seen(corridor, one, officer))
    assert FOUND in flagged(corridor, one, sees_all=True)
    corridor.officer("/v1/directives", {**stop(hidden), "kind": "provision_stopped"})
    assert proposed(corridor, one) == []
    change = {"changes": {"items": ["氏名"]}, "reason": "誤記"}
    corridor.officer(f"/v1/transfers/{one}/corrections", change)
    lift(corridor, one, principal=of(hidden))
    [entry] = corridor.history(("member", hidden))["provisions"]
    assert FOUND in entry["findings"]


def test_what_is_excluded_for_all_is_lifted_for_one_of_few_and_of_many_for_all_alone(
    corridor: Corridor,
) -> None:
    one, who = bulk(corridor, FEW)
    exclude(corridor, one, for_all_persons=True)
    assert lift(corridor, one, principal=of(who[1])).body["waiting"] == []
    assert [one in told(corridor, each) for each in who] == [False, True, False]
    many, others = bulk(corridor, MANY)
    exclude(corridor, many, for_all_persons=True)
    refused = ask_to_lift(corridor, many, principal=of(others[1]))
    assert (refused.status, refused.errors) == (422, {"/principal": "LIFT_OF_MANY"})
    lift(corridor, many, for_all_persons=True)
    assert many in told(corridor, others[1])


def flagged(corridor: Corridor, transfer: str, *, sees_all: bool = False) -> tuple[str, ...]:
    """What the list of findings tells of it."""
    page = inside_of(corridor).finding_list.page(FindingFilter(limit=100), includes_hidden=sees_all)
    return next((found.findings for found in page.found if str(found.transfer) == transfer), ())


# -- Whichever way the persons come, it is one and the same record --


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
