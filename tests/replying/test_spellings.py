"""Identifiers that are typed in another width or case, or with another hyphen, than is recorded."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

import pytest

from ledger.cases.events.case import CaseDecided
from ledger.cases.namesakes import spelled_otherwise
from ledger.cases.points import QUARANTINE
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import MalformedError
from ledger.values import PrincipalRef
from tests.ledger.case_given import ABSENT
from tests.replying.desk import MEMBER, Desk
from tests.replying.test_namesakes import REASON, points, rejected, searched, verified

KEPT: Final = PrincipalRef("member", "P-20")
OTHER: Final = PrincipalRef("email", "p20@example.jp")
TYPED: Final = ("Ｐ-20", "p-20", "P‐20", "P−20", "P–20", "Ｐー２０", "ｐ－２０", " Ｐ‑２０ ")
SPELLED_MAX: Final = 8


def tried(desk: Desk, typed: str, *left_out: PrincipalRef, **said: object) -> Desk:
    """Search by what was typed; nobody is the person, unless `said` has it."""
    return tried_too(desk, PrincipalRef("member", typed), *left_out, **said)


def tried_too(desk: Desk, typed: PrincipalRef, *left_out: PrincipalRef, **said: object) -> Desk:
    refs = (MEMBER, ABSENT, typed)
    body = {"tried": [{"scheme": one.scheme, "id": one.id} for one in refs], **said}
    return searched(desk, *left_out, **body)


def undecided(desk: Desk, typed: str) -> bool:
    try:
        tried(desk, typed)
    except MalformedError as refused:
        return [one.code for one in refused.defects] == ["CANDIDATE_NOT_DECIDED"]
    return False


@pytest.mark.parametrize("typed", TYPED)
def test_a_record_under_another_spelling_of_what_was_typed_is_decided_on(
    desk: Desk, typed: str
) -> None:
    verified(desk)
    desk.record(KEPT)
    assert undecided(desk, typed)
    tried(desk, typed, KEPT).decided()
    state = desk.state
    assert state.search is not None
    assert [(one.identifier, one.name, one.because) for one in state.search.left_out or ()] == [
        (KEPT, typed, REASON)
    ]
    assert isinstance(state.decision, CaseDecided)
    assert state.decision.outcome == "not_exist"


def test_a_record_in_full_width_or_lower_case_is_found_by_what_is_typed_in_ascii(
    desk: Desk,
) -> None:
    verified(desk)
    for kept in ("Ｐ－３１", "p-32", "ｐ－３３"):
        desk.record(PrincipalRef("member", kept))
    assert all(undecided(desk, one) for one in ("P-31", "P-32", "P-33"))
    assert not undecided(desk, "P-34")


def test_who_is_found_in_another_spelling_is_named_as_the_person(desk: Desk) -> None:
    verified(desk)
    desk.record(KEPT)
    tried(desk, "Ｐ-20", identifiers=[{"scheme": KEPT.scheme, "id": KEPT.id}])
    assert desk.state.search is not None
    assert (desk.state.search.provided, desk.state.search.left_out) == (1, None)


def test_a_late_record_in_another_spelling_voids_the_denial(desk: Desk) -> None:
    tried(verified(desk), "Ｐ-20").decided()
    assert desk.flags() == set()
    desk.late(PrincipalRef("member", "P-21"))
    assert desk.flags() == set(), "it is somebody else's"
    desk.late(KEPT)
    assert desk.flags() == {"DECISION_VOID"}
    tried(desk, "Ｐ-20", KEPT).decided()
    desk.late(KEPT)
    assert desk.flags() == set(), "it is decided on already"


def test_a_link_from_another_spelling_to_records_voids_the_denial(desk: Desk) -> None:
    verified(desk)
    desk.record(OTHER)
    tried(desk, "Ｐ-20").decided()
    desk.link(KEPT, OTHER)
    assert desk.flags() == {"DECISION_VOID"}


def excluded(desk: Desk) -> None:
    desk.exclude(desk.late(KEPT))


def hidden(desk: Desk) -> None:
    desk.hide(desk.late(KEPT), KEPT)


def lifted(desk: Desk) -> None:
    record = desk.late(KEPT)
    desk.exclude(record)
    desk.later(days=1)
    desk.lift(record)


def marked(desk: Desk) -> None:
    desk.late(KEPT, mark=2)


@pytest.mark.parametrize("act", [excluded, hidden, lifted, marked])
def test_a_record_in_another_spelling_that_is_hidden_or_was_changes_nothing(
    desk: Desk, act: Callable[[Desk], object]
) -> None:
    tried(verified(desk), "Ｐ-20").decided()
    act(desk)
    assert desk.flags() == set()


def test_a_record_in_another_spelling_that_is_hidden_at_the_search_needs_no_word(
    desk: Desk,
) -> None:
    verified(desk)
    record = desk.record(KEPT)
    desk.hide(record, KEPT)
    desk.record(PrincipalRef("member", "p-20"), mark=2)
    tried(desk, "Ｐ-20").decided()
    desk.hide(record, KEPT, lift=True)
    assert desk.flags() == set()


def test_a_rejected_item_in_another_spelling_is_a_thing_of_the_point(desk: Desk) -> None:
    tried(verified(desk), "Ｐ-20")
    rejected(desk, scheme="member", id="P-21")
    assert points(desk) == []
    rejected(desk, scheme="member", id="P-20")
    assert [one.kind for one in points(desk)] == [QUARANTINE]


def hashed(address: str) -> PrincipalRef:
    return PrincipalRef("email_hash", sha256(address.encode()).hexdigest())


def test_a_record_under_the_hash_of_an_address_is_decided_on_by_the_address(desk: Desk) -> None:
    verified(desk)
    kept = hashed("p20@example.jp")
    desk.record(kept)
    for address in (OTHER.id, "P20@Example.jp", "ｐ２０＠example.jp"):
        with pytest.raises(MalformedError) as refused:
            tried_too(desk, PrincipalRef("email", address))
        assert [one.code for one in refused.value.defects] == ["CANDIDATE_NOT_DECIDED"]
    tried_too(desk, OTHER, kept).decided()
    assert isinstance(desk.state.decision, CaseDecided)
    assert desk.state.decision.outcome == "not_exist"


def test_a_late_record_under_the_hash_of_an_address_voids_the_denial(desk: Desk) -> None:
    tried_too(verified(desk), OTHER).decided()
    desk.late(hashed("p21@example.jp"))
    assert desk.flags() == set(), "it is somebody else's"
    desk.late(hashed(OTHER.id))
    assert desk.flags() == {"DECISION_VOID"}


def test_a_rejected_item_with_the_hash_of_an_address_is_a_thing_of_the_point(desk: Desk) -> None:
    tried_too(verified(desk), OTHER)
    rejected(desk, scheme="email_hash", id=hashed("p21@example.jp").id)
    assert points(desk) == []
    rejected(desk, scheme="email_hash", id=hashed(OTHER.id).id)
    assert [one.kind for one in points(desk)] == [QUARANTINE]


def test_an_address_is_hashed_as_it_was_typed_and_in_its_normal_form() -> None:
    secret = LedgerSecret(bytes(32), "test-ledger")
    found = spelled_otherwise([PrincipalRef("email", " Ａ@Example.jp")], secret)
    lower = [hashed("A@Example.jp"), hashed("a@example.jp")]
    upper = [PrincipalRef(one.scheme, one.id.upper()) for one in lower]
    assert set(found) == {*lower, *upper}


def test_other_spellings_are_few_and_of_exact_schemes_alone() -> None:
    secret = LedgerSecret(bytes(32), "test-ledger")
    for typed in (*TYPED, "ß-ﬁ", "P-20"):
        one = PrincipalRef("member", typed)
        found = spelled_otherwise([one], secret)
        assert len(found) < SPELLED_MAX
        assert one not in found
    assert not spelled_otherwise([PrincipalRef("phone", "０９０−１２３４")], secret)
    kana = spelled_otherwise([PrincipalRef("member", "ﾃﾞｰﾀ-1")], secret)
    assert PrincipalRef("member", "データ-1") in kana
