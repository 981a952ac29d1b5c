"""The deletion certificate: what it says, and that it says it only of a plan."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.keys import KEY_CLASSES
from ledger.errors import CorruptRecordError, ExpiredError
from ledger.format.events import ExpiredEvent, ExpiryEvent, Fact, HoldReleased, RecordsExpired
from ledger.format.header import event_hash, read_header
from ledger.format.json import strict
from ledger.law.erasure import ERASURE
from ledger.merkle import Frontier, leaf_hash
from ledger.retention.certificate import LogTree, RetentionPeriods, certificate_of, content
from tests.documents import plans

Facts = list[Fact[ExpiryEvent | ExpiredEvent]]


def test_the_json_of_a_certificate_is_the_golden_one() -> None:
    assert content(plans.golden()) == plans.GOLDEN.read_bytes()


def test_every_class_of_key_has_a_rule_that_is_cited() -> None:
    assert set(ERASURE) == KEY_CLASSES
    assert [rule.key_class for rule in plans.golden().rules] == list(ERASURE)


def test_a_setting_is_cited_with_its_number() -> None:
    of = plans.facts(plans.keys(1), plans.keys(1))
    made = certificate_of(
        of,
        ledger=plans.LEDGER,
        tree=LogTree(of[-1].position, bytes(32)),
        periods=RetentionPeriods(quarantine_days=17),
    )

    assert {rule.key_class: rule.period for rule in made.rules}["quarantine"].startswith(
        "受付の日から17日"
    )


def test_where_the_epoch_master_never_changes_no_day_closes_a_backup() -> None:
    of = plans.facts(plans.keys(1), plans.keys(1))
    made = certificate_of(
        of,
        ledger=plans.LEDGER,
        tree=LogTree(of[-1].position, bytes(32)),
        periods=RetentionPeriods(backup_days=None),
    )
    said: Any = strict(content(made))

    golden: Any = strict(content(plans.golden()))
    assert golden.keys() - said.keys() == {"backup_days"}


@given(
    named=st.sets(st.integers(0, 60), max_size=60),
    dead=st.sets(st.integers(0, 60), max_size=60),
)
def test_every_key_is_counted_once(named: set[int], dead: set[int]) -> None:
    ids = plans.keys(61)
    made = plans.certified(plans.facts([ids[n] for n in sorted(dead)], [ids[n] for n in named]))
    said: Any = strict(content(made))
    totals = said["totals"]

    assert [key for one in said["erasures"] for key in one["keys"]] == [
        ids[n].hex() for n in sorted(dead)
    ]
    assert totals["keys"] == len(dead)
    assert totals["unplanned"] == len(dead - named)
    assert totals["remaining"] == len(named - dead)
    assert totals["events"] == 3 * len(dead)
    assert totals["lookups"] == 7 * len(dead)


def test_a_plan_whose_own_key_is_dead_is_no_longer_certified() -> None:
    of = plans.facts(plans.keys(1), plans.keys(1))
    of[0] = replace(of[0], event=ExpiredEvent("expiry-planned"))

    with pytest.raises(ExpiredError) as refused:
        plans.certified(of)
    assert refused.value.position == plans.FIRST_POSITION


def _another_stream(of: Facts) -> Facts:
    return [*of[:-1], replace(of[-1], stream=UUID(int=9))]


NO_PLAN: dict[str, Callable[[Facts], Facts]] = {
    "no facts at all": lambda _: [],
    "no plan at the beginning": lambda of: [replace(of[1], version=1), replace(of[2], version=2)],
    "two plans": lambda of: [of[0], replace(of[0], version=2, position=of[1].position)],
    "a version left out": lambda of: [of[0], of[2]],
    "positions that do not rise": lambda of: [*of[:-1], replace(of[-1], position=of[1].position)],
    "another stream's fact": _another_stream,
    "a key that died twice": lambda of: [of[0], of[1], replace(of[2], event=of[1].event)],
    "an expiry that cannot be read": lambda of: [
        *of[:-1],
        replace(of[-1], event=ExpiredEvent("records-expired")),
    ],
}


@pytest.mark.parametrize("what", NO_PLAN)
def test_what_is_no_plan_is_not_certified(what: str) -> None:
    broken = NO_PLAN[what](plans.facts(plans.keys(34), plans.keys(34)))

    with pytest.raises(CorruptRecordError):
        certificate_of(broken, ledger=plans.LEDGER, tree=LogTree(10_000, bytes(32)))


def test_a_tree_that_ends_before_the_plan_does_is_not_certified() -> None:
    of = plans.facts(plans.keys(34), plans.keys(34))

    assert plans.certified(of, beyond=5).tree.size == of[-1].position + 5
    with pytest.raises(ValueError, match="ends before"):
        plans.certified(of, beyond=-1)


# -- as the certificate itself tells a stranger to check it ------------------------------------

GOLDEN_LEDGER = Path(__file__).parents[1] / "format" / "golden" / "ledger.json"
_EVENTS = cast("list[dict[str, str]]", json.loads(GOLDEN_LEDGER.read_text("utf-8"))["events"])
LOG = [event["header"] for event in _EVENTS]


def _root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return sha256(b"\x00" + hashes[0]).digest()
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + _root(hashes[:half]) + _root(hashes[half:])).digest()


def _of_the_golden_ledger() -> Facts:
    found: Facts = []
    for position, text in enumerate(LOG, 1):
        header = read_header(text.encode())
        if header.type == RecordsExpired.TYPE:
            event = RecordsExpired(header.keys, {"events": 2, "keys": 1, "lookups": 3})
            plan = plans.planned(header.keys)
            plan_at = next(n for n, one in enumerate(LOG, 1) if '"expiry-planned"' in one)
            stream = header.stream
            found = [
                replace(plan, position=plan_at, stream=stream, at=header.at),
                Fact(position, stream, header.version, header.at, header.actor, event),
            ]
    return found


def test_a_stranger_can_check_a_certificate_as_it_says() -> None:
    of = _of_the_golden_ledger()
    leaves = (leaf_hash(event_hash(text.encode())) for text in LOG)
    tree = Frontier().appended(leaves)
    made = certificate_of(of, ledger="golden", tree=LogTree(tree.size, tree.root()))
    said: Any = json.loads(content(made))

    headers = LOG[: said["tree"]["size"]]
    hashes = [sha256(b"ppl/event/1\x00" + text.encode()).digest() for text in headers]
    assert _root(hashes).hex() == said["tree"]["root"]
    for erasure, one in zip(made.erasures, said["erasures"], strict=True):
        header: Any = json.loads(headers[erasure.position - 1])
        assert one["position"] == erasure.position
        assert header["type"] == "records-expired"
        assert header["stream"] == said["plan"]["stream"]
        assert header["keys"] == one["keys"]
        assert not _sealed_after(erasure.position, headers, one["keys"])
        # The search does find something when a later event is sealed under a dead key.
        assert _sealed_after(erasure.position, headers * 2, one["keys"]) == set(one["keys"])


def _sealed_after(position: int, headers: list[str], keys: list[str]) -> set[str]:
    later: list[Any] = [json.loads(text) for text in headers[position:]]
    return {header["sealed"]["key"] for header in later if "sealed" in header} & set(keys)


def test_an_event_that_is_no_expiry_is_refused() -> None:
    of = plans.facts(plans.keys(1), plans.keys(1))
    stranger: Any = HoldReleased("a reason")
    of[-1] = replace(of[-1], event=stranger)

    with pytest.raises(CorruptRecordError) as refused:
        plans.certified(of)
    assert "a reason" not in str(refused.value)
