"""`ledger headers`: a stranger recomputes the root of the log from what it prints."""

from hashlib import sha256

from ledger.log.log_root import log_root
from tests.database import Database
from tests.merkle.reference import mth
from tests.serving.houses import SETTINGS, house_of, record
from tests.serving.processes import on_outer, run


def test_the_root_of_the_log_follows_from_the_headers_alone(database: Database) -> None:
    given = on_outer(database, SETTINGS)
    with house_of(database.urls) as house:
        record(house, "1", "2", "3")
        roots = {size: log_root(house.reader, size) for size in (2, 3)}
    for size, options in ((3, ()), (2, ("--size", "2"))):
        code, printed = run("headers", *options, given=given)
        lines = [line for line in printed.splitlines() if line.startswith('{"')]
        assert (code, len(lines)) == (0, size)
        # As the certificate's steps say, written anew.
        leaves = [sha256(b"ppl/event/1\0" + line.encode()).digest() for line in lines]
        assert mth(leaves) == roots[size]
    code, printed = run("headers", "--size", "4", given=given)
    assert code == 1
    assert "a position up to 4 is missing" in printed
