"""A desk in a keeper's ledger: requests arrive, are answered, withdrawn, looked at again."""

from dataclasses import replace
from uuid import UUID

from ledger.cases.case import ReceiveCase
from ledger.cases.events.case import CaseDecided
from ledger.cases.namesakes import NamesSearched
from ledger.cases.steps import (
    CheckDocuments,
    Close,
    Decide,
    IdentifyRecords,
    Reopen,
    Step,
    Verify,
    Withdraw,
)
from ledger.crypto.pseudonyms import random_uuid
from ledger.values import PrincipalRef
from tests.law.papers import RESIDENCE, SEAL
from tests.ledger.case_given import (
    ABSENT,
    APPROVE,
    APPROVER,
    OFFICER,
    SUBMIT,
    application,
    dispatched,
    seen,
)
from tests.ledger.given import person
from tests.ledger.test_case_stored import state, step
from tests.retaining.keeper import Keeper

BY_NAME = {"name": "見本 花子", "address": "東京都千代田区永田町2-11-1"}


def received(kept: Keeper, *identifiers: str, kind: str = "provision_records") -> UUID:
    """A request arrives today that names these identifiers; none: a name alone."""
    asked = application(
        kind=kind,
        arrived_on=kept.today,
        identifiers=tuple(person(one) for one in identifiers),
        form=BY_NAME,
    )
    command = ReceiveCase(random_uuid(), OFFICER, asked)
    stream = kept.inside.ledger.receive_case(command, kept.inside.now).stream
    if kept.inside.head() == 1:
        kept.witnessed = kept.today
    return stream


def verified(kept: Keeper, case: UUID) -> None:
    """Who asks has shown the papers, issued on the day of the arrival."""
    arrived_on = state(kept.inside, case).application.arrived_on
    papers = (replace(one, issued_on=arrived_on) for one in (SEAL, RESIDENCE))
    _do(kept, case, CheckDocuments(seen(*papers)), Verify())


def identified(kept: Keeper, case: UUID, *who: str, tried: tuple[PrincipalRef, ...] = ()) -> int:
    """The person is who `who` says; the answer is how many records it has."""
    as_of = kept.inside.follow()
    pages = kept.inside.page(*who).entries if who else ()
    found = tuple(entry.transfer for entry in pages)
    refs = tuple(person(one) for one in who)
    named = state(kept.inside, case).application.identifiers
    tried += tuple(one for one in named if one not in (*refs, *tried))
    if not found:  # another kind is tried before it is said so
        tried += (ABSENT,)
    sides = (found, ())
    step_ = IdentifyRecords(
        as_of,
        refs,
        "台帳の記載が一致",
        *sides,
        tried,
        "家族の識別子",
        searched=NamesSearched(("見本 花子",)),
    )
    _do(kept, case, step_)
    return len(found)


def approved(kept: Keeper, case: UUID, *who: str) -> None:
    """The records are looked at, decided on, and the reply is approved."""
    tried = () if who else (person("P1"), PrincipalRef("phone", "090-0000-0000"))
    identified(kept, case, *who, tried=tried)
    provided = tuple(one.transfer for one in kept.inside.page(*who).entries) if who else ()
    _do(kept, case, Decide(provided), SUBMIT)
    step(kept.inside, case, APPROVE, by=APPROVER)


def sent(kept: Keeper, case: UUID, *who: str) -> str:
    """The same, and the reply goes out; the answer is its outcome."""
    approved(kept, case, *who)
    _do(kept, case, dispatched(kept.today))
    decision = state(kept.inside, case).decision
    assert isinstance(decision, CaseDecided)
    return decision.outcome


def closed(kept: Keeper, case: UUID) -> None:
    _do(kept, case, Close())


def withdrawn(kept: Keeper, case: UUID) -> None:
    _do(kept, case, Withdraw(kept.today, "書面"))


def reopened(kept: Keeper, case: UUID) -> None:
    _do(kept, case, Reopen("記録の訂正"))


def held_keys(kept: Keeper) -> list[tuple[object, ...]]:
    """(owner, day of death) of the keys that copies for holds and cases stand under."""
    return kept.inside.connection.execute(
        "SELECT owner, day FROM ledger.data_keys AS k WHERE key_class = 'held'"
        " AND EXISTS (SELECT FROM ledger.sealed_parts AS s WHERE s.key_id = k.key_id)"
        " ORDER BY day NULLS LAST"
    ).fetchall()


def _do(kept: Keeper, case: UUID, *steps: Step) -> None:
    for one in steps:
        step(kept.inside, case, one)
