"""The form of 回答内容の確認, read: what is withheld, the medium, and what is to be shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.resources.cases.forms import points, withheld_blocks
from api.resources.cases.forms.withheld_blocks import Block
from api.web.pages.days import NoSuchDayError
from api.web.pages.form_values import FieldValue, by_field, day_of, filled, number_of
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.cases.events.case import CaseDecided
from ledger.cases.letters.lines import PROVIDED, RECEIVED
from ledger.errors import Defect
from ledger.law.procedure.version import Procedure
from ledger.values import Json

LABELS: Final[Mapping[str, str]] = {
    "ticks": "不開示にする記録",
    **points.LABELS,
    "medium": "開示の方法",
    "medium_reason": "希望と異なる方法にする理由",
    "agreed_on": "請求者が方法に同意した日",
    "agreed_how": "同意を確認した方法",
    "substitutes": "代替文字",
}
"""Field of the page → what it is called there."""
NAMES: Final = (
    *("block", "tick", "ticked", "written", "lacking", "rows", "action", "page_provided"),
    *points.DIGESTS,
)
"""Fields that hold names of things: twelve digits of them are no individual number."""
ALL: Final = "all"
"""What the box of all records sends."""
_PAGE_DIGITS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What the form says.

    Attributes:
        action: the button that was pressed.
        blocks: what is withheld so far.
        ticks: rows that were ticked, by their first record; of other pages, too.
        is_all: every record was ticked.
        pages: side → page; unfolded: every record has a row of its own.
    """

    form: Form
    action: str
    blocks: tuple[Block, ...]
    ticks: frozenset[UUID]
    is_all: bool
    pages: Mapping[str, int]
    unfolded: bool

    @property
    def is_ticked(self) -> bool:
        """Whether records are ticked that stand in no block yet."""
        return self.is_all or bool(self.ticks)

    @property
    def body(self) -> dict[str, Json]:
        """The body of the API's endpoint."""
        members: dict[str, Json] = {"withheld": withheld_blocks.body(self.blocks)}
        for name in ("medium", "medium_reason"):
            if text := self.form.text(name):
                members[name] = text
        if agreed := _agreed(self.form):
            members["medium_agreement"] = agreed
        members["points"] = points.body(self.form)
        return members

    def describe_defects(self, defects: Iterable[Defect]) -> dict[str, str]:
        """Field of the page → what is wrong with it; what belongs to no field, at the records."""
        places = {**withheld_blocks.fields_by_pointer(self.blocks), **points.PLACES}
        return by_field(defects, labels(self.blocks), places)


def labels(blocks: Sequence[Block]) -> dict[str, str]:
    """Field → what it is called, in the order of the page."""
    ticks, *other_labels = LABELS.items()
    return dict([ticks, *withheld_blocks.labels(blocks).items(), *other_labels])


def read(form: Form) -> DecisionForm:
    """Read the form. Whatever is no record and no number is passed over."""
    marked = form.texts("tick")
    ticks = withheld_blocks.uuids_of(" ".join((*marked, form.text("ticked"))))
    pages = {side: _page(form.text(f"page_{side}")) for side in (PROVIDED, RECEIVED)}
    action = form.text("action")
    unfolded = form.text("rows") == ALL
    kind, _, argument = action.partition(":")
    if kind == "page":
        side, _, page = argument.partition(":")
        pages[side] = _page(page)
    elif kind == "rows":
        unfolded, pages = argument == ALL, {}
    blocks = withheld_blocks.blocks_of(form)
    if kind == "drop":
        blocks = tuple(one for n, one in enumerate(blocks, 1) if str(n) != argument)
    return DecisionForm(form, kind, blocks, frozenset(ticks), ALL in marked, pages, unfolded)


def first(state: State, procedure: Procedure) -> DecisionForm:
    """The page as it is first shown: what was decided, or what was asked for."""
    decision = state.decision if isinstance(state.decision, CaseDecided) else None
    blocks = () if decision is None else withheld_blocks.blocks_decided(decision)
    medium = state.application.medium or procedure.readings.unstated_medium
    reason = "" if decision is None else decision.medium_reason or ""
    agreed = None if decision is None else decision.medium_agreement
    fields: dict[str, FieldValue] = {
        "medium": medium if decision is None else decision.medium,
        "medium_reason": reason,
        **points.fields_of((decision and decision.points) or ()),
    }
    if agreed is not None:
        fields |= {"agreed_how": agreed.how, "agreed_on": agreed.agreed_on}
    return DecisionForm(
        filled(fields), "", blocks, frozenset(), is_all=False, pages={}, unfolded=False
    )


def is_decided(typed: DecisionForm, state: State) -> bool:
    """Whether the form says what stands decided: then it is submitted as it stands."""
    decision = state.decision
    if not isinstance(decision, CaseDecided):
        return False
    return (
        withheld_blocks.body(typed.blocks)
        == withheld_blocks.body(withheld_blocks.blocks_decided(decision))
        and typed.form.text("medium") == decision.medium
        and typed.form.text("medium_reason") == (decision.medium_reason or "")
        and _agreed(typed.form) == _agreed_of(decision)
        and points.has_same_answers(typed.form, decision.points or ())
    )


def _agreed(form: Form) -> dict[str, Json]:
    """What the form says of an agreement, as the API's endpoint has it; empty for nothing."""
    how = form.text("agreed_how")
    try:
        day = day_of(form, "agreed_on")
        text = "" if day is None else day.isoformat()
    except NoSuchDayError:
        text = "?"
    return {"agreed_on": text, "how": how} if text or how.strip() else {}


def _agreed_of(decision: CaseDecided) -> dict[str, Json]:
    agreed = decision.medium_agreement
    if agreed is None:
        return {}
    return {"agreed_on": agreed.agreed_on.isoformat(), "how": agreed.how}


def build_form(typed: DecisionForm, blocks: Sequence[Block]) -> Form:
    """The form as it is shown, its blocks numbered anew."""
    other_fields = withheld_blocks.without_blocks(typed.form)
    return Form({**other_fields, **withheld_blocks.fields_of(blocks)})


def _page(text: str) -> int:
    found = number_of(text, _PAGE_DIGITS_MAX)
    return 1 if found is None else found
