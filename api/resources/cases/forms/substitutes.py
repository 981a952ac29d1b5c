"""What the letters print for characters that cannot be printed (代替文字), as a form holds it."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from api.problems.kind import DEFECTS_JA
from api.web.pages.forms import Form
from ledger.cases.case import State
from ledger.cases.print_step import SUBSTITUTES_MAX
from ledger.errors import Defect
from ledger.policies.substitutes import AS_CODE_POINTS, OTHERS, code_points, is_selector
from ledger.values import Json

LACKING: Final = "lacking"
"""The hidden field that holds the characters for which a form was refused."""
_OTHERS: Final = "others_because"
_POINT: Final = re.compile(r"[0-9A-F]{4,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """One character, and what is printed in its place; nothing where nobody has said it yet."""

    written: str
    printed: str = ""
    evidence: str = ""

    @property
    def points(self) -> str:
        """What is written, by its code points: the screen may lack it, too."""
        return code_points(self.written)

    @property
    def label(self) -> str:
        """What it is called where forms are compared."""
        if self.written == OTHERS:
            return "代替文字：そのほかの印字できない文字"
        return f"代替文字：{self.written}（{self.points}）"


def read(form: Form) -> tuple[Choice, ...]:
    """The choices of a form, in their order; the one for every other character is the last."""
    others = form.text(_OTHERS)
    given = (form.texts(name) for name in ("written", "printed", "printed_because"))
    points, printed, because = given
    rows = (
        Choice(written, one, why)
        for text, one, why in zip(points, printed, because, strict=False)
        if (written := character(text))
    )
    return (*rows, *([Choice(OTHERS, AS_CODE_POINTS, others)] if others else ()))


def character(points: str) -> str:
    """The character of some code points (`U+9089 U+E010F`, `U+9089+E010F`); empty without any."""
    found = [int(one, 16) for one in _POINT.findall(points)]
    return "".join(chr(one) for one in found if one <= sys.maxunicode and not _is_half(one))


def _is_half(point: int) -> bool:
    """Whether it is half of a pair of UTF-16, which is no character."""
    return 0xD800 <= point <= 0xDFFF  # noqa: PLR2004 -- the block of surrogates


def body(choices: Sequence[Choice]) -> dict[str, Json]:
    """The body for the API's endpoint: the choices made; an empty one is taken back."""
    others = [one.evidence for one in choices if one.written == OTHERS]
    chosen: list[Json] = [
        {"written": one.written, "printed": one.printed, "evidence": one.evidence}
        for one in choices
        if one.written != OTHERS and (one.printed or one.evidence)
    ]
    return {"substitutes": chosen, **({"others": {"evidence": others[0]}} if others else {})}


def refused(defects: Iterable[Defect]) -> tuple[str, ...]:
    """The characters that a refusal to print names, each once; no more than can be chosen."""
    found = (character(one) for defect in defects for one in defect.detail.split())
    return tuple(islice(dict.fromkeys(one for one in found if one), SUBSTITUTES_MAX))


def build_choices(
    state: State, typed: Sequence[Choice] | None, lacking: Sequence[str]
) -> tuple[Choice, ...]:
    """The rows of the page: what was typed, else what stands; then what is lacking besides."""
    current_choices = (Choice(one.written, one.printed, one.evidence) for one in state.substitutes)
    rows = {one.written: one for one in (current_choices if typed is None else typed)}
    for one in lacking:
        rows.setdefault(one, Choice(one, _plain(one)))
    rows.pop(OTHERS, None)
    return tuple(rows.values())


def others_evidence(state: State, typed: Sequence[Choice] | None) -> str:
    """Why every other character is printed by its code points; empty: it is not."""
    known = state.substitutes if typed is None else typed
    return next((one.evidence for one in known if one.written == OTHERS), "")


def noted(form: Form, lacking: Sequence[str]) -> Form:
    """The form with the characters that it was refused for: a draft of it tells them again."""
    return Form({**form.fields, LACKING: tuple(code_points(one) for one in lacking)})


def still_lacking(form: Form | None, state: State) -> tuple[str, ...]:
    """The characters that a form was refused for and nobody has given another form since."""
    given = {one.written for one in state.substitutes}
    found = () if form is None else map(character, form.texts(LACKING))
    return tuple(dict.fromkeys(one for one in found if one and one not in given))


def _plain(written: str) -> str:
    """The character without its selector, to begin with; the ledger says whether it will do."""
    has_selector = len(written) > 1 and is_selector(written[1])
    return written[0] if has_selector else ""


def by_field(defects: Iterable[Defect]) -> Mapping[str, str]:
    """The first defect, at the one field of the page."""
    for one in defects:
        return {"substitutes": DEFECTS_JA.get(one.code, "代わりの文字と理由を入力してください。")}
    return {}
