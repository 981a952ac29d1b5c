"""Every event hashed again: what differs first is named."""

from pathlib import Path

import pytest

from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiles import Tile
from projections.log.event_check import first_fault
from tests.log.signing import Place, leaf


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_full_tile_that_is_missing_or_changed_is_named_by_the_check(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    content = place.folder.read(Tile(0, 0))
    place.folder.write([(Tile(0, 0), content[:64] + leaf(7, "other") + content[96:])])
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, "tile/0/000")
    assert "damaged" in fault.text
    (place.path / "log/tile/0/000").unlink()
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, "tile/0/000")


def test_the_check_names_the_first_event_that_was_changed(place: Place) -> None:
    place.grow(600)
    signed = place.integrator().step()
    for changed in (599, 400, 0):
        place.events[changed] = leaf(changed, "changed")
        fault = first_fault(signed, place.events, place.folder.read)
        assert fault is not None
        assert fault.position == changed + 1


def test_the_check_names_where_a_ledger_ends_too_early(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    fault = first_fault(signed, place.events[:270], place.folder.read)
    assert fault is not None
    assert fault.position == 271


def test_the_check_names_a_checkpoint_that_is_of_no_tile(place: Place) -> None:
    place.grow(300)
    signed = place.integrator().step()
    other = Checkpoint(signed.origin, signed.size, leaf(0))
    fault = first_fault(other, place.events, place.folder.read)
    assert fault is not None
    assert (fault.position, fault.tile) == (None, None)


@pytest.mark.parametrize("kept", [270, 256, 200])
def test_the_check_names_where_a_shorter_ledger_went_on_as_another_one(
    place: Place, kept: int
) -> None:
    place.grow(300)
    signed = place.integrator().step()
    del place.events[kept:]
    place.grow(280 - kept, "after the restore")
    fault = first_fault(signed, place.events, place.folder.read)
    assert fault is not None
    assert fault.position == kept + 1
