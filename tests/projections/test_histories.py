"""Reading a person's history: waiting, pages, clusters, names."""

from datetime import date

import psycopg
import pytest

from ledger.commands import (
    LinkIdentifiers,
    ReceiveDirective,
    ReclassifyTransfer,
    UnlinkIdentifiers,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import PositionBeyondHeadError, ProjectionBehindError
from ledger.retention.persons import LinkedPersons
from ledger.transfers.reassessments import BEGIN, Reassessments
from ledger.values import PrincipalRef
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside


def link(house: Inside, a: PrincipalRef, b: PrincipalRef) -> int:
    command = LinkIdentifiers(random_uuid(), ACTOR, a, b, "住民票")
    return house.ledger.link(command, house.now).position


def unlink(house: Inside, a: PrincipalRef, b: PrincipalRef) -> int:
    command = UnlinkIdentifiers(random_uuid(), ACTOR, a, b, "取り違え")
    return house.ledger.link(command, house.now).position


def stop(house: Inside, who: str) -> int:
    command = ReceiveDirective(
        random_uuid(), ACTOR, person(who), "consent_withdrawn", date(2026, 1, 1)
    )
    return house.ledger.direct(command, house.now).position


def shown(house: Inside, *identifiers: str, as_of: int | None = None) -> list[int]:
    return [entry.position for entry in house.page(*identifiers, as_of=as_of).entries]


def test_a_row_that_leads_to_others_link_shows_nobody_to_strangers(house: Inside) -> None:
    """As a superuser writes it; the event in the log says whom the link is of."""
    house.record("t1", data("P1"))
    house.record("t2", data("P2"))
    house.record("t3", data("P3"))
    link(house, person("P2"), person("P3"))
    house.follow()
    key = house.house.streams.principal_key(person("P1"))
    with psycopg.connect(house.database.admin) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO ledger.lookups (kind, key, stream, key_id)"
            " SELECT kind, %b, stream, key_id FROM ledger.lookups WHERE kind = 'link' LIMIT 1",
            (key,),
        )
    assert shown(house, "P1") == [1]
    assert shown(house, "P2") == [2, 3]
    # Nor does it hide that link from who is no stranger.
    link(house, person("P1"), person("P2"))
    house.follow()
    assert shown(house, "P1") == shown(house, "P3") == [1, 2, 3]
    many = LinkedPersons(house.house.streams, [person("P1")])
    assert many.of([person("P1")]) == {
        house.house.streams.principal_key(person(one)) for one in ("P1", "P2", "P3")
    }


def test_a_reader_waits_for_the_position_it_names(house: Inside) -> None:
    house.record("t1")
    histories = house.house.histories
    with pytest.raises(ProjectionBehindError) as behind:
        histories.wait(1, seconds=0.05)
    assert (behind.value.position, behind.value.reached) == (1, 0)
    house.follow()
    assert histories.wait(1) == 1
    with pytest.raises(PositionBeyondHeadError) as beyond:
        histories.wait(2)
    assert (beyond.value.position, beyond.value.head) == (2, 1)


def test_links_make_one_person_and_unlinking_takes_one_link_away(house: Inside) -> None:
    for n in range(1, 5):
        house.record(f"t{n}", data(f"P{n}"))
    link(house, person("P1"), person("P2"))
    link(house, person("P3"), person("P2"))
    position = link(house, person("P3"), person("P4"))
    assert shown(house, "P1") == [1, 2, 3, 4]
    unlink(house, person("P2"), person("P3"))
    assert shown(house, "P1") == shown(house, "P2") == [1, 2]
    assert shown(house, "P4") == [3, 4]
    # An old position gives the old answer.
    assert shown(house, "P1", as_of=position) == [1, 2, 3, 4]
    assert shown(house, "P1", as_of=4) == [1]


def test_pages_are_full_and_their_cursors_tell_of_no_excluded_record(house: Inside) -> None:
    house.send([house.asked(f"t{n}", data("P1"), mark=n % 2) for n in range(6)])
    head = house.follow()
    pages: list[tuple[list[int], int | None]] = []
    cursor: int | None = None
    while not pages or cursor is not None:
        page = house.house.histories.page([person("P1")], head, cursor, 1)
        cursor = page.cursor
        pages.append(([entry.position for entry in page.entries], cursor))
    # Marked are 2, 4 and 6: no page is empty, no cursor names one, none follows the last entry.
    assert pages == [([1], 1), ([3], 3), ([5], None)]


def test_taking_a_link_away_proposes_what_the_stop_of_the_other_had_touched(
    house: Inside,
) -> None:
    stop(house, "P1")
    link(house, person("P1"), person("P2"))
    link(house, person("P2"), person("P3"))
    touched = house.record("t1", data("P3"))
    assert touched.persons_with_findings == 1
    cause = unlink(house, person("P2"), person("P1"))
    house.follow()
    reassessing = Reassessments(house.house.reader, house.house.streams)
    [proposal], _ = reassessing.page(BEGIN, 100)
    assert (proposal.transfer, proposal.cause_position) == (touched.transfer, cause)
    [changed] = proposal.persons
    assert (changed.principal, changed.after) == (person("P3"), None)
    command = ReclassifyTransfer(
        random_uuid(), ACTOR, touched.transfer, {}, "別人だった", proposal.cause_position
    )
    house.ledger.correct(command, house.now)
    house.follow()
    assert reassessing.page(BEGIN, 100) == ([], None)
    [entry] = house.page("P3").entries
    assert entry.verdict.findings == ()
