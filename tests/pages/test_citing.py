"""Articles are cited as Japanese texts cite them."""

import re

import pytest

from api.web.pages.citations import cited
from ledger.law.bases import BASES
from ledger.law.findings import FINDINGS

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
