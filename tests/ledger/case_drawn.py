"""Events of cases of every shape, drawn from the types of their members."""

import dataclasses
import string
from collections.abc import Mapping
from typing import Any, get_args, get_type_hints

from hypothesis import strategies as st

from ledger.cases.events.case import (
    CaseDecided,
    CaseDocumentsChecked,
    CaseReceived,
    CaseRecordsIdentified,
    CaseResubmitted,
    LeftOut,
    PointAnswered,
    ReplyStored,
    WithheldPart,
)
from ledger.cases.events.intake import Application, Examination
from ledger.cases.events.measures import CaseMeasuresDecided, CasePersonIdentified, MeasureTaken
from ledger.cases.events.substitute import CaseSubstitutesChosen, Substitute
from ledger.format.events import CaseEvent
from ledger.policies.identity.request import AddressJudgement, EnvelopePaper
from ledger.values import PrincipalRef

_text = st.text(max_size=12)
_name = st.text(string.ascii_lowercase, min_size=1, max_size=6)
_code = st.text(string.ascii_letters + string.digits, min_size=1, max_size=10)
_number = st.integers(0, 2**53 - 1)


def _few(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


def _drawn(cls: type, **own: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of `cls` with members of every kind, also those that have a default."""
    hints = get_type_hints(cls)
    members = {
        one.name: own[one.name] if one.name in own else _of(hints[one.name])
        for one in dataclasses.fields(cls)
    }
    return st.builds(cls, **members)


def _of(hint: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 -- a type hint
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: _text,
        int: _number,
        str | None: st.none() | _text,
        int | None: st.none() | _number,
        tuple[str, ...]: _few(_text),
    }
    found = plain.get(hint)
    return st.from_type(hint) if found is None else found


_ref = _drawn(PrincipalRef)
_paper = _drawn(EnvelopePaper)
_examination = _drawn(
    Examination,
    papers=_few(_paper),
    addresses=_drawn(AddressJudgement),
    seal_registered=st.dictionaries(_name, st.booleans(), max_size=3),
)
_application = _drawn(
    Application,
    kind=_code,
    form=st.dictionaries(_name, _text, max_size=3),
    identifiers=_few(_ref),
)

_OWN: Mapping[type[CaseEvent], Mapping[str, st.SearchStrategy[Any]]] = {
    CaseReceived: {"application": _application, "procedure": _code},
    CaseDocumentsChecked: {"examination": _examination},
    CaseRecordsIdentified: {
        "identifiers": _few(_ref),
        "tried": _few(_ref),
        "left_out": st.none() | st.lists(_drawn(LeftOut), min_size=1, max_size=3).map(tuple),
    },
    ReplyStored: {"pieces": st.lists(st.binary(max_size=9), min_size=1, max_size=3).map(tuple)},
    CaseResubmitted: {"form": st.none() | st.dictionaries(_name, _text, max_size=3)},
    CaseDecided: {
        "withheld": _few(_drawn(WithheldPart)),
        "points": st.none() | st.lists(_drawn(PointAnswered), min_size=1, max_size=3).map(tuple),
    },
    CasePersonIdentified: {"identifiers": _few(_ref), "tried": _few(_ref)},
    CaseSubstitutesChosen: {"substitutes": _few(_drawn(Substitute))},
    CaseMeasuresDecided: {"measures": _few(_drawn(MeasureTaken))},
}
CASE_STRATEGIES: Mapping[str, st.SearchStrategy[Any]] = {
    cls.TYPE: _drawn(cls, **_OWN.get(cls, {})) for cls in get_args(CaseEvent)
}
"""Type → events of that type."""
