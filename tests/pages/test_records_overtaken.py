"""A record that somebody changed while another one had its form open: nothing is undone."""

from typing import cast
from uuid import UUID

import pytest

from api.web.items import random_command
from api.web.services import Services
from ledger.commands import CorrectTransfer, RetractTransfer
from ledger.errors import StreamMovedError
from ledger.service import CommandReceipt
from ledger.values import Json
from tests.pages.office import Office
from tests.pages.test_correcting import LAWLESS, now, types
from tests.pages.watching import recorded


def test_the_ledger_itself_takes_nothing_that_was_made_of_another_version(office: Office) -> None:
    """What comes between the look of a page and its append is seen by the append."""
    transfer = UUID(recorded(office, **LAWLESS)["transfer"])
    group = cast("Services", office.app.state.services).group
    changes: dict[str, Json] = {"items": ["氏名"]}

    def correct(seen: int) -> CommandReceipt:
        command = CorrectTransfer(random_command(), "a" * 32, transfer, changes, "理由")
        return group.call(lambda ledger, at: ledger.correct(command, at, seen=seen))

    def retract(seen: int) -> CommandReceipt:
        command = RetractTransfer(random_command(), "a" * 32, transfer, "duplicate")
        return group.call(lambda ledger, at: ledger.retract(command, at, seen=seen))

    for seen in (0, 2):
        for attempt in (correct, retract):
            with pytest.raises(StreamMovedError):
                attempt(seen)
    correct(1)
    with pytest.raises(StreamMovedError):
        retract(1)
    retract(2)
    assert types(now(office, str(transfer)))[1:] == ["transfer-corrected", "transfer-retracted"]
