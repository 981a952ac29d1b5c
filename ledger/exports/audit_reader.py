"""Reads an audit bag: first whether it is whole and signed, then what is in it.

Source: decision 0130; RFC 8493; `ledger.exports.verify`, whose rules these are.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson

from ledger.crypto.keys import KEY_CLASSES, DataKey, key_id_of
from ledger.crypto.pseudonyms import KEY_BYTES, random_uuid
from ledger.exclusions.rows import DraftRow
from ledger.exports import verify
from ledger.exports.audit_bag import ABOUT, EVENTS, EXCLUSIONS, FORMAT, KEYS, PERSONS
from ledger.exports.audit_rows import StoredEvent
from ledger.exports.bag import GUIDE, MANIFEST, SIGNATURE, TAG_MANIFEST
from ledger.format.header import event_hash
from ledger.merkle import leaf_hash

_DATA: Final = "data/"
_INFO: Final = "bag-info.txt"
_TAGS: Final = frozenset({"bagit.txt", _INFO, MANIFEST, GUIDE})
_NEEDED: Final = frozenset({_DATA + name for name in (ABOUT, EVENTS, KEYS, PERSONS)})
_PAYLOAD: Final = _NEEDED | {
    _DATA + EXCLUSIONS,
    *(verify.NOTE, verify.KEY, verify.COSIGNED, verify.STAMPED, verify.STAMP),
}
_LARGE: Final = frozenset({_DATA + name for name in (EVENTS, KEYS, PERSONS, EXCLUSIONS)})
_ABOUT: Final = "format ledger events size root signed cosigned stamped"
_SMALL_BYTES_MAX: Final = 1 << 20
_LEAF_BYTES: Final = 32

T = TypeVar("T")


class AuditBag:
    """An audit bag, in a folder or a zip. Belongs to one thread.

    Attributes:
        id: as its event and its signature have it; ledger: its name; events: how many there are.
            All once it was checked.
    """

    def __init__(self, place: str) -> None:
        self._bag = verify.Bag(place)
        self.id, self.ledger, self.events = "", "", 0

    def check(self, key: str | None, known: verify.Witnesses | None = None) -> list[verify.Said]:
        """Whether it is whole, signed, and of the log that is signed; what was checked, in words.

        Args:
            key: of the log, as handed out; None: only the bag's own is there.
            known: the witnesses that the reader knows.

        Raises:
            verify.Refused: it is not; its code says how.
        """
        bag = self._bag
        self._check_files()
        about = self._about()
        signed, words = verify.check_key(bag, about, key)
        leaves = self._leaves()
        verify.missing_if(len(leaves) < self.events * _LEAF_BYTES, _DATA + EVENTS)
        verify.differs_if(len(leaves) != self.events * _LEAF_BYTES, _DATA + EVENTS)
        verify.missing_if(about["size"] > self.events, _DATA + EVENTS)
        root = verify.root_of(leaves, about["size"])
        verify.differs_if(root.hex() != about["root"], _DATA + EVENTS)
        if signed is None:
            if known is not None:
                ja = "署名のない袋に、証人の署名はありません"
                verify.unsigned(ja, "nobody cosigned what is not signed")
            return words
        if later := self.events - about["size"]:
            ja = f"その後のイベント {later} 件の裏付けは、袋の署名だけです"
            words.append(
                (ja, f"the {later} events after it are bound by the bag's signature alone")
            )
        witnesses = known or verify.Witnesses()
        words.append(verify.check_witnesses(bag, about, signed, leaves, witnesses))
        self._check_signature(signed)
        return words

    def _about(self) -> verify.Json:
        found = self._bag.json(_DATA + ABOUT)
        form = found.get("format") if verify.is_a(dict, found) else None
        verify.unknown_if(form != FORMAT, f"{_DATA + ABOUT}: {form}")
        about = verify.closed(found, _DATA + ABOUT, _ABOUT)
        is_so = verify.is_number(about["size"]) and verify.is_number(about["events"])
        is_so = is_so and verify.is_hash(about["root"]) and type(about["ledger"]) is str
        verify.differs_if(not is_so or type(about["signed"]) is not bool, _DATA + ABOUT)
        self.ledger, self.events = about["ledger"], about["events"]
        return about

    def _check_files(self) -> None:
        """Every file is there, and is the one that the manifests name; there is no other."""
        bag = self._bag
        for name in sorted({*_TAGS, *_NEEDED, TAG_MANIFEST} - bag.names):
            verify.missing(name)
        tags, listed = verify.manifest(bag, TAG_MANIFEST), verify.manifest(bag, MANIFEST)
        verify.differs_if(tags.keys() != _TAGS, TAG_MANIFEST)
        verify.differs_if(not _NEEDED <= listed.keys() <= _PAYLOAD, MANIFEST)
        for name, digest in sorted({**tags, **listed}.items()):
            found, size = bag.digest(name)
            verify.differs_if(found != digest, name)
            verify.too_large_if(name not in _LARGE and size > _SMALL_BYTES_MAX, name)
        info = re.findall("^External-Identifier: ([0-9a-f-]{36})$", bag.text(_INFO), re.MULTILINE)
        verify.differs_if(len(info) != 1, _INFO)
        self.id = info[0]
        for name in sorted(bag.names - {*tags, *listed, TAG_MANIFEST, SIGNATURE}):
            verify.unlisted(name)

    def _check_signature(self, key: verify.Key) -> None:
        bag = self._bag
        digest = bag.digest(TAG_MANIFEST)[0]
        note = bag.text(SIGNATURE)
        if verify.signed_text(note, key) != f"{FORMAT}\n{key[0]}\n{self.id}\n{digest}\n":
            verify.unsigned("袋の署名は別の袋のものです", "the bag's signature is another bag's")

    def _leaves(self) -> bytes:
        found = bytearray()
        for one in self.stored_events():
            found += leaf_hash(event_hash(one.header))
        return bytes(found)

    def stored_events(self) -> Iterator[StoredEvent]:
        """All events, in their order."""
        return self._read(EVENTS, _event_of)

    def data_keys(self) -> Iterator[DataKey]:
        """The keys that live.

        Raises:
            verify.Refused: one is not what its id says.
        """
        return self._read(KEYS, lambda one: _key_of(one, self.ledger))

    def draft(self) -> DraftRow | None:
        """What was excluded; None: nothing ever was."""
        if _DATA + EXCLUSIONS not in self._bag.names:
            return None
        return next(self._read(EXCLUSIONS, _draft_of), None)

    def persons(self) -> dict[tuple[str, str], bytes]:
        """Whom exclusions name: scheme and identifier → the key that stands in them.

        Raises:
            verify.Refused: two of them have one key, or one of them has two.
        """
        found = [*self._read(PERSONS, _person_of)]
        is_so = len(dict(found)) == len({key for _, key in found}) == len(found)
        verify.differs_if(not is_so, _DATA + PERSONS)
        return dict(found)

    def _read(self, name: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
        """What each line of a file says."""
        with self._bag.open(_DATA + name) as file:
            for number, line in enumerate(file, 1):
                try:
                    found = read(orjson.loads(line))
                except verify.BROKEN:
                    verify.differs(f"{_DATA + name}: {number}")
                yield found


def _event_of(one: dict[str, Any]) -> StoredEvent:
    parts = [b64decode(part, validate=True) for part in one["parts"]]
    return StoredEvent(one["header"].encode(), parts)


def _key_of(one: dict[str, Any], ledger: str) -> DataKey:
    secret, key_class = bytes.fromhex(one["key"]), one["class"]
    day = None if one["day"] is None else date.fromisoformat(one["day"])
    owner = None if one["owner"] is None else UUID(one["owner"])
    found = DataKey(key_id_of(secret, ledger), secret, key_class, day, owner)
    if found.id.hex() != one["id"] or key_class not in KEY_CLASSES:
        raise ValueError("another key")
    return found


def _draft_of(one: dict[str, Any]) -> DraftRow:
    sealed, key = b64decode(one["sealed"], validate=True), bytes.fromhex(one["key"])
    return DraftRow(UUID(one["stream"]), random_uuid(), key, sealed, int(one["number"]))


def _person_of(one: dict[str, Any]) -> tuple[tuple[str, str], bytes]:
    key = bytes.fromhex(one["key"])
    if len(key) != KEY_BYTES:
        raise ValueError("no key of a person")
    return (str(one["scheme"]), str(one["id"])), key
