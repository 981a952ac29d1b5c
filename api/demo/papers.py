"""What comes in an envelope, and what an officer puts down of it, as requests to the endpoints."""

from datetime import date, timedelta
from typing import Final, cast

from api.demo.applicants import Applicant
from ledger.values import Json

Body = dict[str, Json]

_ISSUED_DAYS_BEFORE: Final = 20
_CHILD_YEARS: Final = 12


def paper(kind: str, arrived: date, person: str = "principal", **more: Json) -> Body:
    """An original, not yet three weeks old when it arrives, on which nothing is wrong."""
    issued = arrived - timedelta(days=_ISSUED_DAYS_BEFORE)
    return {
        "kind": kind,
        "person": person,
        "is_original": True,
        "issued_on": issued.isoformat(),
        "shows_name": True,
        "shows_birth_date": True,
        "shows_current_address": True,
        "address_mark": "printed",
        "my_number_shown": False,
        **more,
    }


def pair(arrived: date, person: str = "principal") -> list[Body]:
    """The seal certificate and the residence certificate of one person."""
    kinds = ("seal_certificate", "residence_certificate")
    return [paper(kind, arrived, person) for kind in kinds]


def of_an_agent(arrived: date) -> list[Body]:
    """The papers of the principal and of a mandated agent, and the mandate."""
    mandate: Body = {
        "kind": "power_of_attorney",
        "person": "principal",
        "is_original": True,
        "by_principal": True,
        "seal_as_certified": True,
        "covers_this_request": True,
    }
    return [*pair(arrived), *pair(arrived, "agent"), mandate]


def of_a_parent(arrived: date) -> list[Body]:
    """The papers of a minor and of the parent, and the family register."""
    register = paper("family_register", arrived, "legal_representative")
    return [*pair(arrived), *pair(arrived, "legal_representative"), register]


def check_body(who: Applicant, papers: list[Body], *, form_checked: bool = True) -> Body:
    """A look at the papers and the form; the three addresses agree."""
    return {
        "papers": cast("Json", papers),
        "addresses": {
            "has_registered": True,
            "form_is_registered": True,
            "identity_is_form": True,
            "representative_is_on_papers": True,
            "on_papers": who.address,
            "registered": who.address,
        },
        "form_checked": form_checked,
    }


def request(who: Applicant, arrived: date, **more: Json) -> Body:
    """The request of a principal in person, as it stands on the form."""
    return {
        "arrived_on": arrived.isoformat(),
        "requester": "self",
        "form": who.form,
        "birth_date": who.birth_date,
        "identifiers": who.identifiers,
        "medium": "paper",
        **more,
    }


def by_an_agent(who: Applicant, arrived: date) -> Body:
    """The same by a mandated agent: the reply goes to the principal all the same."""
    form = {**who.form, "agent_name": "桐生 守", "agent_address": "東京都架空区例示台七丁目2番1号"}
    return request(who, arrived, requester="mandated_agent", form=form)


def by_a_parent(who: Applicant, arrived: date) -> Body:
    """The same by a parent, to whom the reply goes."""
    form = {
        **who.form,
        "representative_name": "三枝 千尋",
        "representative_postal_code": "100-0000",
        "representative_address": who.address,
    }
    # A child whenever the demo is run.
    born = f"{arrived.year - _CHILD_YEARS}-05-02"
    return request(
        who,
        arrived,
        requester="legal_representative",
        representation="parent_of_minor",
        birth_date=born,
        form=form,
    )
