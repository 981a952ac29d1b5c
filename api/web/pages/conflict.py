"""A conflict: what others stored meanwhile, beside what somebody typed, field by field.

A page declares its fields (`FormField`); both sides are forms, and `conflict_rows` compares them. A
form says by its version what it was made of. A page that is shown again is made of the newest
version, so its form could be sent over what others did meanwhile, unseen. Therefore the form goes
on to say since when it was overtaken (`SINCE`), until it is taken or thrown away.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from starlette.requests import Request

from api.web.pages.form_values import number_of
from api.web.pages.forms import Form

VERSION: Final = "version"
"""The hidden field of each form of a step that holds the version, beside that of `once`."""
SINCE: Final = "since"
"""The hidden field that holds the version after which others changed the case."""
YES: Final = "はい"


def version_in(form: Form, name: str = VERSION) -> int:
    """The version that a field of the form names; 0, which no case has, without one."""
    return number_of(form.text(name)) or 0


def conflict_since(form: Form, newest: int, taken: int = 0) -> int | None:
    """The version after which others changed the case; None of a form that nobody overtook.

    Args:
        newest: of the case.
        taken: the version to which the form itself has just brought the case; 0 when to none.
    """
    since, own = version_in(form, SINCE), max(version_in(form), taken)
    first = since or own
    return first if 0 < first < newest else None


_TAKEN: Final = "version_taken"


def note_version(request: Request, version: int) -> None:
    """Put down that the form of the request has brought the case to a version."""
    setattr(request.state, _TAKEN, version)


def as_draft(request: Request, form: Form) -> Form:
    """The form of the request as a draft of it: made of the version that it has brought about."""
    version = max(version_in(form), noted_version(request))
    return Form({**form.fields, VERSION: (str(version),)}) if form.has(VERSION) else form


def noted_version(request: Request) -> int:
    """The version to which the form of the request has brought the case; 0: to none."""
    return cast("int", getattr(request.state, _TAKEN, 0))


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One field that is not the same on both sides.

    Attributes:
        label: what the page calls it.
        stored: what the ledger holds; typed: what the form says; empty for nothing.
    """

    label: str
    stored: str
    typed: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """In what a form differs from what others stored meanwhile.

    Attributes:
        is_sendable: the step is open, so that the form may be sent once more.
        is_replaced: what is sent then takes the place of what is stored.
        is_whole: everything was compared; else the records are not shown at the moment, and nothing
            is told of them.
    """

    rows: tuple[ConflictRow, ...]
    is_sendable: bool
    is_replaced: bool = True
    is_whole: bool = True


FieldWords = Callable[[Form, str], str]
"""What a form says in the field of that name, in the words of the page."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a page.

    Attributes:
        label: what the page calls it.
        words: what a form says there; its text, when not given.
    """

    label: str
    words: FieldWords = Form.text


def labels_of(fields: Mapping[str, FormField]) -> dict[str, str]:
    """Field → what the page calls it."""
    return {name: one.label for name, one in fields.items()}


def ticked(form: Form, name: str) -> str:
    """What a box says."""
    return YES if form.has(name) else ""


def chosen(words: Mapping[str, str], between: str = "、") -> FieldWords:
    """What choices say, each by its code; what is no code of them says nothing."""
    return lambda form, name: between.join(
        text for code, text in words.items() if code in form.texts(name)
    )


def conflict_rows(
    fields: Mapping[str, FormField], stored: Form, typed: Form
) -> tuple[ConflictRow, ...]:
    """The fields in which two forms differ, in the order of the page."""
    both = ((one.label, one.words(stored, it), one.words(typed, it)) for it, one in fields.items())
    return tuple(ConflictRow(*one) for one in both if one[1] != one[2])


def text_conflicts(
    labels: Mapping[str, str], stored: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[ConflictRow, ...]:
    """The same of two sides that are words already; a field without a label is not compared."""
    both = ((label, stored.get(name, ""), typed.get(name, "")) for name, label in labels.items())
    return tuple(ConflictRow(*one) for one in both if one[1] != one[2])


@dataclass(frozen=True, slots=True)
class EarlierChange:
    """What somebody did before a form that came second.

    Attributes:
        words: what it was; reason: as it was typed, empty where there is none to be shown.
        actor: None: an emitter did it.
        is_own: it was the visitor, in another window.
    """

    at: datetime
    words: str
    actor: str | None
    is_own: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FormConflict:
    """What was done since a form was made, oldest first, and how what was typed differs from it."""

    since: tuple[EarlierChange, ...]
    differing: Conflict


def find_conflict(done: Iterable[EarlierChange], label: str, typed: str) -> FormConflict | None:
    """What is told beside the form of one line of a list; None: nobody came first.

    What such a form asks for is done: it cannot be sent over what is stored.

    Args:
        label: what the field of the reason is called; typed: what stands in it.
    """
    since = tuple(done)
    if not since:
        return None
    rows = text_conflicts({"": label}, {"": since[-1].reason}, {"": typed})
    return FormConflict(since, Conflict(rows, is_sendable=False, is_replaced=False))
