"""A ledger is opened with the secret it was begun with."""

from contextlib import closing

import pytest

from ledger.store.connections import WRITER, Connections
from ledger.store.secret_check import OtherSecretError, check_secret
from tests.database import Database

OURS, OTHER = b"\x01" * 16, b"\x02" * 16


def test_the_first_secret_is_the_only_one_that_opens_the_ledger(database: Database) -> None:
    with closing(Connections(database.urls.writer, WRITER)) as connections:
        check_secret(connections, OURS)
        check_secret(connections, OURS)
        with pytest.raises(OtherSecretError):
            check_secret(connections, OTHER)
