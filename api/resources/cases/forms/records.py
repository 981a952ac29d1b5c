"""The form of 記録の特定, read: who was looked for, who was chosen, and why; and as it is shown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.problems.kind import DEFECTS_JA
from api.resources.cases.forms.candidates import CandidatePerson, group_of
from api.resources.cases.search.search import BY_IDENTIFIER
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.cases.namesakes import names_of
from ledger.errors import Defect
from ledger.policies.identifiers import identifies
from ledger.values import Json, PrincipalRef

LABELS: Final[Mapping[str, str]] = {
    "identifiers": "識別子で探す",
    "name": "氏名で探す",
    "former_names": "旧姓など、以前の氏名で探す",
    "chosen": "この方の記録",
    "others_left_out": "表示されていない同じ氏名の方が、いずれもこの方ではないと確かめた方法",
    "evidence": "特定の根拠",
    "not_the_person": "選ばなかった識別子の記録が、この方のものではない理由",
}
"""Field of the page → what it is called there."""
BECAUSE: Final = "because_"
"""Before the number of a group: why its records bear another name."""
LEFT_OUT: Final = "left_out_"
"""Before the number of a group: why somebody whom the name found is not the person."""

ROWS_MIN: Final = 2
IDENTIFIERS_MAX: Final = 50
"""Identifiers of one search, as at the API's endpoint."""
_DIGITS_MAX: Final = 3
_DIFFERS: Final = Defect("", "NAME_DIFFERS", "")
_UNDECIDED: Final = Defect("", "CANDIDATE_NOT_DECIDED", "")
_BEFORE: Final = 4
"""Fields of `LABELS` before those of the candidates."""
_BETWEEN: Final = re.compile(r"[、,，\n]")
_CHECK: Final = "入力を確認してください。"
_CHOOSE: Final = "この方の記録を選んでください。"


@dataclass(frozen=True, slots=True)
class RecordsForm:
    """What the form says.

    Attributes:
        rows: identifiers that were typed to be searched for.
        name: that was typed; searched_name: by which the candidates were found.
        former: former names that were typed; searched_former: by which they were found.
        groups: those that were shown; chosen: numbers of them, from 1.
    """

    form: Form
    rows: tuple[PrincipalRef, ...]
    name: str
    searched_name: str
    former: str
    searched_former: str
    groups: tuple[CandidatePerson, ...]
    chosen: frozenset[int]

    @property
    def is_unsearched(self) -> bool:
        """Whether something was typed to be searched for, and was not."""
        searched = {one for group in self.groups for one in group.search_refs}
        is_same = (self.name, self.former) == (self.searched_name, self.searched_former)
        return not searched.issuperset(self.rows) or not is_same

    @property
    def former_names(self) -> tuple[str, ...]:
        """The former names, one by one."""
        parts = (one.strip() for one in _BETWEEN.split(self.former))
        return tuple(dict.fromkeys(one for one in parts if one))

    @property
    def identifiers(self) -> tuple[PrincipalRef, ...]:
        """The identifiers of whoever was chosen."""
        return tuple(one for _, group in self._chosen() for one in group.search_refs)

    @property
    def reasons(self) -> dict[PrincipalRef, str]:
        """Why the records of an identifier bear another name, as it was typed."""
        return {
            one: because
            for number, group in enumerate(self.groups, 1)
            if (because := self.form.text(f"{BECAUSE}{number}"))
            for one in group.search_refs
        }

    @property
    def unexplained(self) -> tuple[int, ...]:
        """Numbers of those who were chosen although their records bear another name, unsaid why."""
        return tuple(
            number
            for number, group in self._chosen()
            if group.differs and not self.form.text(f"{BECAUSE}{number}")
        )

    @property
    def left_out(self) -> tuple[tuple[int, PrincipalRef, str], ...]:
        """Number, identifier and reason of each whom the name found and who is somebody else."""
        return tuple(
            (number, group.search_refs[0], because)
            for number, group in enumerate(self.groups, 1)
            if group.is_namesake and (because := self.form.text(f"{LEFT_OUT}{number}"))
        )

    def undecided(self, *, nobody: bool) -> tuple[int, ...]:
        """Numbers of those whom the name found, who are not chosen, and of whom nothing is said."""
        explained_numbers = {number for number, _, _ in self.left_out}
        mine = frozenset[int]() if nobody else self.chosen
        return tuple(
            number
            for number, group in enumerate(self.groups, 1)
            if group.is_namesake and number not in mine | explained_numbers
        )

    @property
    def tried(self) -> tuple[PrincipalRef, ...]:
        """Identifiers that were searched for and are not those of whoever was chosen."""
        return tuple(
            one
            for number, group in enumerate(self.groups, 1)
            if number not in self.chosen and group.matched == BY_IDENTIFIER
            for one in group.search_refs
        )

    def _chosen(self) -> list[tuple[int, CandidatePerson]]:
        return [one for one in enumerate(self.groups, 1) if one[0] in self.chosen]

    def body_of_records(self, *, nobody: bool) -> dict[str, Json]:
        """The body where records are disclosed: with what is said of whom the names find."""
        found = self.left_out if nobody else self._left_out_of_mine()
        names = {one for _, one, _ in self.left_out}
        body = self.body(nobody=nobody)
        if nobody:
            # Whom the name found was not searched for by an identifier.
            others = (*self.tried, *self.identifiers)
            body["tried"] = _refs(one for one in others if one not in names)
        typed = (*self.former_names, *([self.name] if self.name else []))
        body["former_names"] = list(dict.fromkeys(typed))
        body["left_out"] = [
            {"identifier": {"scheme": one.scheme, "id": one.id}, "because": because}
            for _, one, because in found
        ]
        if text := self.form.text("others_left_out"):
            body["others_left_out"] = text
        return body

    def _left_out_of_mine(self) -> tuple[tuple[int, PrincipalRef, str], ...]:
        return tuple(one for one in self.left_out if one[0] not in self.chosen)

    def body(self, *, nobody: bool) -> dict[str, Json]:
        """The body of the API's endpoint; `nobody`: whoever was found is somebody else."""
        who = () if nobody else self.identifiers
        tried = (*self.tried, *(one for one in self.identifiers if nobody))
        body: dict[str, Json] = {
            "identifiers": _refs(who),
            "tried": _refs(tried),
            "evidence": self.form.text("evidence"),
        }
        if not nobody:
            body["names_differ"] = [
                {"identifier": {"scheme": one.scheme, "id": one.id}, "because": because}
                for number, group in self._chosen()
                if (because := self.form.text(f"{BECAUSE}{number}"))
                for one in group.search_refs
            ]
        if because := self.form.text("not_the_person"):
            body["not_the_person"] = because
        return body

    def by_field(self, defects: Iterable[Defect], *, nobody: bool) -> dict[str, str]:
        """Field of the page → what is wrong with it, in the order of the page."""
        owners = [number for number, group in self._chosen() for _ in group.search_refs]
        explained_owners = [n for n in owners if self.form.text(f"{BECAUSE}{n}")]
        others = [n for n, _, _ in (self.left_out if nobody else self._left_out_of_mine())]
        messages: dict[str, str] = {}
        for one in defects:
            place = _field(one.pointer, () if nobody else owners, explained_owners, others)
            messages.setdefault(place, words_of((one,)))
        own = sorted(one for one in messages if one.startswith((BECAUSE, LEFT_OUT)))
        before, after = list(LABELS)[:_BEFORE], list(LABELS)[_BEFORE:]
        return {name: messages[name] for name in (*before, *own, *after) if name in messages}


def words_of(defects: Sequence[Defect]) -> str:
    """The first of the defects in words."""
    return DEFECTS_JA.get(defects[0].code, _CHECK)


def _field(
    pointer: str, owners: Sequence[int], explained_owners: Sequence[int], others: Sequence[int]
) -> str:
    steps = pointer.strip("/").split("/")
    place = int(steps[1]) if len(steps) > 1 and steps[1].isdigit() else -1
    if steps[-1] in ("scheme", "id"):
        # An identifier by which nobody can be looked for; what it is called is typed there.
        return "identifiers"
    if steps[0] in ("identifiers", "names_differ"):
        numbers = owners if steps[0] == "identifiers" else explained_owners
        return f"{BECAUSE}{numbers[place]}" if 0 <= place < len(numbers) else "chosen"
    if steps[0] == "left_out":
        return f"{LEFT_OUT}{others[place]}" if 0 <= place < len(others) else "chosen"
    if steps[0] == "tried":
        return "not_the_person" if len(steps) > 1 else "identifiers"
    return steps[0] if steps[0] in LABELS else "chosen"


def read(form: Form) -> RecordsForm:
    """Read the form. Whatever is no number and no group of ours is passed over."""
    numbers = (one for one in form.texts("chosen") if one.isascii() and one.isdigit())
    return RecordsForm(
        form,
        tuple(
            PrincipalRef(scheme, name)
            for scheme, name in zip(form.texts("scheme"), form.texts("identifier"), strict=False)
            if scheme and name
        ),
        form.text("name"),
        form.text("searched_name"),
        form.text("former_names"),
        form.text("searched_former"),
        tuple(group for one in form.texts("group") if (group := group_of(one)) is not None),
        frozenset(int(one) for one in numbers if len(one) <= _DIGITS_MAX),
    )


def missing(typed: RecordsForm, *, nobody: bool, is_for_measures: bool) -> dict[str, str]:
    """What must be there before a step is asked for at all."""
    wrong: dict[str, str] = {}
    if not nobody and not typed.identifiers:
        wrong["chosen"] = _CHOOSE
    if not nobody:
        wrong |= {f"{BECAUSE}{n}": words_of((_DIFFERS,)) for n in typed.unexplained}
    if not is_for_measures:
        undecided = typed.undecided(nobody=nobody)
        wrong |= {f"{LEFT_OUT}{n}": words_of((_UNDECIDED,)) for n in undecided}
    if not typed.form.text("evidence"):
        wrong["evidence"] = "入力してください。"
    return wrong


def refs_to_search(state: State, typed: RecordsForm | None) -> tuple[PrincipalRef, ...]:
    """For which identifiers is looked: the form's, those that were named, those typed."""
    identification = state.search or state.person
    named = () if identification is None else (*identification.identifiers, *identification.tried)
    # What says nothing was taken in before it was refused: nobody is looked for by it.
    own, earlier = (
        tuple(one for one in refs if identifies(one.id))
        for refs in (state.application.identifiers, named)
    )
    every = (*own, *(earlier if typed is None else typed.rows))
    return tuple(dict.fromkeys(PrincipalRef(one.scheme, one.id) for one in every))[:IDENTIFIERS_MAX]


def further(state: State, typed: RecordsForm | None) -> tuple[PrincipalRef, ...]:
    """The identifiers of `refs_to_search` that the form does not name: rows of the page."""
    own = {(one.scheme, one.id) for one in state.application.identifiers}
    return tuple(one for one in refs_to_search(state, typed) if (one.scheme, one.id) not in own)


def ticked(
    state: State, typed: RecordsForm | None, groups: Sequence[CandidatePerson]
) -> frozenset[int]:
    """The numbers of the groups that are chosen when the page is shown.

    What was chosen before stays; else who was identified; else the one person who was found by an
    identifier, if nothing in the records speaks against it.
    """
    identification = state.search or state.person
    earlier = set[PrincipalRef]() if typed is None else set(typed.identifiers)
    if not earlier and identification is not None and typed is None:
        earlier = {PrincipalRef(one.scheme, one.id) for one in identification.identifiers}
    if earlier:
        return frozenset(
            n for n, one in enumerate(groups, 1) if not earlier.isdisjoint(one.search_refs)
        )
    by_identifier = (one for one in enumerate(groups, 1) if one[1].matched == BY_IDENTIFIER)
    found = [one for one in by_identifier if one[1].has_records]
    if len(found) == 1 and not found[0][1].differs:
        return frozenset((found[0][0],))
    return frozenset()


def _refs(refs: Iterable[PrincipalRef]) -> list[Json]:
    return [{"scheme": one.scheme, "id": one.id} for one in refs]


def build_form(
    state: State, typed: RecordsForm | None, groups: Sequence[CandidatePerson], suggestion: str
) -> Form:
    """The form as it is shown: what was typed, else what stands, else what the search suggests.

    What was said of a person stays with the person, whatever their number is by now.
    """
    if typed is None:
        kept = _current_fields(state, suggestion)
        return Form(
            {
                **kept,
                **_reasons(BECAUSE, _difference_reasons(state), groups),
                **_reasons(LEFT_OUT, _left_out(state), groups),
            }
        )
    own = (BECAUSE, LEFT_OUT)
    fields = {n: one for n, one in typed.form.fields.items() if not n.startswith(own)}
    evidence = typed.form.text("evidence")
    if evidence in ("", typed.form.text("suggestion")):
        fields["evidence"] = (suggestion,)
    left_out = {one: because for _, one, because in typed.left_out}
    return Form(
        {
            **fields,
            **_reasons(BECAUSE, typed.reasons, groups),
            **_reasons(LEFT_OUT, left_out, groups),
        }
    )


def _current_fields(state: State, suggestion: str) -> dict[str, tuple[str, ...]]:
    identification = state.search or state.person
    if identification is None:
        return {"evidence": (suggestion,)}
    fields = {"evidence": (identification.evidence,)}
    if state.search is None:
        return fields
    return {
        **fields,
        "not_the_person": (state.search.not_the_person or "",),
        "former_names": (former_text(state),),
        "others_left_out": (state.search.others_left_out or "",),
    }


def former(state: State) -> tuple[str, ...]:
    """The names of the search that stands beside those of the form."""
    searched = (state.search and state.search.names_searched) or ()
    of_form = names_of(state.application.form)
    return tuple(one for one in searched if one not in of_form)


def former_text(state: State) -> str:
    """The same as it is typed."""
    return "、".join(former(state))


def _difference_reasons(state: State) -> dict[PrincipalRef, str]:
    identification = state.search or state.person
    kept = () if identification is None else identification.names_differ or ()
    return {PrincipalRef(one.identifier.scheme, one.identifier.id): one.because for one in kept}


def _left_out(state: State) -> dict[PrincipalRef, str]:
    kept = (state.search and state.search.left_out) or ()
    return {PrincipalRef(one.identifier.scheme, one.identifier.id): one.because for one in kept}


def _reasons(
    prefix: str, reasons: Mapping[PrincipalRef, str], groups: Sequence[CandidatePerson]
) -> dict[str, tuple[str, ...]]:
    found = {
        f"{prefix}{number}": next((reasons[one] for one in group.search_refs if one in reasons), "")
        for number, group in enumerate(groups, 1)
    }
    return {name: (text,) for name, text in found.items() if text}
