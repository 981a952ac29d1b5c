"""The bag of a whole ledger for an auditor who has neither its database nor its secrets.

Every event as it is stored, each sealed part as it is stored, and the keys that live: who holds it
may see everything, and can make every answer again. The secret of the ledger and its epoch masters
are not in it.

Source: decision 0130; RFC 8493.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from ledger.crypto.keyring import KeyRing
from ledger.exclusions.rows import DraftRow
from ledger.exports.audit_persons import excluded_persons
from ledger.exports.audit_rows import AuditSnapshot, audit_snapshot
from ledger.exports.bag import BagWriter
from ledger.exports.export_request import (
    RestlessError,
    SignedCheckpoint,
    UnlikeCheckpointError,
)
from ledger.exports.exporter import bag_text, put_others
from ledger.format.events import RECORDED_TYPES, RecordsExpired
from ledger.format.header import event_hash, read_header
from ledger.format.json import encoded
from ledger.merkle import Frontier, leaf_hash
from ledger.merkle.checkpoint import Checkpoint
from ledger.store.connections import Connections
from ledger.store.event_macs import EventMacs
from ledger.streams.streams import Streams
from ledger.values import Json

FORMAT: Final = "ppl-audit/1"
ABOUT: Final = "about.json"
EVENTS: Final = "events.ndjson"
KEYS: Final = "keys.ndjson"
EXCLUSIONS: Final = "exclusions.json"
PERSONS: Final = "excluded_persons.ndjson"
_LEAVES_AT_ONCE: Final = 4_096
_GUIDE: Final = """# この袋について

この袋(フォルダー又は zip ファイル)は、第三者提供記録等の台帳の全部です。イベント {events} 件と、
廃棄されていない内容を開く鍵が入っています。台帳のデータベースも、事業者の秘密鍵も要りません。

**この袋を持つ人は、全ての本人の全ての記録を読めます。** 開示しないとされた記録とその理由、閲覧の
記録と理由も含みます。監査の間だけ保管し、終わったら消去してください。

## 確かめる手順

1. このソフトウェア(ledger)を事業者とは別の経路で入手し、袋のあるパソコンに入れます。
2. 端末で次のように入力します。鍵は、事業者が公表しているログの公開鍵です。

       ledger audit この袋 --key 公開鍵

3. 袋の署名とログを確かめた後、全ての回答を記録から作り直し、食い違いを一行ずつ表示します。

## 結果の読み方

| 終了コード | 意味 |
| --- | --- |
| 0 | 食い違いはありません。 |
| 1 | 食い違いがあります。一行に一件です。 |
| 2 | 監査できませんでした。台帳については何も分かりません。 |
| 5 | 食い違いはありません。ただし、誰の署名によるかは確かめていません。 |
| 10 | 袋の内容が書き換えられています。 |
| 20 | 袋に足りないものがあります。 |
| 30 | この版の袋は読めません。新しいソフトウェアを入手してください。 |
| 40 | 署名を確認できません。 |

## 袋の中身

| ファイル | 内容 |
| --- | --- |
| data/about.json | どの台帳の、いつの、何件目までの袋か |
| data/events.ndjson | 全てのイベントの見出しと、封をした内容と文書(1行に1件、Base64) |
| data/keys.ndjson | 廃棄されていない内容を開く鍵(1行に1個) |
| data/exclusions.json | 開示しないとされているもの(封をしたまま) |
| data/excluded_persons.ndjson | 開示しないとされている記録の本人の識別子(1行に1個) |
| data/proofs/ | 署名されたチェックポイントと証人の署名(署名のあるログの場合) |
"""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """Which audit bag to make.

    Attributes:
        bag: its own id.
    """

    bag: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class FinishedAuditBag:
    """An audit bag that was made.

    Attributes:
        size: position of the last event in it.
        records: how many transfers were ever recorded.
        signed_size: position up to which the log is signed; 0: it is not.
        digest: SHA-256 of its tag manifest.
    """

    size: int
    records: int
    signed_size: int
    digest: bytes


@dataclass(slots=True)
class LogRoots:
    """Roots of the log at some sizes, while its headers pass by.

    Args:
        sizes: the sizes.

    Attributes:
        roots: size → root.
    """

    sizes: frozenset[int]
    roots: dict[int, bytes] = field(default_factory=lambda: {0: Frontier().root()})
    _frontier: Frontier = field(default_factory=Frontier)
    _leaves: list[bytes] = field(default_factory=list[bytes])

    def add(self, header: bytes) -> None:
        """The next header."""
        self._leaves.append(leaf_hash(event_hash(header)))
        size = self._frontier.size + len(self._leaves)
        if size in self.sizes or len(self._leaves) >= _LEAVES_AT_ONCE:
            self.root()

    def root(self) -> bytes:
        """The root of all headers that passed by."""
        self._frontier, self._leaves = self._frontier.appended(self._leaves), []
        root = self._frontier.root()
        if self._frontier.size in self.sizes:
            self.roots[self._frontier.size] = root
        return root


class AuditExporter:
    """Makes audit bags of a ledger.

    Args:
        reader: of the role reader.
        macs: of the ledger's events.
        keys: opens what lives.
    """

    def __init__(
        self, streams: Streams, reader: Connections, macs: EventMacs, keys: KeyRing
    ) -> None:
        self._streams, self._reader, self._macs, self._keys = streams, reader, macs, keys

    def make(
        self, request: AuditRequest, signed: SignedCheckpoint | None, folder: Path
    ) -> FinishedAuditBag:
        """Make the bag in `folder`, which must not be there.

        Args:
            signed: the newest checkpoint; None: the log is not signed, and the bag says so.

        Raises:
            UnlikeCheckpointError: the events are not those that were signed.
            RestlessError: records were destroyed meanwhile, perhaps of whom exclusions name.
            ForgedEventError, CorruptRecordError: an event, or a destruction, is not the ledger's.
            ExclusionsLostError: what is excluded cannot be read.
            PositionHoleError: an event is missing.
            StoreUnavailableError: the database cannot be reached.
            OSError: the folder cannot be written.
        """
        bag = BagWriter(folder)
        folder.mkdir(mode=0o700)
        prove = self._streams.secret.expiry_proof
        others: Mapping[str, Checkpoint] = {} if signed is None else signed.by_others
        checkpoints = [*others.values()]
        if signed is not None:
            checkpoints.append(signed.checkpoint)
        log = LogRoots(frozenset(one.size for one in checkpoints))
        with audit_snapshot(self._reader, self._macs, prove) as snapshot:
            size = snapshot.head
            ids, records = self._put_events(bag, snapshot, log)
            root = log.root()
            if any(log.roots.get(one.size) != one.root for one in checkpoints):
                raise UnlikeCheckpointError
            if snapshot.draft is not None:
                ids.add(snapshot.draft.key_id)
                bag.put(EXCLUSIONS, _draft_line(snapshot.draft))
            self._put_keys(bag, snapshot, ids)
        self._put_persons(bag)
        if self._streams.reads.facts_of_topics((RecordsExpired.TYPE,), size, 1):
            raise RestlessError
        about: dict[str, Json] = {
            "format": FORMAT,
            "ledger": self._streams.ledger,
            "events": size,
            "size": size if signed is None else signed.checkpoint.size,
            "root": (root if signed is None else signed.checkpoint.root).hex(),
            "signed": signed is not None,
            "cosigned": others["cosigned"].size if "cosigned" in others else None,
            "stamped": others["stamped"].size if "stamped" in others else None,
        }
        bag.put(ABOUT, encoded(about) + b"\n")
        if signed is not None:
            bag.put("proofs/checkpoint", signed.note.encode())
            bag.put("proofs/key.txt", signed.signer.verifier.text.encode() + b"\n")
            put_others(bag, signed)
        guide = _GUIDE.format(events=size).encode()
        digest = bag.seal(request.bag, request.at, guide, has_verifier=False)
        if signed is not None:
            name = signed.signer.verifier.name
            bag.sign(bag_text(name, request.bag, digest, FORMAT), signed.signer)
        return FinishedAuditBag(
            size, records, 0 if signed is None else signed.checkpoint.size, digest
        )

    def _put_events(
        self, bag: BagWriter, snapshot: AuditSnapshot, log: LogRoots
    ) -> tuple[set[bytes], int]:
        """Write the events; ids of the keys that their headers name, and how many are records."""
        ids, records = set[bytes](), 0
        with bag.file(EVENTS) as file:
            for one in snapshot.events():
                log.add(one.header)
                header = read_header(one.header)
                records += header.type in RECORDED_TYPES
                if header.sealed_key is not None:
                    ids.add(header.sealed_key)
                parts = [_text(part) for part in one.parts]
                file.write(orjson.dumps({"header": one.header.decode(), "parts": parts}) + b"\n")
        return ids, records

    def _put_keys(self, bag: BagWriter, snapshot: AuditSnapshot, ids: Iterable[bytes]) -> None:
        with bag.file(KEYS) as file:
            for row in snapshot.keys(ids, self._streams.secret.row_mac):
                key = self._keys.unwrapped(row)
                members = {
                    "id": key.id.hex(),
                    "key": key.secret.hex(),
                    "class": key.key_class,
                    "day": key.day,
                    "owner": key.owner,
                }
                file.write(orjson.dumps(members) + b"\n")

    def _put_persons(self, bag: BagWriter) -> None:
        """What was excluded since the snapshot is of no event in the bag, and harms nothing."""
        with bag.file(PERSONS) as file:
            for key, who in excluded_persons(self._streams):
                members = {"key": key.hex(), "scheme": who.scheme, "id": who.id}
                file.write(orjson.dumps(members) + b"\n")


def _draft_line(row: DraftRow) -> bytes:
    members = {
        "stream": row.stream,
        "key": row.key_id.hex(),
        "sealed": _text(row.sealed),
        "number": row.number,
    }
    return orjson.dumps(members) + b"\n"


def _text(content: bytes) -> str:
    return b64encode(content).decode()
