"""`ledger keys list|confirm|revoke`: what they say of rows that somebody wrote or changed."""

from pathlib import Path

import psycopg
import pytest

from tests.database import Database
from tests.serving.sealed_place import Place


@pytest.fixture
def place(tmp_path: Path, database: Database) -> Place:
    return Place(tmp_path, database)


def states(place: Place) -> dict[str, str]:
    """Id → state of each key, as the list tells them."""
    code, lines = place.run("list")
    assert code == 0, lines
    cells = [[cell.strip() for cell in line.split("│")] for line in lines if "│" in line]
    return {one[1]: one[3] for one in cells}


def test_keys_of_before_rows_had_macs_are_confirmed_by_their_ids_and_changed_ones_never(
    place: Place, database: Database
) -> None:
    for label in ("old", "changed", "new"):
        code, lines = place.run("create", "--label", label, "--scope", "records:read")
        assert code == 0, lines
    with psycopg.connect(database.urls.owner) as connection:
        ids = dict(connection.execute("SELECT label, id FROM ledger.api_keys").fetchall())
        connection.execute("UPDATE ledger.api_keys SET mac = NULL WHERE label = 'old'")
        connection.execute("UPDATE ledger.api_keys SET label = 'c' WHERE label = 'changed'")
    old, changed, new = (ids[label] for label in ("old", "changed", "new"))
    assert states(place) == {old: "unconfirmed", changed: "altered", new: "valid"}
    code, lines = place.run("confirm", old, changed)
    assert code == 1
    assert f"{changed}: there is no unconfirmed key with this id" in lines
    assert states(place) == {old: "valid", changed: "altered", new: "valid"}


def test_no_key_is_made_under_another_secret(place: Place) -> None:
    assert place.run("create", "--label", "a", "--scope", "records:read")[0] == 0
    given = {"LEDGER_SECRET_FILE": "", "LEDGER_SECRET": "ab" * 32}
    code, lines = place.run("create", "--label", "b", "--scope", "records:read", **given)
    assert code == 1
    assert "the ledger secret is not the one this ledger was begun with" in lines[-1]
    assert len(states(place)) == 1
