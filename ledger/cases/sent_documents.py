"""The documents that were sent, read back as they were kept."""

from typing import Final, cast
from uuid import UUID

from ledger.crypto.encoding import expanded, lp, tag
from ledger.errors import CorruptRecordError, NotFoundError
from ledger.format.decoder import open_document
from ledger.format.event_reader import event_of
from ledger.format.events import ReplyStored
from ledger.streams.streams import Streams

_MEDIUM: Final = tag("ppl/medium/1")
_SECRET_BYTES: Final = 16


def documents_of(streams: Streams, case: UUID, content: bytes) -> dict[str, bytes]:
    """Name → bytes of the documents kept with that content (`ledger.cases.case.content_of`).

    Raises:
        NotFoundError: nothing of that content is kept, or the key of the case is dead.
        CorruptRecordError: what is kept does not open, or is not whole.
    """
    stored = [
        one for one in streams.reads.facts_of_streams([case], None) if one.type == ReplyStored.TYPE
    ]
    found: dict[str, bytearray] = {}
    parts: list[int] = []
    total = 0
    for opened in streams.opened(stored):
        event = event_of(opened)
        if not isinstance(event, ReplyStored) or event.content != content:
            continue
        key_id = cast("bytes", opened.header.sealed_key)
        key = streams.keys.open({key_id}).get(key_id)
        sealed = streams.reads.attached(opened.position)
        if key is None:
            raise NotFoundError
        if len(sealed) != len(event.names):
            raise CorruptRecordError("a document that was kept is missing", opened.position)
        for n, name in enumerate(event.names):
            piece = open_document(opened.header, key, n, sealed[n])
            found.setdefault(name, bytearray()).extend(piece)
        parts.append(event.part)
        total = event.parts
    if not parts:
        raise NotFoundError
    if parts != list(range(1, total + 1)):
        raise CorruptRecordError("a part of what was kept is missing")
    return {name: bytes(document) for name, document in found.items()}


def medium_secret(streams: Streams, case: UUID, content: bytes) -> bytes:
    """16 bytes of which the password of a medium is made, of the case's key and what is kept.

    They are stored nowhere, and die with the key.

    Source: `docs/reference/event-format.md`, section 5.

    Raises:
        NotFoundError: nothing of that content is kept, or the key of the case is dead.
    """
    stored = [
        one for one in streams.reads.facts_of_streams([case], None) if one.type == ReplyStored.TYPE
    ]
    for opened in streams.opened(stored):
        event = event_of(opened)
        if isinstance(event, ReplyStored) and event.content == content:
            key_id = cast("bytes", opened.header.sealed_key)
            key = streams.keys.open({key_id}).get(key_id)
            if key is not None:
                return expanded(key.prk, _MEDIUM + lp(content))[:_SECRET_BYTES]
    raise NotFoundError
