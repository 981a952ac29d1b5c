"""The files of letters, by golden ones: a reply that was made in another year is made again alike.

When one of these fails, do not write the golden files anew at once. The change means that an old
reply made again would read otherwise than what the person has in hand. That needs a decision in
`docs/decisions` which says why, and how replies of before keep their words (`VERSION` in
`ledger/cases/letters/files.py`); then `python -m tests.documents.golden.make`. A new member or kind
of letter is no such change: it comes with a golden letter of its own, and the others stay.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, cast, get_args

import pytest

from ledger.cases.letters import contents
from ledger.cases.letters.contents import Content, Supplement
from ledger.cases.letters.files import csv_of
from ledger.cases.letters.letter import Addressee, Issuer, Letter, RequestSummary, SearchInstant
from ledger.cases.letters.lines import LineItem, ReplyLine
from ledger.format.json import strict
from tests.documents.golden import make

CHANGED = "an old reply made again would read otherwise: that needs a decision (see above)"
FOLDERS = ("letters", "replies")
FILES = make.files()
LETTERS = make.letters()


def golden(name: str) -> bytes:
    return (make.HERE / name).read_bytes()


def kinds_in(folder: str) -> set[str]:
    """The kinds of the letters in a folder, and of the replies inside supplements."""
    contents_of = [one.content for name, one in LETTERS.items() if name.startswith(f"{folder}/")]
    inner = [one.reply for one in contents_of if isinstance(one, Supplement)]
    return {one.KIND for one in (*contents_of, *inner)}


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".json")])
def test_a_letter_made_today_is_the_one_that_was_made_then(name: str) -> None:
    # Member by member first, for whoever reads the failure; then every byte.
    assert strict(FILES[name]) == strict(golden(name)), CHANGED
    assert FILES[name] == golden(name), CHANGED


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".csv")])
def test_a_table_made_today_is_the_one_that_was_made_then(name: str) -> None:
    assert FILES[name].decode() == golden(name).decode(), CHANGED


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".csv")])
def test_the_table_of_then_follows_from_the_file_of_then(name: str) -> None:
    kept = golden(name.replace(".csv", ".json"))
    assert csv_of(kept).decode() == golden(name).decode(), CHANGED


def test_no_golden_file_was_left_out_or_left_behind() -> None:
    found = {
        str(path.relative_to(make.HERE))
        for folder in FOLDERS
        for path in (make.HERE / folder).iterdir()
    }
    assert found == FILES.keys()


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_kind_of_content_has_a_golden_letter(folder: str) -> None:
    assert kinds_in(folder) == {kind.KIND for kind in get_args(Content)}


def values_in(value: object) -> Iterator[Any]:
    """Every dataclass in a letter, the letter itself first."""
    if isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from values_in(one)
    elif is_dataclass(value):
        yield value
        for one in fields(value):
            yield from values_in(getattr(value, one.name))


def test_every_member_that_a_letter_may_have_stands_in_a_golden_letter() -> None:
    own = [
        one
        for one in vars(contents).values()
        if getattr(one, "__module__", "") == contents.__name__
    ]
    kinds = [
        *filter(is_dataclass, own),
        Letter,
        Addressee,
        Issuer,
        RequestSummary,
        SearchInstant,
        ReplyLine,
        LineItem,
    ]
    members = {(kind, one.name) for kind in kinds for one in fields(cast("Any", kind))}
    shown: set[tuple[Any, str]] = {
        (type(value), one.name)
        for letter in LETTERS.values()
        if not getattr(letter.content, "discreet", False)
        for value in values_in(letter)
        for one in fields(value)
        if getattr(value, one.name) not in (None, (), False, 0, "")
    }
    # A letter that only asks for a call tells none of its other members.
    hidden = {one for one in members if one[1] == "discreet"}
    assert members - hidden - shown == set()
    assert any(getattr(one.content, "discreet", False) for one in LETTERS.values())
