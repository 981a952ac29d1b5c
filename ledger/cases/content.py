"""Hashes that stand for what is approved: the records, the documents, and all of it together."""

import hashlib
import json
from collections.abc import Collection, Mapping
from uuid import UUID

from ledger.cases.events.case import CaseRefused
from ledger.cases.events.measures import CaseMeasuresDecided
from ledger.cases.state import State
from ledger.cases.steps import RenderedHashes

_RECORDS = b"ppl/case-records/1\0"
_CONTENT = b"ppl/case-content/1\0"
_DOCUMENTS = b"ppl/case-documents/1\0"


def records_digest(provided: Collection[UUID], received: Collection[UUID]) -> bytes:
    """SHA-256 over both sides' records, whatever their order."""
    found = hashlib.sha256(_RECORDS)
    for side in (provided, received):
        found.update(len(side).to_bytes(8, "big"))
        found.update(b"".join(sorted(one.bytes for one in side)))
    return found.digest()


def documents_digest(documents: Mapping[str, bytes]) -> bytes:
    """SHA-256 over the documents of a reply, by name: what `RenderedHashes.letter` is."""
    found = hashlib.sha256(_DOCUMENTS)
    for name, document in sorted(documents.items()):
        found.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(document).digest())
    return found.digest()


def content_of(state: State, rendered: RenderedHashes, verification_code: str) -> bytes:
    """32 bytes that stand for all that is approved: they change when any of it does."""
    decision = state.decision
    if isinstance(decision, CaseRefused):
        decided: object = ["refusal", decision.ground, list(decision.reasons)]
    elif isinstance(decision, CaseMeasuresDecided):
        decided = _measured(decision, state)
    else:
        search = state.search
        assert decision is not None, "what is approved was decided"
        assert search is not None, "what was decided was searched for"
        withheld = [
            [str(one.record), one.ground, one.reason, list(one.items)] for one in decision.withheld
        ]
        medium: list[object] = [decision.medium, decision.medium_reason]
        if (agreed := decision.medium_agreement) is not None:
            medium += [agreed.agreed_on.isoformat(), agreed.how]
        decided = [decision.outcome, decision.as_of, search.digest.hex(), withheld, medium]
    reply_to = state.reply_to and [state.reply_to.person, state.reply_to.address]
    members = [state.procedure, decided, reply_to, verification_code]
    members += [rendered.rows.hex(), rendered.letter.hex()]
    return hashlib.sha256(_CONTENT + json.dumps(members).encode()).digest()


def _measured(decision: CaseMeasuresDecided, state: State) -> list[object]:
    """Who the measures are about, and what they are; or what is told, and why not all of it."""
    named = () if state.person is None else state.person.identifiers
    who = sorted([one.scheme, one.id] for one in named)
    taken = [
        [one.measure, one.from_day.isoformat(), one.what, one.counterparty_party_id]
        for one in decision.measures
    ]
    members: list[object] = ["measures", decision.outcome, decision.reason, who, taken]
    if state.is_searched:
        return members
    information = [[one.item, one.text] for one in decision.information or ()]
    return [*members, list(decision.grounds or ()), information]
