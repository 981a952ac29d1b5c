"""What differs between who was said to be the person and whom somebody else had chosen (S3).

Both are what the step puts down: identifiers, and why. How many records there are is in neither, so
nothing of what is recorded, or hidden, is told here (0038).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from api.pages.steps.differences import FieldDifference, differing
from api.pages.steps.records import LABELS, RecordsForm
from ledger.cases.events.case import CaseRecordsIdentified
from ledger.cases.events.measures import CasePersonIdentified
from ledger.values import PrincipalRef

Identified = CaseRecordsIdentified | CasePersonIdentified

_NOBODY: Final = "該当なし"
_TRIED: Final = "この方のものでない、又は記録がない識別子"


def differences(
    stands: Identified | None,
    typed: RecordsForm,
    called: Mapping[str, str],
    *,
    nobody: bool,
    is_sendable: bool,
) -> tuple[FieldDifference, ...]:
    """The fields in which the form differs from what stands, in the order of the page.

    Args:
        stands: who the person is said to be; None when nobody says it.
        called: scheme → what such an identifier is called.
        nobody: the form says that whoever was found is somebody else.
        is_sendable: the form is still shown, with what it is to search by.
    """
    kept = () if stands is None else stands.names_differ or ()
    why = {_plain(one.identifier): one.because for one in kept}
    said = {} if nobody else {one: typed.reasons.get(one, "") for one in typed.identifiers}
    names = {
        _because(one): f"氏名が異なる理由：{_called(one, called)}"
        for one in dict.fromkeys((*why, *said))
    }
    labels = {"chosen": LABELS["chosen"], **names, "tried": _TRIED}
    labels |= {name: LABELS[name] for name in ("evidence", "not_the_person")}
    ours: dict[str, str] = {_because(one): text for one, text in why.items()}
    if stands is not None:
        ours |= {
            "chosen": _all(map(_plain, stands.identifiers), called) or _NOBODY,
            "tried": _all(map(_plain, stands.tried), called),
            "evidence": stands.evidence,
            "not_the_person": stands.not_the_person or "",
        }
    theirs = {_because(one): text for one, text in said.items()} | {
        "chosen": _NOBODY if nobody else _all(typed.identifiers, called),
        "tried": _all((*typed.tried, *(typed.identifiers if nobody else ())), called),
        **{name: typed.form.text(name) for name in ("evidence", "not_the_person")},
    }
    if not is_sendable and typed.is_unsearched:
        labels |= {name: LABELS[name] for name in ("identifiers", "name")}
        theirs |= {"identifiers": _all(typed.rows, called), "name": typed.name}
    return differing(labels, ours, theirs)


def _plain(one: PrincipalRef) -> PrincipalRef:
    """The identifier alone, without what a form or an event keeps beside it."""
    return PrincipalRef(one.scheme, one.id)


def _because(one: PrincipalRef) -> str:
    return f"because {one.scheme} {one.id}"


def _called(one: PrincipalRef, called: Mapping[str, str]) -> str:
    return f"{called.get(one.scheme, one.scheme)}　{one.id}"


def _all(refs: Iterable[PrincipalRef], called: Mapping[str, str]) -> str:
    """Identifiers, one a line; their order says nothing."""
    return "\n".join(sorted({_called(one, called) for one in refs}))
