"""Two who change one transfer at once: neither change is lost."""

from datetime import date

import pytest

from api.contract import check
from ledger.commands import CorrectTransfer, LinkIdentifiers
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError
from ledger.service import Ledger, Sealer
from ledger.store.append import Appender
from ledger.transfers.whole_transfer import whole_data
from ledger.values import CheckedTransfer, Json
from tests.ledger.given import ACTOR, data, person
from tests.ledger.inside import Inside


def test_a_correction_that_comes_in_between_is_kept(house: Inside) -> None:
    transfer = house.record("t1", data("P1", purpose="配送")).transfer

    def change(changes: dict[str, Json]) -> CorrectTransfer:
        return CorrectTransfer(random_uuid(), ACTOR, transfer, changes, "誤記")

    inside = house.house
    between = [change({"items": ["氏名"]})]

    def checked(content: object, today: date) -> CheckedTransfer:
        # The other one comes after this one has read what stands, and before it appends.
        if between:
            house.ledger.correct(between.pop(), house.now)
        return check(content, today)

    sealer = Sealer(inside.keys, inside.secret, inside.name)
    appender = Appender(inside.writer)
    ledger = Ledger(inside.streams, sealer, appender.append, checked)
    ledger.correct(change({"purpose": "分析"}), house.now)
    state = inside.streams.transfer_state(transfer)
    assert state is not None
    assert state.version == 3
    assert whole_data(state) == data("P1", purpose="分析", items=["氏名"])


def test_two_spellings_of_one_identifier_are_no_pair(house: Inside) -> None:
    command = LinkIdentifiers(random_uuid(), ACTOR, person("Q1"), person(" Q1 "), "住民票")
    with pytest.raises(MalformedError) as refused:
        house.ledger.link(command, house.now)
    assert [defect.code for defect in refused.value.defects] == ["SAME_IDENTIFIER"]
