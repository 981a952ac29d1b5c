"""Requests and papers for the tests of the identity check, from the smallest change."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from ledger.law.procedure.parser import read_procedure
from ledger.law.procedure.policy_2022 import POLICY_2022, PUBLISHED
from ledger.law.procedure.version import Procedure
from ledger.policies.identity.request import (
    AddressJudgement,
    EnvelopePaper,
    IdentityRequest,
    IdentityVerdict,
)
from ledger.policies.identity.verdict import decide_identity

ARRIVED = date(2026, 11, 24)
ISSUED = date(2026, 10, 1)
PUBLISHED_2022 = PUBLISHED[0]
AGREEING = AddressJudgement(
    has_registered=True,
    form_is_registered=True,
    identity_is_form=True,
    billing_is_registered=True,
    representative_is_on_papers=True,
)
OLD_PAPER = replace(AGREEING, identity_is_form=False)


def paper(kind: str, person: str = "principal", **changes: Any) -> EnvelopePaper:  # noqa: ANN401 -- members of one dataclass
    """An original on which everything was looked at and nothing is wrong."""
    facts: dict[str, Any] = {
        "is_original": True,
        "issued_on": ISSUED,
        "shows_name": True,
        "shows_birth_date": True,
        "shows_current_address": True,
        "address_mark": "printed",
        "my_number_shown": False,
        "international": False,
        "permanent_resident": False,
        "by_principal": True,
        "seal_as_certified": True,
        "covers_this_request": True,
        "in_name": True,
        "day_mark": "dated",
    }
    return EnvelopePaper(kind, person, **(facts | changes))


def card(kind: str = "driving_licence", person: str = "principal", **changes: Any) -> EnvelopePaper:  # noqa: ANN401 -- same
    """A copy of a card in date."""
    facts: dict[str, Any] = {
        "is_original": False,
        "issued_on": None,
        "valid_until": date(2028, 5, 5),
    }
    return paper(kind, person, **(facts | changes))


SEAL, RESIDENCE = paper("seal_certificate"), paper("residence_certificate")
RECEIPT = paper("utility_receipt", is_original=False)
MANDATE = paper("power_of_attorney", issued_on=None)


def both(person: str) -> tuple[EnvelopePaper, EnvelopePaper]:
    return paper("seal_certificate", person), paper("residence_certificate", person)


def own(*papers: EnvelopePaper, **changes: Any) -> IdentityRequest:  # noqa: ANN401 -- members of one dataclass
    """A request of the principal with these papers; with the two usual ones when none is given."""
    given: dict[str, Any] = {
        "requester": "self",
        "papers": papers or (SEAL, RESIDENCE),
        "addresses": AGREEING,
    }
    return IdentityRequest(arrived_on=ARRIVED, form_checked=True, **(given | changes))


def agents(*more: EnvelopePaper, **changes: Any) -> IdentityRequest:  # noqa: ANN401 -- same
    """A request of a mandated agent with all papers, and these."""
    papers = (SEAL, RESIDENCE, *both("agent"), MANDATE, *more)
    return own(**({"requester": "mandated_agent", "papers": papers} | changes))


def parents(*more: EnvelopePaper, **changes: Any) -> IdentityRequest:  # noqa: ANN401 -- same
    """A request of the parent of a child of ten with all papers, and these."""
    register = paper("family_register", "legal_representative")
    given: dict[str, Any] = {
        "requester": "legal_representative",
        "papers": (SEAL, RESIDENCE, *both("legal_representative"), register, *more),
        "representation": "parent_of_minor",
        "birth_date": date(2016, 3, 3),
    }
    return own(**(given | changes))


def verdict(request: IdentityRequest, procedure: Procedure = PUBLISHED_2022) -> IdentityVerdict:
    return decide_identity(request, procedure)


def reasons(request: IdentityRequest, procedure: Procedure = PUBLISHED_2022) -> tuple[str, ...]:
    """The reasons, when nothing is left open."""
    found = verdict(request, procedure)
    assert not found.open
    return found.reasons


def document_with(changes: Mapping[str, object]) -> dict[str, Any]:
    """The published document with some of its members replaced."""
    return deepcopy(dict(POLICY_2022)) | dict(changes)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The published document after `change`."""
    document = document_with({})
    change(document)
    return document


def read_with(**readings: object) -> Procedure:
    """The published version with other answers to open questions."""
    return read_procedure(document_with({"readings": readings}))
