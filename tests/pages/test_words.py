"""Every code that a page may show has words for it."""

import re
import types
from collections.abc import Iterator
from typing import get_args

import pytest

from api.auth.people.errors import SIGN_IN_CODES
from api.case_replies.since import FLAGS
from api.resources.cases.search.search import BY_IDENTIFIER, BY_NAME
from api.web.pages import words
from api.web.pages.citations import cited
from ledger.cases.case import CaseStatus
from ledger.cases.identification import WARNINGS
from ledger.cases.intake import CHANNELS, MEDIA
from ledger.cases.letters.lines import PROVIDED, RECEIVED
from ledger.cases.mistake_steps import CAUSES, WHATS
from ledger.format import events
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS
from ledger.law.procedure.codes import PERSONS, REPLY_ADDRESSES, REQUESTERS
from ledger.law.requests import KINDS
from ledger.policies.addresses.comparison import AddressProposal
from ledger.policies.name_comparison import OUTCOMES


def _flat(union: object) -> Iterator[type]:
    if isinstance(union, types.UnionType):
        for member in get_args(union):
            yield from _flat(member)
    elif isinstance(union, type):
        yield union


def test_every_code_has_words() -> None:
    assert set(words.EVENTS) == {vars(one)["TYPE"] for one in _flat(events.CaseEvent)}
    assert set(words.STATES) == set(CaseStatus)
    assert set(words.KINDS) == set(KINDS)
    assert set(words.REQUESTERS) == set(REQUESTERS)
    assert set(words.PERSONS) == set(PERSONS)
    assert set(words.REPLY_ADDRESSES) == set(REPLY_ADDRESSES)
    assert set(words.CHANNELS) == set(CHANNELS)
    assert set(words.MEDIA) == set(MEDIA)
    assert set(words.PROPOSALS) == {one.value for one in AddressProposal}
    assert set(words.FLAGS) == set(FLAGS)
    assert set(words.WARNINGS) == set(WARNINGS)
    assert set(words.NAMES_COMPARED) == set(OUTCOMES)
    assert set(words.MISTAKES) == set(WHATS)
    assert set(words.CAUSES) == set(CAUSES)
    assert set(words.SIGN_IN_FAILURES) == set(SIGN_IN_CODES)
    assert set(words.MATCHED) == {BY_IDENTIFIER, BY_NAME}
    assert set(words.SIDES) == {PROVIDED, RECEIVED}


PARTS = re.compile(r"(?:法|規則)?第[0-9]+条(?:第[0-9]+項)?(?:第[0-9]+号)?(?:ただし書)?")


@pytest.mark.parametrize(
    ("articles", "told"),
    [
        ("27(1)", "法第27条第1項"),
        ("27(5)(iii)", "法第27条第5項第3号"),
        ("27(2) proviso", "法第27条第2項ただし書"),
        ("R20, 24, 28", "規則第20条、第24条、第28条"),
        ("R24(1)(iv)", "規則第24条第1項第4号"),
        ("28(2), R17", "法第28条第2項、規則第17条"),
        ("something else", "something else"),
    ],
)
def test_an_article_is_cited_in_words(articles: str, told: str) -> None:
    assert cited(articles) == told


def test_every_article_of_the_tables_is_one_that_can_be_cited() -> None:
    for one in (*FINDINGS.values(), *BASES.values()):
        for part in cited(one.article).split("、"):
            assert PARTS.fullmatch(part), one.article
