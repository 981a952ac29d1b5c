"""Each practice case, worked on at the demo's pages as its page says, ends as its page says."""

import io
import re
from collections.abc import Iterator

import pytest
from pypdf import PdfReader

from tests.demo.asking import screen
from tests.demo.at_the_desk import Practice, people
from tests.demo.envelopes import ENGLISH, JAPANESE, NUMBERS, Envelope, envelopes
from tests.pages.office import Person
from tests.serving.processes import command, environment

SAID = envelopes(JAPANESE)


@pytest.fixture(scope="module")
def desk() -> Iterator[tuple[Person, Person]]:
    """At a demo of its own: other files count the requests of theirs."""
    arguments = ("demo", "--persons", "10", "--port", "0")
    with (
        command(*arguments, given=environment()) as running,
        people(screen(running).url) as both,
    ):
        yield both


def begun(desk: tuple[Person, Person], number: str) -> tuple[Practice, Envelope]:
    """The case taken in, its papers looked at and told on the page as the solution has them."""
    case = Practice(SAID[number], *desk)
    case.take_in()
    words = case.look()
    assert SAID[number].solution["確認の結果"] in words
    return case, SAID[number]


def corrected(case: Practice, solution: dict[str, str]) -> None:
    """A correction is asked for; what it says is what the solution says."""
    assert solution["不足している点"] in case.words("papers")
    case.press("correction")
    letter = case.officer.get(f"{case.case}/papers/correction.pdf")
    assert solution["補正のお願い"] in text_of(letter.content)
    assert "補正待ち" in case.words("papers")


def sent(case: Practice, solution: dict[str, str]) -> None:
    """From the verified request to the post."""
    case.press("verification")
    words = case.records()
    assert solution["氏名の照合"] in words
    assert solution.get("選ばない候補", "") in words
    case.identify()
    assert solution["件数の照合"] in case.words("decision")
    page = case.submit()
    assert bool(page) == ("印字できない文字" in solution)
    if page:
        assert solution["印字できない文字"] in page
        case.print_as(page)
        assert case.submit() == ""
    page, letter = case.approve()
    to, address = solution["回答の宛名"], solution["回答の住所"]
    assert f"<dt>宛名</dt><dd>{to}</dd>" in page
    assert f"<dt>住所</dt><dd>〒100-0000 {address}</dd>" in page
    printed = solution.get("書面に印字される宛名", to.partition("（")[0])
    assert without_spaces(printed) in text_of(letter)
    assert without_spaces(address) in text_of(letter)
    case.post()
    assert solution["請求の状態"] in case.words("keeping")


def text_of(letter: bytes) -> str:
    """What the first pages say, without spaces and line ends."""
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(letter)).pages)
    return without_spaces(told)


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("number", ["1", "2", "3-1"])
def test_a_case_whose_papers_are_in_order_ends_in_the_post(
    desk: tuple[Person, Person], number: str
) -> None:
    case, said = begun(desk, number)
    sent(case, dict(said.solution))


def test_a_parent_of_somebody_of_age_is_asked_for_a_correction(
    desk: tuple[Person, Person],
) -> None:
    case, said = begun(desk, "3-2")
    corrected(case, dict(said.solution))
    assert said.solution["請求の状態"] in case.words()


def test_a_seal_that_differs_is_corrected_by_another_mandate(desk: tuple[Person, Person]) -> None:
    case, said = begun(desk, "4")
    corrected(case, dict(said.solution))
    case.register_later()
    assert said.solution["補正後の確認の結果"] in case.look(later=True)
    sent(case, dict(said.solution))


def test_the_page_in_english_tells_of_the_same_envelopes() -> None:
    told = envelopes(ENGLISH)
    assert tuple(SAID) == tuple(told) == NUMBERS
    for number, case in told.items():
        japanese = SAID[number]
        assert [*case.form.values()] == [*japanese.form.values()]
        assert [*case.addresses.values()] == [*japanese.addresses.values()]
        assert [*case.solution.items()] == [*japanese.solution.items()]
        assert (case.papers, case.later) == (japanese.papers, japanese.later)
