"""Runs the cases about a request, its papers and its clocks.

What the cases leave open: a paper shows what it does not say it lacks, and is in date when no day
is stated; a seal is registered unless said otherwise, and two seals are one unless both are stated;
a person represented as a minor is one unless a birth date is given; whoever represents by law is a
guardian when a registration certificate came, else a parent; a legal representative has no choice
of the reply address; the officer follows the proposal for the addresses; an original residence
certificate that is sent beside a substitute, or as a second one, is listed as a supplement.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ledger.cases import case
from ledger.cases.case import ReceiveCase
from ledger.cases.clocks import all_clocks
from ledger.cases.events.intake import Application
from ledger.format.events import Fact
from ledger.law.procedure.codes import OF_MINORS
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.law.procedure.version import procedure_on
from ledger.law.requests import request_kind
from ledger.policies.addresses.comparison import compare_addresses
from ledger.policies.deadlines import (
    adult_from,
    correction_due_on,
    is_minor,
    is_valid,
    suit_possible_from,
    two_weeks_end,
    valid_through,
)
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper, IdentityRequest
from ledger.policies.identity.verdict import decide_identity, dispatch_on

Given = Mapping[str, Any]


def identified(given: Given) -> dict[str, Any]:
    """The outcome of an `identity` case."""
    request = _request(given)
    procedure = procedure_on(PUBLISHED, request.arrived_on)
    verdict = decide_identity(request, procedure)
    reply_to = verdict.reply_to
    outcome: dict[str, Any] = {
        "outcome": verdict.outcome,
        "reasons": list(verdict.reasons),
        "reply_to": reply_to and {"person": reply_to.person, "address": reply_to.address},
        "ground": verdict.ground,
    }
    if "dispatch_on" in given:
        outcome["dispatch"] = dispatch_on(request, _day(given["dispatch_on"]))
    return outcome


def _request(given: Given) -> IdentityRequest:
    arrived_on = _day(given["received_on"])
    representation = _representation(given)
    born = given.get("principal", {}).get("birth_date")
    if born is None and representation in OF_MINORS:
        born = (arrived_on - timedelta(days=3_650)).isoformat()
    agent = "agent" if given["requester"] == "mandated_agent" else "legal_representative"
    registered = given.get("seal_registered", {})
    return IdentityRequest(
        arrived_on=arrived_on,
        requester=given["requester"],
        papers=tuple(_paper(one, given["documents"], arrived_on) for one in given["documents"]),
        addresses=_judged(given["addresses"]),
        about_other_person=given.get("about") == "other_person",
        representation=representation,
        birth_date=None if born is None else _day(born),
        seal_registered={
            "principal": registered.get("principal", True),
            agent: registered.get("representative", True),
        },
        form_missing=tuple(given.get("form_missing", ())),
        form_checked=True,
        correction_round_over=given.get("correction_round_over", False),
        reply_address=None if representation else given.get("delivery_choice"),
    )


def _representation(given: Given) -> str | None:
    if given["requester"] != "legal_representative":
        return None
    kinds = {one["type"] for one in given["documents"]}
    likely = "guardian_of_adult" if "registration_certificate" in kinds else "parent_of_minor"
    return given.get("representation", likely)


def _judged(given: Given) -> AddressJudgement:
    form, identity, registered = given["form"], given["identity_document"], given["registered"]
    return AddressJudgement(
        has_registered=registered is not None,
        form_is_registered=registered and compare_addresses(form, registered).proposes_one,
        identity_is_form=identity is not None and compare_addresses(identity, form).proposes_one,
        # The cases name no further address: the one that is chosen was looked up and found.
        billing_is_registered=given.get("billing_is_registered", True),
        representative_is_on_papers=given.get("representative_is_on_papers", True),
    )


def _paper(given: Given, all_papers: list[Given], arrived_on: date) -> EnvelopePaper:
    issued_on, valid_until = given.get("issued_on"), given.get("valid_until")
    is_supplement = given["type"] == "utility_receipt"
    if issued_on is None and valid_until is None and not is_supplement:
        issued_on = arrived_on.isoformat()
    return EnvelopePaper(
        kind=given["type"],
        person=given["of"],
        is_original=given["form"] == "original",
        issued_on=None if issued_on is None else _day(issued_on),
        valid_until=None if valid_until is None else _day(valid_until),
        undated=issued_on is None and valid_until is None,
        shows_name=given.get("shows_name", True),
        shows_birth_date=given.get("shows_birth_date", True),
        shows_current_address=given.get("shows_current_address", True),
        address_mark=given.get("address_mark", "printed"),
        my_number_shown=given.get("my_number_shown", False)
        or given.get("face") == "front_and_back",
        international=given.get("international", False),
        permanent_resident=given.get("permanent_resident", False),
        by_principal=given.get("completed_by", "principal") == "principal",
        seal_as_certified=_is_certified(given, all_papers),
        covers_this_request=given.get("covers_this_request", True),
        in_name=given.get("name_is_principal", True),
        day_mark=given.get("mark", "dated"),
        as_supplement=_is_supplement(given, all_papers),
    )


def _is_supplement(given: Given, all_papers: list[Given]) -> bool | None:
    """A residence certificate is listed as one where another paper may show the old address."""
    if given["type"] != "residence_certificate":
        return None
    own = [one["type"] for one in all_papers if one["of"] == given["of"]]
    is_second = own.count("residence_certificate") > 1
    stated = is_second or "name_is_principal" in given or "mark" in given
    return stated or not {"seal_certificate", "utility_receipt"} & {*own}


def _is_certified(given: Given, all_papers: list[Given]) -> bool:
    certified = {
        one["seal"]
        for one in all_papers
        if one["type"] == "seal_certificate" and one["of"] == "principal" and "seal" in one
    }
    return "seal" not in given or not certified or given["seal"] in certified


def counted(given: Given) -> dict[str, Any]:
    """The outcome of a `deadline` case."""
    match given["type"]:
        case "suit":
            arrived_on = _day(given["received_on"])
            refused_on = _day(given["refused_on"]) if "refused_on" in given else None
            return {
                "two_weeks_end": two_weeks_end(arrived_on).isoformat(),
                "suit_possible_from": suit_possible_from(arrived_on, refused_on).isoformat(),
            }
        case "certificate":
            issued_on = _day(given["issued_on"])
            months = procedure_on(PUBLISHED, issued_on).validity_on(issued_on).months
            outcome: dict[str, Any] = {
                "valid_through": valid_through(issued_on, months).isoformat()
            }
            if "received_on" in given:
                outcome["valid"] = is_valid(issued_on, months, _day(given["received_on"]))
            return outcome
        case "adult":
            born = _day(given["birth_date"])
            outcome = {"adult_from": adult_from(born).isoformat()}
            if "on" in given:
                outcome["minor"] = is_minor(born, _day(given["on"]))
            return outcome
        case "correction":
            sent_on = _day(given["sent_on"])
            due = correction_due_on(sent_on, procedure_on(PUBLISHED, sent_on))
            return {"correction_due_on": due.isoformat()}
        case "request":
            return _clocks_of(given["request"], _day(given["received_on"]))
        case _:
            on = _day(given["on"])
            return {"fee_yen": procedure_on(PUBLISHED, on).fee_on(on).yen}


def _clocks_of(kind: str, arrived_on: date) -> dict[str, Any]:
    """What counts from the arrival of a request of that kind, and whether a fee is allowed."""
    asked = Application(kind, arrived_on, "self", {"name": "見本 花子"})
    at = datetime.combine(arrived_on, time(3), UTC)
    command = ReceiveCase(UUID(int=1), "officer-1", asked)
    [event] = case.decide(command, None, PUBLISHED, at, 0)
    state = case.evolve(None, Fact(1, UUID(int=2), 1, at, "officer-1", event))
    assert state is not None, "it was just taken in"
    found = all_clocks(state, case.procedure_of(state, PUBLISHED))
    names = ("without_delay", "two_weeks_end", "suit_possible_from")
    days = {name: found[name].isoformat() if name in found else None for name in names}
    return {**days, "fee_allowed": request_kind(kind, arrived_on).fee}


def _day(text: str) -> date:
    return date.fromisoformat(text)
