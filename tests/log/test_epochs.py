"""After a loss the log goes on in another epoch; nothing of an ended one is ever changed."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.crypto.notes import SignedNote
from ledger.crypto.seed_signer import RenamedSigner
from ledger.merkle import root_of
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiles import Tile
from projections.log.epochs import (
    NothingLostError,
    current,
    ended,
    epoch_of,
    folder_of,
    origin_of,
    published,
)
from projections.log.errors import AnchorLostError, AnchorMovedError, BrokenAnchorError
from projections.log.event_check import first_fault
from projections.log.integrator import Integrator
from tests.log.signing import KeyOfTest, Place, leaf
from tests.log.test_interrupted import FAULTS, Faulty, KilledError

NAME = KeyOfTest().name


def restored(path: Path, kept: int = 200, again: int = 0) -> Place:
    """A ledger that was signed at 300 events, and has `kept` of them and `again` others."""
    path.mkdir(exist_ok=True)
    place = Place(path)
    place.grow(300)
    place.integrator().step()
    del place.events[kept:]
    place.grow(again, "after the restore")
    return place


def following(place: Place, epoch: int = 2) -> Integrator:
    signer = RenamedSigner(KeyOfTest(), origin_of(NAME, epoch))
    root = place.path / "log"
    folder = folder_of(root, epoch)
    return Integrator(folder, place.anchor, signer, lambda: len(place.events), place.leaves)


def files(folder: Path) -> dict[str, bytes]:
    found = [one for one in folder.rglob("*") if one.is_file()]
    return {
        str(one.relative_to(folder)): one.read_bytes()
        for one in found
        if "epochs" not in one.relative_to(folder).parts
    }


def proven(place: Place, log: Integrator) -> Checkpoint:
    """What is published of the log is signed, and its tiles prove it."""
    note = SignedNote.read(log.folder.checkpoint() or "")
    note.verified([log.signer.verifier])
    told = Checkpoint.read(note.text)
    assert told.root == root_of(place.events[: told.size])
    assert first_fault(told, place.events, log.folder.read) is None
    return told


@given(
    st.sampled_from(["ledger.example.jp/main", "main", "a/b/c", "epoch-2/main", "x/epoch-3/y"]),
    st.integers(1, 10**6),
)
def test_each_epoch_has_one_name_which_ends_with_the_ledgers(name: str, epoch: int) -> None:
    origin = origin_of(name, epoch)
    assert epoch_of(name, origin) == epoch
    assert origin.rpartition("/")[2] == name.rpartition("/")[2]
    assert (origin == name) == (epoch == 1)


@pytest.mark.parametrize(
    "origin",
    [
        "ledger.example.jp/epoch-1/main",
        "ledger.example.jp/epoch-02/main",
        "ledger.example.jp/epoch-2/other",
        "ledger.example.jp/epoch-/main",
        "epoch-2/main",
        "ledger.example.jp/epoch-2/x/main",
        "",
    ],
)
def test_another_name_is_no_epoch(origin: str) -> None:
    assert epoch_of("ledger.example.jp/main", origin) is None


@pytest.mark.parametrize(
    ("kept", "again"), [(0, 0), (0, 400), (200, 0), (256, 100), (270, 20), (299, 1)]
)
def test_an_epoch_begins_where_the_histories_parted(tmp_path: Path, kept: int, again: int) -> None:
    place = restored(tmp_path / "log", kept, again)
    old, before = place.published(), files(tmp_path / "log" / "log")
    lost = ended(place.unbegun(), 1)
    assert (lost.parted_after, lost.checkpoint) == (kept, old)
    place.grow(1, "log-epoch-started")
    begun = following(place).follow(lost.note)
    assert (begun.origin, begun.size) == ("ledger.example.jp/epoch-2/test", kept + again + 1)
    assert files(tmp_path / "log" / "log") == before
    place.grow(300, "later")
    assert following(place).step().size == kept + again + 301
    proven(place, following(place))
    root = tmp_path / "log" / "log"
    assert published(root) == [1, 2]
    assert current(NAME, root, place.anchor.read()) == current(NAME, root, None) == 2


def test_who_stood_by_with_the_old_name_signs_nothing(tmp_path: Path) -> None:
    place = restored(tmp_path / "log")
    stand_by = place.unbegun()
    following(place).follow(ended(place.unbegun(), 1).note)
    place.grow(200, "enough to be as long again")
    with pytest.raises(BrokenAnchorError):
        stand_by.step()
    assert place.published().size == 300


def test_an_epoch_may_end_too(tmp_path: Path) -> None:
    place = restored(tmp_path / "log")
    following(place).follow(ended(place.unbegun(), 1).note)
    del place.events[100:]
    lost = ended(following(place), 2)
    assert (lost.epoch, lost.parted_after, lost.checkpoint.size) == (2, 100, 200)
    begun = following(place, 3).follow(lost.note)
    assert begun.origin == "ledger.example.jp/epoch-3/test"


def _damaged(place: Place) -> None:
    place.folder.write([(Tile(0, 0), leaf(7, "other") * 256)])


def _untouched(place: Place) -> None:
    assert len(place.events) == 300


def _longer(place: Place) -> None:
    place.grow(50)


@pytest.mark.parametrize("spoil", [_untouched, _damaged, _longer])
def test_a_ledger_that_lost_nothing_begins_no_epoch(
    tmp_path: Path, spoil: Callable[[Place], None]
) -> None:
    place = restored(tmp_path / "log", 300)
    spoil(place)
    with pytest.raises(NothingLostError):
        ended(place.unbegun(), 1)


def test_where_the_tiles_cannot_tell_nobody_says_where_the_histories_parted(tmp_path: Path) -> None:
    place = restored(tmp_path / "log", 299, 30)
    (tmp_path / "log/log/tile/0/000").unlink()
    assert ended(place.unbegun(), 1).parted_after is None


def test_an_epoch_begins_once(tmp_path: Path) -> None:
    place = restored(tmp_path / "log")
    lost = ended(place.unbegun(), 1)
    following(place).follow(lost.note)
    with pytest.raises(AnchorMovedError):
        following(place).follow(lost.note)
    # The file of the last checkpoint was put back from a copy of before.
    place.anchor.swap(place.anchor.read(), lost.note)
    with pytest.raises(AnchorLostError):
        following(place).follow(lost.note)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_whatever_ends_a_beginning_it_is_begun_again_or_gone_on_with(
    tmp_path: Path, fault: Callable[[int], Faulty]
) -> None:
    counting = Faulty(0, KilledError)
    _begun(tmp_path / "counted", counting)
    for at in range(1, counting.count + 1):
        place, before = _begun(tmp_path / f"{at}", fault(at))
        root = place.path / "log"
        assert files(root) == before
        epoch = current(NAME, root, place.anchor.read())
        if epoch == 1:
            following(place).follow(ended(place.unbegun(), 1).note)
        place.grow(7, "later")
        assert following(place).step().size == 207
        proven(place, following(place))
        assert files(root) == before


def _begun(path: Path, faulty: Faulty) -> tuple[Place, dict[str, bytes]]:
    place = restored(path)
    before = files(path / "log")
    with pytest.MonkeyPatch.context() as patched:
        faulty.put(patched)
        with suppress(OSError, KilledError):
            following(place).follow(place.anchor.read() or "")
    return place, before
