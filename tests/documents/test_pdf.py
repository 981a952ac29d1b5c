"""The certificate on paper, read back by somebody else's reader."""

from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from api.documents import RenderingError, certificate_pdf, render, renderer
from api.documents.certificate import ATTACHMENT_NAME, KEYS_PRINTED_MAX, TITLE, document_of
from api.documents.renderer import Document
from ledger.retention.certificate import Certificate, content
from tests.documents import plans
from tests.documents.test_letters import is_tagged


def read(certificate: Certificate) -> PdfReader:
    return PdfReader(BytesIO(certificate_pdf(certificate)), strict=True)


def text_of(certificate: Certificate) -> str:
    return "\n".join(page.extract_text() for page in read(certificate).pages)


def test_the_file_says_what_it_is_and_when_it_is_of() -> None:
    made = plans.golden()
    reader = read(made)

    assert reader.metadata is not None
    assert reader.metadata.title == TITLE
    assert reader.metadata.author == plans.LEDGER
    assert reader.metadata.creation_date == made.at.replace(microsecond=0)
    assert reader.metadata.modification_date == made.at.replace(microsecond=0)
    is_tagged(reader)


def test_the_json_lies_in_the_file() -> None:
    attached = read(plans.golden()).attachments

    assert list(attached) == [ATTACHMENT_NAME]
    assert attached[ATTACHMENT_NAME] == [plans.GOLDEN.read_bytes()]


def test_several_events_of_32_keys_go_over_several_pages() -> None:
    made = plans.certified(plans.facts(plans.keys(160), plans.keys(160)))
    reader = read(made)
    text = "\n".join(page.extract_text() for page in reader.pages)

    assert len(made.erasures) == 5
    assert [key for key in plans.keys(160) if key.hex() not in text] == []
    last = len(reader.pages)
    assert last >= 4
    for number, page in enumerate(reader.pages, 1):
        assert f"{number} / {last}" in page.extract_text()


def test_more_keys_than_paper_holds_stand_in_the_attachment() -> None:
    count = KEYS_PRINTED_MAX + 65
    made = plans.certified(plans.facts(plans.keys(count), plans.keys(count)))
    document = document_of(made)
    erasures: Any = document.body["erasures"]
    flat = text_of(made).replace("\n", "")

    assert len(erasures) == len(made.erasures)
    assert sum(len(one["keys"]) for one in erasures) == KEYS_PRINTED_MAX
    assert document.attached[0].content == content(made)
    assert "識別子は先頭の3,200件を印字し、全3,265件は添付の" in flat
    assert f"位置{made.erasures[-1].position:,}" in flat


def test_a_name_that_looks_like_source_is_printed_as_it_is() -> None:
    name = "#panic()$x$#read(data.json)*a*_b_<a>@b//c"
    made = plans.certified(plans.facts(plans.keys(1), plans.keys(1)), ledger=name)
    assert f"台帳「{name}」" in text_of(made).replace("\n", "")


def test_a_template_that_asks_for_what_is_not_there_tells_no_data() -> None:
    document = Document(title="題", author="みほん", at=plans.PLANNED_AT, body={"plan": "秘密"})

    with pytest.raises(RenderingError) as refused:
        render("certificate", document)
    assert "秘密" not in str(refused.value)
    assert refused.value.diagnostic


def test_no_template_reaches_for_the_network() -> None:
    folder = files("api.documents") / "templates"
    sources = [one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".typ")]

    assert len(sources) >= 2
    assert [source for source in sources if '"@' in source or "eval(" in source] == []


def test_the_clock_of_a_template_is_the_date_of_its_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # So a letter made again on another day cannot differ, whatever its template asks for.
    asks = b'#set text(font: "Noto Sans CJK JP")\n#set document(title: [x])\n'
    asks += b"#title()\n#datetime.today(offset: 9).display()"
    monkeypatch.setattr(renderer, "_templates", lambda: {"asks.typ": asks})
    at = datetime(2001, 2, 3, 20, tzinfo=UTC)
    document = Document(title="題", author="みほん", at=at, body={})
    shown = PdfReader(BytesIO(render("asks", document))).pages[0].extract_text()

    assert "2001-02-04" in shown
