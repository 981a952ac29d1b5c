"""A register as its page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from api.resources.registers.forms import words
from api.resources.registers.forms.mapping_form import LABELS_OF_FORM
from api.resources.registers.forms.words import page_message_for
from ledger.store.registers import RegisterRow

_PARTS: Final = {
    "field": "の項目",
    "values": "の値の対応",
    "separator": "の区切り文字",
    "unknown": "の空欄",
    "digits": "の桁数",
    "clock": "の時刻",
}
MAPPABLE: Final = ("uploaded", "checked")
"""States in which the columns can be mapped, while nobody is at it."""
_WORK: Final = ("checking", "recording")


@dataclass(frozen=True, slots=True)
class RegisterView:
    """What is told of a register.

    Attributes:
        one: the register itself.
        is_going_on: whether somebody is at it.
        is_interrupted: whether it was begun, did not end, and nobody is at it.
        problems: code → what to do, and how many.
        titles: of its columns; none while it cannot be read.
    """

    one: RegisterRow
    is_going_on: bool
    is_interrupted: bool
    problems: Mapping[str, tuple[str, int]]
    titles: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its file is called."""
        return str(self.one.members["name"])

    @property
    def state(self) -> str:
        """Where it is, in words."""
        return "中断" if self.is_interrupted else words.STATES[self.one.state]

    @property
    def percent(self) -> int | None:
        """How much of it is done; None: not known."""
        if not self.one.rows_all:
            return None
        return min(100 * self.one.rows_done // self.one.rows_all, 100)

    @property
    def may_be_mapped(self) -> bool:
        """Whether its columns can be mapped now."""
        return self.one.state in MAPPABLE and not self.is_going_on

    def count(self, name: str) -> int:
        """A number that was counted: `transfers`, `hidden`."""
        return self.one.counts.get("numbers", {}).get(name, 0)

    def counted(self, name: str) -> Mapping[str, int]:
        """Code → how many: `results`, `findings`."""
        return self.one.counts.get(name, {})


def view_of(one: RegisterRow) -> RegisterView:
    """What is told of it."""
    is_begun = one.state in _WORK
    problems = {
        code: (page_message_for(code), count)
        for code, count in sorted(one.counts.get("problems", {}).items(), key=lambda it: -it[1])
    }
    mapping = cast("dict[str, Any]", one.members.get("mapping") or {})
    return RegisterView(
        one,
        # Until it lets go, although its last word stands: nothing else can be begun before.
        one.is_worked_on,
        is_begun and not one.is_worked_on,
        problems,
        tuple(mapping.get("columns", ())),
    )


def labels_of(titles: tuple[str, ...]) -> dict[str, str]:
    """What the list of defects calls each field of the form."""
    columns = {
        f"c{n}_{part}": f"「{title}」{word}"
        for n, title in enumerate(titles)
        for part, word in _PARTS.items()
    }
    others = {"sheet": "シート", "encoding": "文字コード", "row": "見出しの行", "file": "ファイル"}
    return {**LABELS_OF_FORM, **others, **columns}
