"""Requests that may be of the same person: links to them, and nothing of theirs is taken over.

Source: the officer's flow, section 3.4 (S1).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from api.resources.cases.schemas.case_view import render_links
from api.web.services import Services
from ledger.cases import case as cases
from ledger.cases.case import State
from ledger.values import Json

Links = Mapping[str, Sequence[Mapping[str, Json]]]


def related(services: Services, state: State, at: datetime) -> Links:
    """`envelope`: further requests that came with this one; `similar`: of the same identifiers."""
    similar = services.caseload.similar(state.application.identifiers, at, besides=state.case)
    envelope = cases.envelope_of(services.caseload.states(at), state)
    return cast("Links", {"envelope": render_links(envelope), "similar": render_links(similar)})
