"""Rows of the key ring that somebody changed who writes to the database.

Attack: whoever writes to the database, and holds no epoch master, puts the key of one person's or
case's object in the place of another's: what is sealed for the one from then on would be read, or
die, with the other. Or gives a key another class or day of death.

Held off by: what a wrapped key is bound to, its id, class, day and owner (`ppl/wrap/2`): such a row
does not open, and nothing is sealed under it.
"""

from typing import Final
from uuid import UUID

import psycopg
import pytest

from ledger.errors import CorruptRecordError
from tests.database import Database
from tests.ledger.inside import inside

MINE, THEIRS = UUID(int=1), UUID(int=2)
_SET: Final = "UPDATE ledger.data_keys AS one SET "
_BOTH: Final = " WHERE owner IN (%(mine)s, %(theirs)s)"
_OTHERS: Final = (
    "wrapped = (SELECT wrapped FROM ledger.data_keys AS other"
    " WHERE other.owner IN (%(mine)s, %(theirs)s) AND other.owner <> one.owner)"
)
SWAPS: Final = {
    "their owners": (
        _SET + "owner = %(none)s WHERE owner = %(mine)s",
        _SET + "owner = %(mine)s WHERE owner = %(theirs)s",
        _SET + "owner = %(theirs)s WHERE owner = %(none)s",
    ),
    "what is wrapped": (_SET + _OTHERS + _BOTH,),
    "their class": (_SET + "key_class = 'series'" + _BOTH,),
    "their day": (_SET + "day = '2099-01-01'" + _BOTH,),
}


@pytest.mark.parametrize("what", SWAPS)
def test_a_key_that_was_put_in_the_place_of_another_does_not_open(
    database: Database, what: str
) -> None:
    with inside(database) as house:
        keys = house.house.keys
        mine, theirs = (keys.key_for("case", owner=owner) for owner in (MINE, THEIRS))
        keys.forget([mine.id, theirs.id])
        with psycopg.connect(database.admin) as connection:
            connection.execute("ALTER TABLE ledger.data_keys DISABLE TRIGGER ALL")
            for statement in SWAPS[what]:
                values = {"mine": MINE, "theirs": THEIRS, "none": UUID(int=3)}
                connection.execute(statement.encode(), values)
        for key in (mine, theirs):
            with pytest.raises(CorruptRecordError):
                keys.open([key.id])
        for owner in (MINE, THEIRS):
            with pytest.raises(CorruptRecordError):
                keys.key_for("series" if what == "their class" else "case", owner=owner)
