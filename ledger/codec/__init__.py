"""Events ⇄ bytes, exactly as `docs/reference/event-format.md` says, and nothing else.

`types` is the closed list of event types, `kinds` what their facts may be; `header` reads headers;
`encoder` writes events and `decoder` reads them (`content` says what a sealed part may hold);
`fingerprints` is for transfers of very many persons; `copies` carries records forward;
`shown_parts` proves one record to an outsider; `json` is the JSON of all of them.
"""

from ledger.codec.copies import carried_forward, verify_copy
from ledger.codec.decoder import open_document, open_event
from ledger.codec.encoder import fingerprint, parts_of, seal
from ledger.codec.fingerprints import ManyFingerprint
from ledger.codec.header import event_hash, read_header

__all__ = [
    "ManyFingerprint",
    "carried_forward",
    "event_hash",
    "fingerprint",
    "open_document",
    "open_event",
    "parts_of",
    "read_header",
    "seal",
    "verify_copy",
]
