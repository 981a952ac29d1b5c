"""利用者と鍵: the command that makes a key, put together from a form.

The page makes no key: whoever operates the system may read no record, and a key made here could.
Whoever holds the database makes it, with the command as it stands (0068).
"""

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.auth import KeyNotAllowedError, Scope, is_prefix, make, person_owner
from api.auth.keys import DAYS_MAX
from api.auth.scopes import TAKES_TWO, exclude_one_another, known
from api.pages.forms import Form

LABELS: Final[Mapping[str, str]] = {
    "label": "名称",
    "scopes": "できること",
    "source_prefix": "送信元",
    "person": "担当者コード",
    "days": "有効期間（日数）",
}
"""Field of the page → what it is called there."""

_BOUND: Final[Collection[Scope]] = frozenset(("events:write", "events:read.own"))
_SCOPES: Final = "一つ以上選んでください。"
_ALONE: Final = "「システムの運用」は、ほかと一緒には選べません。"
_SOURCE: Final = "送信と自分の記録の参照には、送信元（ホスト名まで含むURLなど）が必要です。"
_PREFIX: Final = "送信元を特定できません。ホスト名まで入力してください。"
_PERSON: Final = "二人の担当者で行う操作の鍵には、担当者コードが必要です。"
_CODE: Final = "空白のない半角の英数字と記号で入力してください。"
_LABEL: Final = "半角の英数字、空白、「.」「_」「/」「-」だけで、64字以内で入力してください。"
_DAYS: Final = f"1から{DAYS_MAX}までの数字で入力してください。"


@dataclass(frozen=True, slots=True)
class Command:
    """What the form makes.

    Attributes:
        text: the command, for a shell; empty while there are defects.
        defects: field → what is wrong with it.
    """

    form: Form
    text: str
    defects: Mapping[str, str]


def first(days: int) -> Command:
    """The form as the page begins."""
    return Command(Form({"days": (str(days),)}), "", {})


def read(form: Form, at: datetime) -> Command:
    """Put the command together; what the command would refuse is told at its field.

    Args:
        at: now.
    """
    label, source, person = form.text("label"), form.text("source_prefix"), form.text("person")
    scopes = known(set(form.texts("scope")))
    days = _number(form.text("days"))
    wrong = _defects(scopes, source, person)
    if days is None:
        wrong["days"] = _DAYS
    if not wrong and days is not None:
        try:
            owner = person_owner(person) if person else None
        except KeyNotAllowedError:
            wrong["person"] = _CODE
            return Command(form, "", wrong)
        try:
            # It is thrown away: it says whether the command would make one.
            make(label, scopes, source or None, at=at, days=days, owner=owner)
        except KeyNotAllowedError:
            wrong["label"] = _LABEL
    if wrong or days is None:
        return Command(form, "", {name: wrong[name] for name in LABELS if name in wrong})
    return Command(form, _text(label, scopes, source, person, days), {})


def _defects(scopes: frozenset[Scope], source: str, person: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not scopes:
        wrong["scopes"] = _SCOPES
    elif exclude_one_another(scopes):
        wrong["scopes"] = _ALONE
    if source and not is_prefix(source):
        wrong["source_prefix"] = _PREFIX
    elif not source and not scopes.isdisjoint(_BOUND):
        wrong["source_prefix"] = _SOURCE
    if not person and not scopes.isdisjoint(TAKES_TWO):
        wrong["person"] = _PERSON
    return wrong


def _text(label: str, scopes: frozenset[Scope], source: str, person: str, days: int) -> str:
    words = ["ledger", "keys", "create", "--label", label]
    for scope in sorted(scopes):
        words += ["--scope", scope]
    if source:
        words += ["--source-prefix", source]
    if person:
        words += ["--person", person]
    return shlex.join([*words, "--days", str(days)])


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(DAYS_MAX))
    return int(text) if is_number and 1 <= int(text) <= DAYS_MAX else None
