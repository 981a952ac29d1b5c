"""A command whose events are appended in several transactions: its stream's version tells."""

import pytest

from ledger.crypto.pseudonyms import random_uuid
from ledger.envelope import Append
from ledger.errors import StreamMovedError
from ledger.store.append import Appended, Appender
from ledger.store.reads import Reads
from tests.database import Database
from tests.store.samples import new_transfer, one, sealed, writing


@pytest.mark.parametrize("at_once", [True, False])
def test_what_goes_on_is_appended_after_earlier_events_of_its_command(
    database: Database, *, at_once: bool
) -> None:
    stream, command = random_uuid(), random_uuid()
    begun = one(sealed(stream, 1, command))
    on = [Append((sealed(stream, version, command),), goes_on=True) for version in (2, 3)]
    with writing(database) as connections:
        appender = Appender(connections)
        if at_once:
            *results, repeat = appender.append([begun, *on, new_transfer(), begun])
            assert repeat == Appended((1,), known=True)
        else:
            results = [appender.append([append])[0] for append in (begun, *on, new_transfer())]
        assert results == [Appended((position,)) for position in (1, 2, 3, 4)]
        assert Reads(connections).of_command(command) == [(stream, 1), (stream, 2), (stream, 3)]
        # The first one is a repeat by its command, what goes on by its version.
        assert appender.append([begun]) == [Appended((1, 2, 3), known=True)]
        [again] = appender.append([on[1]])
        [gap] = appender.append([Append((sealed(stream, 5, command),), goes_on=True)])
        assert isinstance(again, StreamMovedError)
        assert isinstance(gap, StreamMovedError)
        assert Reads(connections).head() == 4
