"""After a purge nobody is named anywhere; in WAL and backups nobody can read it any more."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Final

import psycopg
import pytest
from pypdf import PdfReader

from api.container import Container
from api.server.container_opener import opened
from api.server.secrets import OtherMastersError, secrets_of
from ledger.crypto.epoch import KeyWorkRefusedError, MasterMissingError
from ledger.crypto.epoch_folder import FolderMasters
from ledger.crypto.escrow import copy_of, opened_copy
from ledger.errors import CorruptRecordError
from ledger.postgres.temporary import temporary_folder
from ledger.streams.history import HistoryEntry
from tests.canary import MEMBER, traces
from tests.database import LEDGER_NAME, Database
from tests.doors.corridor import Corridor, open_doors
from tests.ledger.given import person
from tests.postgres.backups import FAST, back_up, restored, serving
from tests.retaining.canaried import (
    NEIGHBOUR,
    PEOPLE,
    Place,
    Sealed,
    logged,
    record_canaries,
    sealed,
)
from tests.retaining.wal import contains, files, holding, wal

ROTATED: Final = date(2030, 1, 28)
BACKED_UP: Final = date(2030, 1, 30)
PURGED: Final = (date(2030, 2, 1), date(2030, 2, 2))
ENDED: Final = date(2030, 2, 4)
"""When the epoch of the purge ends."""

WITHIN: Final = date(2030, 3, 11)
"""The last day on which backups and WAL of that epoch are kept: 35 days later."""

BEYOND: Final = date(2030, 3, 12)

NAMED_MIN: Final = 13
"""So many sealed parts name canaries."""

EMPTY: Final = re.compile(rb"\0{33,}")
EMPTY_LEFT: Final = bytes(32)
"""Pages and segments are empty for the most part; what stands around a gap stays apart."""

FIRST_EPOCH: Final = "2026-W48"
LAST_EPOCH: Final = "2030-W05"


@dataclass(frozen=True, slots=True)
class Purged:
    """A ledger whose canaries have died.

    Attributes:
        first, last: what died, as it was sealed when it was recorded and just before the purge.
        pages: files of pages that hold some of it: before the purge, vacuumed, written anew.
        told: what was answered and logged afterwards.
        left: what a process that had read everything before still finds: entries, keys.
    """

    place: Place
    database: Database
    first: Sealed
    last: Sealed
    pages: tuple[dict[str, int], ...]
    told: str
    left: tuple[int, int]


@pytest.fixture(scope="module")
def purged() -> Iterator[Purged]:
    with temporary_folder(FAST) as folder:
        place = Place(folder)
        with serving(folder / "home") as database, logged() as lines:
            first, last = _recorded(place, database)
            with opened(place.settings, database.urls, place.clock.now) as reader:
                hidden = [reader.streams.principal_key(person(id_, of)) for of, id_ in PEOPLE]
                values = [*last.texts(), *hidden]
                pages = [holding(place.data, values)]
                told, left = _purge(place, database, reader, last)
            with psycopg.connect(database.admin, autocommit=True) as admin:
                for statement in (b"VACUUM", b"VACUUM FULL"):
                    admin.execute(statement)
                    admin.execute("CHECKPOINT")
                    pages.append(holding(place.data, values))
            told += lines.getvalue()
            yield Purged(place, database, first, last, tuple(pages), told, left)


def _recorded(place: Place, database: Database) -> tuple[Sealed, Sealed]:
    with open_doors(database.urls, place.settings, clock=place.clock.now) as corridor:
        record_canaries(corridor)
    masters = secrets_of(place.settings).masters
    first = sealed(database)
    dying = first.naming_canaries(masters)
    place.clock.day = ROTATED
    place.rotate(database)
    place.clock.day = BACKED_UP
    back_up(database, place.folder / "backup", "base", place.journal)
    with psycopg.connect(database.admin, autocommit=True) as admin:
        admin.execute("CHECKPOINT")
    return first.of(dying), sealed(database).of(dying)


def _purge(
    place: Place, database: Database, reader: Container, last: Sealed
) -> tuple[str, tuple[int, int]]:
    """Plan and destroy through the doors; return what they tell, and what `reader` still finds."""
    told: list[str] = []
    with open_doors(database.urls, place.settings, clock=place.clock.now) as corridor:
        chief = corridor.key("records:exclude", label="chief")
        for day in PURGED:
            place.clock.day = day
            # It has every key in its memory when it dies.
            reader.keys.open(last.keys)
            followed(corridor)
            asked = {"confirm_clock": True}
            plan = corridor.ask("POST", "/v1/retention/plans", asked, key=chief).body["plan"]
            followed(corridor)
            told.append(corridor.ask("POST", "/v1/retention/expiries", {}, key=chief).text)
            told += _shown(corridor, f"/v1/retention/plans/{plan}", chief)
        told.append(corridor.ask("GET", "/v1/retention", key=chief).text)
        told.append(corridor.ask("GET", "/metrics", key=None).text)
        head = corridor.head()
    entries = [one for of, id_ in PEOPLE for one in _told(reader, head, id_, of)]
    place.clock.minutes = 5
    return "\n".join(told), (len(entries), len(reader.keys.open(last.keys)))


def _shown(corridor: Corridor, plan: str, key: str) -> Iterator[str]:
    """A plan and its certificate, in JSON and on paper."""
    for path in (plan, f"{plan}/certificate"):
        answer = corridor.ask("GET", path, key=key)
        assert answer.status == 200
        yield answer.text
    headers = {"Authorization": f"Bearer {key}"}
    paper = corridor.client.get(f"{plan}/certificate.pdf", headers=headers).content
    yield from (page.extract_text() for page in PdfReader(BytesIO(paper)).pages)


def _told(
    house: Container, head: int, id_: str, scheme: str = "member"
) -> tuple[HistoryEntry, ...]:
    return house.histories.page([person(id_, scheme)], head, None, 1_000).entries


def followed(corridor: Corridor) -> None:
    """Wait until the read side has reached the head: a look at nobody's history does."""
    assert corridor.look(("member", "nobody"), after=corridor.head()).status == 200


def test_what_named_canaries_is_dead_and_what_is_left_names_none(purged: Purged) -> None:
    masters = secrets_of(purged.place.settings).masters
    classes = {row.key_class for row in purged.last.keys.values()}
    assert classes == {"record", "series", "link", "directive", "access", "quarantine"}
    assert len(purged.last.parts) >= NAMED_MIN
    left = sealed(purged.database)
    assert not left.keys.keys() & purged.last.keys.keys()
    assert not left.parts.keys() & purged.last.parts.keys()
    assert not left.quarantined
    assert left.naming_canaries(masters) == set()
    assert purged.place.journal.erased() == set(purged.last.keys)


def test_no_file_names_a_canary_wal_and_backup_included(purged: Purged) -> None:
    seen: set[bytes] = set()
    for path, content in files(purged.place.folder):
        digest = sha256(content).digest()
        if digest not in seen:
            seen.add(digest)
            assert not traces(EMPTY.sub(EMPTY_LEFT, content)), path
    assert len(seen) > 500


def test_no_answer_and_no_log_names_a_canary(purged: Purged) -> None:
    assert '"destroyed_at"' in purged.told
    assert "ledger_retention" in purged.told
    assert '"route"' in purged.told
    assert not traces(purged.told)


def test_a_process_that_had_read_it_forgets_it(purged: Purged) -> None:
    assert purged.left == (0, 0)


def test_pages_that_are_written_anew_hold_no_ciphertext_of_the_dead(purged: Purged) -> None:
    before, vacuumed, anew = purged.pages
    assert len(before) >= 6
    # A page that the living share keeps what lay in its gaps until somebody needs the place.
    assert sum(vacuumed.values()) < sum(before.values())
    assert anew == {}


def test_wal_and_backup_are_unreadable_once_the_epoch_is_destroyed(purged: Purged) -> None:
    place, masters = purged.place, FolderMasters(purged.place.folder / "sealed" / "epochs")
    records = wal(place.data)
    for texts in (purged.first.texts(), purged.last.texts()):
        assert all(contains(records, text) for text in texts)
    with restored(place.folder / "backup", place.folder / "restored", "base") as database:
        assert set(sealed(database).keys) >= set(purged.last.keys)
        assert _rotated(purged, ENDED) == ()
        _opens(purged.first, masters)
        _opens(purged.last, masters)
        assert _rotated(purged, WITHIN) == (FIRST_EPOCH,)
        _stays_shut(purged.first, FIRST_EPOCH, masters)
        _opens(purged.last, masters)
        with opened(place.settings, database.urls, place.clock.now) as house:
            assert len(_told(house, house.reads.head(), MEMBER)) >= 4
        assert _rotated(purged, BEYOND) == (LAST_EPOCH,)
        _stays_shut(purged.first, FIRST_EPOCH, masters)
        _stays_shut(purged.last, LAST_EPOCH, masters)
        _tried_in_vain(purged, database)
    with opened(place.settings, purged.database.urls, place.clock.now) as house:
        assert len(_told(house, house.reads.head(), NEIGHBOUR)) == 1


def _rotated(purged: Purged, day: date) -> tuple[str, ...]:
    """Rotate on `day`; the epochs whose masters are destroyed."""
    purged.place.clock.day = day
    return purged.place.rotate(purged.database).destroyed


def _opens(one: Sealed, masters: FolderMasters) -> None:
    """Whoever has the masters reads every part, and finds canaries in it."""
    texts = [one.opened(position, masters) for position in one.parts]
    # Beside them only the series itself, which names nobody, is sealed under a key of theirs.
    assert sum(1 for text in texts if traces(text)) >= max(NAMED_MIN, len(texts) - 2)


def _stays_shut(one: Sealed, epoch: str, masters: FolderMasters) -> None:
    """Neither the epoch's master nor any other that is left opens a key."""
    assert {row.epoch for row in one.keys.values()} == {epoch}
    assert masters.names()
    for position in one.parts:
        with pytest.raises(MasterMissingError):
            one.opened(position, masters)
        for name in masters.names():
            with pytest.raises(CorruptRecordError):
                one.under(name).opened(position, masters)


def _tried_in_vain(purged: Purged, database: Database) -> None:
    """The restored backup opens for nobody, and escrow does not bring its masters back."""
    place = purged.place
    with (
        pytest.raises(OtherMastersError, match=LAST_EPOCH),
        opened(place.settings, database.urls, place.clock.now),
    ):
        pass
    sealed_with = secrets_of(place.settings)
    with closing(Container(database.urls, LEDGER_NAME, sealed_with, place.clock.now)) as house:
        for key_id in purged.last.keys:
            with pytest.raises(MasterMissingError):
                house.keys.open([key_id])
        with pytest.raises(MasterMissingError):
            _told(house, house.reads.head(), MEMBER)
    for epoch in (FIRST_EPOCH, LAST_EPOCH):
        with pytest.raises(KeyWorkRefusedError, match="no copy in escrow"):
            opened_copy(place.folder / "escrow", copy_of(epoch), place.identity)
