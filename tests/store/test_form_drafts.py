"""Drafts of forms and names of officers: sealed, the newest alone, and gone with their key."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.errors import CorruptRecordError
from ledger.lifetimes import draft_day, officer_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.form_drafts import DRAFT_BYTES_MAX, FormDraft, FormDrafts
from ledger.store.keys import KeyRows
from ledger.store.officer_names import TOLD_BYTES_MAX, OfficerNames, OfficerTold
from tests.database import LEDGER_NAME
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = timedelta(days=1)
OFFICER, OTHER = "0" * 32, "1" * 32
TOLD = "佐藤　明子".encode()
DIES = officer_day(AT, 400)
SECRET = LedgerSecret(bytes(32), LEDGER_NAME)


def ring(kept: Retained) -> KeyRing:
    return KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)


@pytest.fixture
def drafts(kept: Retained) -> FormDrafts:
    return FormDrafts(kept.writer, ring(kept), SECRET)


@pytest.fixture
def names(kept: Retained) -> OfficerNames:
    return OfficerNames(kept.writer, ring(kept), SECRET)


def test_a_draft_is_found_by_who_typed_it_in_that_form_until_its_day_and_the_newest_wins(
    drafts: FormDrafts,
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed", AT)
    assert drafts.find(OTHER, "new-case", AT) is None
    assert drafts.find(OFFICER, "other", AT) is None
    drafts.keep(OFFICER, "new-case", b"typed on", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed on", AT)
    last = draft_day(AT) - AT.date()
    assert drafts.find(OFFICER, "new-case", AT + last - DAY) is not None
    assert drafts.find(OFFICER, "new-case", AT + last) is None
    drafts.forget(OFFICER, "new-case")
    assert drafts.find(OFFICER, "new-case", AT) is None
    with pytest.raises(ValueError, match="longer"):
        drafts.keep(OFFICER, "new-case", bytes(DRAFT_BYTES_MAX + 1), AT)


def test_of_each_officer_the_newest_sign_in_is_told_until_its_day_and_none_sets_it_back(
    names: OfficerNames,
) -> None:
    names.keep(OFFICER, b"before", AT, DIES)
    names.keep(OTHER, b"other", AT + DAY, DIES)
    names.keep(OFFICER, TOLD, AT + 2 * DAY, DIES)
    names.keep(OFFICER, b"slow", AT + DAY, DIES)
    both = [OfficerTold(TOLD, AT + 2 * DAY), OfficerTold(b"other", AT + DAY)]
    assert names.all(AT) == both
    last = DIES - AT.date()
    assert names.all(AT + last - DAY) == both
    assert names.all(AT + last) == []
    with pytest.raises(ValueError, match="longer"):
        names.keep(OFFICER, bytes(TOLD_BYTES_MAX + 1), AT, DIES)


def test_one_person_is_forgotten_or_everybody_who_stays_away(names: OfficerNames) -> None:
    for days, actor in enumerate((OFFICER, OTHER, "2" * 32)):
        names.keep(actor, actor.encode(), AT + days * DAY, DIES)
    assert names.forget(OTHER)
    assert not names.forget(OTHER)
    assert names.forget_before(AT + 2 * DAY) == 1
    assert [one.told for one in names.all(AT)] == [b"2" * 32]


def test_the_table_tells_neither_the_name_nor_whose_it_is_and_a_changed_row_does_not_open(
    kept: Retained, names: OfficerNames
) -> None:
    names.keep(OFFICER, TOLD + OFFICER.encode(), AT, DIES)
    names.keep(OTHER, b"other", AT, DIES)
    with psycopg.connect(kept.database.urls.owner) as owner:
        rows = owner.execute("SELECT n::text FROM ledger.officer_names AS n").fetchall()
        for secret in (TOLD, OFFICER.encode(), bytes.fromhex(OFFICER)):
            assert secret.hex() not in str(rows)
        owner.execute(
            "UPDATE ledger.officer_names"
            " SET sealed = (SELECT max(sealed) FROM ledger.officer_names)"
        )
    with pytest.raises(CorruptRecordError):
        names.all(AT)


def test_both_count_with_what_dies_and_are_deleted_with_their_key(
    kept: Retained, drafts: FormDrafts, names: OfficerNames
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    names.keep(OFFICER, TOLD, AT, DIES)
    kept.index()
    for day in (draft_day(AT), DIES):
        [due] = ExpiryQueries(kept.reader).due(day)
        assert due.events == 1
        assert kept.expire(due.key_id).events == 1
    assert (drafts.find(OFFICER, "new-case", AT), names.all(AT)) == (None, [])
