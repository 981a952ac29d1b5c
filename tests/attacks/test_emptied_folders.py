"""A bag that is being made, and whoever may remove what lies among the temporary files.

Attack: on one machine and under one login a second ledger is started (a demo beside production), or
something cleans the temporary files, while a bag is made there: an empty bag, or half of one, is
put on record and handed out.

Held off by: whoever makes a bag holds a lock of its folder, and a keeper that starts leaves what is
locked, whichever ledger it is of; what was packed is compared with the manifests of the bag, and
with the hash that its event tells. An export of which anything is missing has failed
(`INTERRUPTED`).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

import pytest

from api.resources.exports import maker
from ledger.exports import bag
from tests.database import Database
from tests.exports.test_aside import Desk
from tests.ledger.given import data
from tests.ledger.inside import inside
from tests.postgres.backups import FAST, database_of
from tests.postgres.temporary import temporary_server


@pytest.fixture
def desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with inside(database) as house:
        house.record("t1", data("P1"))
        yield Desk(house, house.house.exports())


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Path], object]) -> None:
    """What happens between the making of a bag and its packing."""

    def packed(made: Path, top: str, target: IO[bytes]) -> Mapping[str, str]:
        happens(made)
        return bag.packed(made, top, target)

    monkeypatch.setattr(maker, "packed", packed)


def test_the_keeper_of_another_ledger_leaves_a_bag_that_is_being_made(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = desk.ask()
    with temporary_server(FAST) as server, inside(database_of(server)) as other:
        meanwhile(monkeypatch, lambda _: maker.tidy(other.house.exports()))
        assert desk.maker.make_next()
    assert (desk.find(export).state, desk.find(export).error) == ("ready", None)
    assert desk.is_whole(export)


EMPTIED: Final[Mapping[str, Callable[[Path], object]]] = {
    "the folder": lambda made: shutil.rmtree(made.parent),
    "all files": lambda made: [one.unlink() for one in made.rglob("*") if one.is_file()],
    "one file": lambda made: (made / "data" / "records.csv").unlink(),
    "the payload, manifests and all": lambda made: (
        shutil.rmtree(made / "data"),
        (made / bag.MANIFEST).write_text(""),
    ),
    "the content of a file": lambda made: (made / "data" / "records.csv").write_text(""),
}


@pytest.mark.parametrize("what", EMPTIED)
def test_a_bag_of_which_something_is_gone_is_not_put_on_record(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    export = desk.ask()
    meanwhile(monkeypatch, EMPTIED[what])
    assert desk.maker.make_next()
    assert (desk.find(export).state, desk.find(export).error) == ("failed", "INTERRUPTED")
    assert desk.on_record() == []
