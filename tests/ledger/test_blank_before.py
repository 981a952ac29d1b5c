"""A record accepted before its blank item was refused stands, and takes what is found later."""

import pytest

from ledger.commands import CorrectTransfer, ReclassifyTransfer, RecordTransfer
from ledger.crypto.pseudonyms import random_uuid
from ledger.errors import MalformedError, NothingToChangeError
from ledger.values import CheckedTransfer
from tests.ledger.given import ACTOR, PARTY, SOURCE, data
from tests.ledger.inside import Inside


def test_a_blank_item_of_an_old_record_refuses_no_new_verdict(house: Inside) -> None:
    # given: as the contract took it once
    old = CheckedTransfer(data(counterparty={**PARTY, "address": "\u3000"}))
    [outcome] = house.send([RecordTransfer(random_uuid(), ACTOR, SOURCE, "t1", old)])
    state = house.house.streams.transfer_state(outcome.transfer)
    assert state is not None
    assert state.record is not None
    assert state.record.verdict.lawful

    # when: it is judged anew, and nothing has changed
    again = ReclassifyTransfer(random_uuid(), ACTOR, outcome.transfer, {}, "再判定")
    with pytest.raises(NothingToChangeError):
        house.ledger.correct(again, house.now)

    # then: only who corrects it says what was left blank
    change = CorrectTransfer(random_uuid(), ACTOR, outcome.transfer, {"items": ["氏名"]}, "誤記")
    with pytest.raises(MalformedError) as refused:
        house.ledger.correct(change, house.now)
    assert [(one.pointer, one.code) for one in refused.value.defects] == [
        ("/counterparty/address", "BLANK")
    ]
