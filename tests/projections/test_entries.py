"""Index rows: pure, from opened events."""

import dataclasses

from ledger.crypto.pseudonyms import LedgerSecret
from ledger.format.events import IdentifiersLinked
from projections.entries import rows
from tests.ledger.given import corrected, data, person, recorded, state_after
from tests.ledger.test_drafts import opened

SECRET = LedgerSecret(bytes(range(32)), "test-ledger")


def key(identifier: str, scheme: str = "member") -> bytes:
    return SECRET.principal_key(scheme, identifier)


def test_each_line_is_a_row_and_two_lines_of_one_person_are_one() -> None:
    content = data("P1", "P2", " P1 ")
    found = rows([opened(recorded(content))], SECRET)
    assert found.entries == tuple(sorted([(key("P1"), 9, None), (key("P2"), 9, None)]))
    assert found.reliances == ()


def test_a_correction_adds_rows_for_the_lines_it_changes_only() -> None:
    state = state_after(recorded(data("P1", "P2")))
    people = [{"scheme": "member", "id": one} for one in ("P1", "P9")]
    found = rows([opened(corrected(state, {"principals": people}))], SECRET)  # pyright: ignore[reportArgumentType] -- JSON
    assert found.entries == ((key("P9"), 9, None),)


def test_what_names_a_notice_is_found_when_the_notice_comes_late() -> None:
    content = data(basis="opt_out_27_2", notice_id="OO", consent=None)
    found = rows([opened(recorded(content))], SECRET)
    assert found.reliances == ((SECRET.lookup_key("notice", b"OO"), 9),)
    none_named = data(basis="joint_use_27_5_iii", consent=None, purpose="④")
    none_named["notice_id"] = None
    assert rows([opened(recorded(none_named))], SECRET).reliances == ()


def test_what_is_no_transfers_record_or_has_expired_has_no_row() -> None:
    link = opened(IdentifiersLinked(person("P1"), person("P2"), "住民票"))
    dead = opened(recorded(data()), is_alive=False)
    assert rows([link, dead], SECRET).entries == ()


def test_rows_come_sorted_and_once_whatever_the_order_of_the_events() -> None:
    one = opened(recorded(data("P2", "P1")))
    two = dataclasses.replace(one, position=3)
    assert rows([one, two, one], SECRET) == rows([two, one], SECRET)
    assert list(rows([one, two], SECRET).entries) == sorted(rows([one, two], SECRET).entries)
