"""What comes while a run is on its way: it ends, and nothing goes that is needed by then."""

import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import cycle
from typing import Any, Final

import psycopg
import pytest
from typing_extensions import override

from api.contract import check
from ledger.clock import day_in_japan
from ledger.commands import LinkIdentifiers, ReceiveDirective, RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.format.envelope import SealedEvent
from ledger.retention.expiry_write import (
    AppendCheck,
    BeforeCommit,
    DestroyedKeys,
    ExpiryBatch,
    ExpiryWriter,
    refuse_bases,
)
from projections.expired_rows import forget
from tests.ledger.excluding import second_house
from tests.ledger.given import ACTOR, SOURCE, data, person
from tests.retaining.keeper import Keeper, retaining
from tests.retaining.test_holds_and_copies import told
from tests.retaining.test_kept_by_each_other import BASED, DAY, LAST, SHUT, nothing_is_wrong

SERIES: Final = {"method": "collective", "series_id": "S"}


class Late(ExpiryWriter):
    """Something happens once the run has looked for the last time: before it deletes, or after."""

    happens: Callable[[], object]
    is_after: bool

    @override
    def expire(
        self,
        batches: Sequence[ExpiryBatch],
        checked: int,
        before_commit: BeforeCommit | None = None,
        check: AppendCheck = refuse_bases,
    ) -> list[DestroyedKeys]:
        first, *others = batches
        if not self.is_after:
            self.happens()
            return super().expire(batches, checked, before_commit, check)

        def seal(counts: Mapping[str, int]) -> SealedEvent:
            self.happens()
            return first.seal(counts)

        return super().expire([replace(first, seal=seal), *others], checked, before_commit, check)


def late(kept: Keeper, happens: Callable[[], object], *, is_after: bool) -> None:
    house = kept.inside.house
    made = Late(house.purger, forget, house.secret.event_mac)
    made.happens, made.is_after = happens, is_after
    house.expiring = made
    kept.retaining = retaining(kept.inside, kept.inside.follow)


def once(happens: Callable[[], object]) -> Callable[[], None]:
    left = [happens]

    def first() -> None:
        if left:
            left.pop()()

    return first


@contextmanager
def sending(
    kept: Keeper, contents: Iterable[dict[str, Any]], seconds: float
) -> Generator[list[int]]:
    """Another process records one after the other; their positions."""
    stop, sent = threading.Event(), list[int]()

    def send() -> None:
        with closing(second_house(kept.inside)) as other:
            ledger = other.ledger()
            for content in contents:
                checked = check(content, day_in_japan(kept.inside.now))
                one = RecordTransfer(random_uuid(), ACTOR, SOURCE, f"s{len(sent)}", checked, 0)
                sent.extend(done.position for done in ledger.record([one], kept.inside.now))
                if stop.wait(seconds):
                    return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        while len(sent) < 3 and thread.is_alive():
            time.sleep(0.01)
        yield sent
    finally:
        stop.set()
        thread.join()


# -- links and stops ------------------------------------------------------------------------------


def linked_and_stopped(kept: Keeper) -> None:
    """A link of P1 and P2 and a stop of P3, of whom no record is left."""
    kept.on(DAY)
    kept.sent("other", "P9")
    link = LinkIdentifiers(random_uuid(), ACTOR, person("P1"), person("P2"), "会員台帳")
    kept.inside.ledger.link(link, kept.inside.now)
    stop = ReceiveDirective(
        random_uuid(), ACTOR, person("P3"), "consent_withdrawn", date.fromisoformat(DAY)
    )
    kept.inside.ledger.direct(stop, kept.inside.now)
    kept.on(LAST)
    kept.plan()


def of_persons(kept: Keeper) -> list[tuple[str, date | None]]:
    with psycopg.connect(kept.inside.database.admin) as admin:
        return admin.execute(
            "SELECT key_class, day FROM ledger.data_keys"
            " WHERE key_class IN ('link', 'directive') ORDER BY 1"
        ).fetchall()


@pytest.mark.parametrize("is_after", [False, True])
def test_a_record_that_comes_while_a_run_is_on_its_way_keeps_the_link_and_the_stop_of_its_person(
    kept: Keeper, *, is_after: bool
) -> None:
    linked_and_stopped(kept)

    def happens() -> None:
        kept.sent("late", "P2")
        kept.sent("stopped", "P3")

    late(kept, once(happens), is_after=is_after)
    kept.expire()
    assert [key_class for key_class, _ in of_persons(kept)] == ["directive", "link"]
    assert len(kept.inside.page("P1").entries) == 1
    assert kept.living() == {"late", "stopped"}
    nothing_is_wrong(kept)


def test_records_of_others_that_come_keep_no_link_and_no_stop(kept: Keeper) -> None:
    linked_and_stopped(kept)
    count = iter(range(9))
    late(kept, lambda: kept.sent(f"late{next(count)}", "P8"), is_after=True)
    kept.expire()
    assert of_persons(kept) == []


PAIRS: Final = 24


def test_no_link_goes_behind_a_record_of_its_person_whenever_that_comes(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("other", "P9")
    for number in range(PAIRS):
        names = person(f"A{number}"), person(f"B{number}")
        kept.inside.ledger.link(
            LinkIdentifiers(random_uuid(), ACTOR, *names, "会員台帳"), kept.inside.now
        )
    kept.on(LAST)
    kept.plan()
    today = kept.today.isoformat()
    contents = (data(f"B{number}", transferred_on=today) for number in range(PAIRS))
    with sending(kept, contents, 0.02) as sent:
        report = kept.expire()
    kept.inside.follow()
    gone = max((one.position for one in report.expired), default=0)
    found = [len(kept.inside.page(f"A{number}").entries) for number in range(len(sent))]
    assert found == [int(position < gone) for position in sent]
    assert sum(found) >= 3
    nothing_is_wrong(kept)


# -- bases ----------------------------------------------------------------------------------------


def based(kept: Keeper, key: str, base: str, *who: str) -> None:
    kept.sent(key, *(who or ("P9",)), **BASED, base_record=base)


@pytest.mark.parametrize("is_after", [False, True])
def test_a_base_that_is_named_while_a_run_is_on_its_way_is_copied_in_it(
    kept: Keeper, *, is_after: bool
) -> None:
    kept.on(DAY)
    kept.sent("root", "P1")
    based(kept, "base", "root", "P1", "P2")
    kept.sent("victim", "P3")
    kept.on(LAST)
    kept.plan()
    count = iter(range(9))
    late(kept, lambda: based(kept, f"late{next(count)}", "base", "P1"), is_after=is_after)
    report = kept.expire()
    # In its one transaction, that anew for nobody.
    assert (report.carried, len(report.expired), next(count)) == (2, 1, 1)
    assert kept.living() == {"late0", "base", "root"}
    [entry] = [one for one in told(kept, "P1") if one.transfer == kept.transfers["base"]]
    assert len(entry.lines) == 1
    nothing_is_wrong(kept)


def test_a_series_that_is_named_as_base_while_a_run_is_on_its_way_stays(kept: Keeper) -> None:
    kept.on(DAY)
    kept.sent("m", "P1", **SERIES)
    kept.sent("c", "P1", **{**SERIES, **SHUT})
    kept.sent("victim", "P3")
    kept.on(LAST)
    kept.plan()
    late(kept, once(lambda: based(kept, "late", "m")), is_after=True)
    kept.expire()
    assert kept.living() == {"late", "m", "c"}


@pytest.mark.parametrize("count", [1, 40])
def test_a_run_ends_although_an_emitter_goes_on_to_name_what_is_due(
    kept: Keeper, count: int
) -> None:
    kept.on(DAY)
    bases = [f"old{number}" for number in range(count)]
    for key in bases:
        kept.sent(key, "P9")
    kept.sent("victim", "P1")
    kept.on(LAST)
    kept.plan()
    today = kept.today.isoformat()
    contents = (
        data("P9", **BASED, base_record=base, transferred_on=today) for base in cycle(bases)
    )
    with sending(kept, contents, 0.02) as sent:
        before = len(sent)
        report = kept.expire()
        assert len(sent) > before
    kept.inside.follow()
    assert len(report.expired) == 1
    assert "victim" not in kept.living()
    assert kept.living() <= set(bases)
    named = {bases[number % count] for number in range(len(sent))}
    assert len(kept.living()) <= len(named)
    nothing_is_wrong(kept)
