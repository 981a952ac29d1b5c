"""Drafts of forms: one's own, sealed, the newest wins, and gone with their key."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.crypto.epoch import demo_masters
from ledger.crypto.keyring import KeyRing
from ledger.crypto.pseudonyms import LedgerSecret
from ledger.lifetimes import draft_day
from ledger.retention.expiry_queries import ExpiryQueries
from ledger.store.form_drafts import DRAFT_BYTES_MAX, FormDraft, FormDrafts
from ledger.store.keys import KeyRows
from tests.database import LEDGER_NAME
from tests.store.retained import Retained

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
OFFICER, OTHER = "0" * 32, "1" * 32


@pytest.fixture
def drafts(kept: Retained) -> FormDrafts:
    keys = KeyRing(KeyRows(kept.writer), demo_masters(), LEDGER_NAME, lambda: AT)
    return FormDrafts(kept.writer, keys, LedgerSecret(bytes(32), LEDGER_NAME))


def test_a_draft_is_found_by_who_typed_it_in_that_form_alone(drafts: FormDrafts) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    assert drafts.find(OFFICER, "new-case", AT) == FormDraft(b"typed", AT)
    assert drafts.find(OTHER, "new-case", AT) is None
    assert drafts.find(OFFICER, "other", AT) is None


def test_the_newest_draft_wins_and_a_forgotten_one_is_gone(drafts: FormDrafts) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    later = AT + timedelta(days=1)
    drafts.keep(OFFICER, "new-case", b"typed on", later)
    assert drafts.find(OFFICER, "new-case", later) == FormDraft(b"typed on", later)
    drafts.forget(OFFICER, "new-case")
    assert drafts.find(OFFICER, "new-case", later) is None


def test_a_draft_is_not_shown_past_its_day(drafts: FormDrafts) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    last = draft_day(AT) - AT.date()
    assert drafts.find(OFFICER, "new-case", AT + last - timedelta(days=1)) is not None
    assert drafts.find(OFFICER, "new-case", AT + last) is None


def test_a_draft_that_no_form_can_have_is_refused(drafts: FormDrafts) -> None:
    with pytest.raises(ValueError, match="longer"):
        drafts.keep(OFFICER, "new-case", bytes(DRAFT_BYTES_MAX + 1), AT)


def test_a_draft_counts_with_what_dies_and_is_deleted_with_its_key(
    kept: Retained, drafts: FormDrafts
) -> None:
    drafts.keep(OFFICER, "new-case", b"typed", AT)
    kept.index()
    [due] = ExpiryQueries(kept.reader).due(draft_day(AT))
    assert due.events == 1
    expired = kept.expire(due.key_id)
    assert expired.events == 1
    assert drafts.find(OFFICER, "new-case", AT) is None
