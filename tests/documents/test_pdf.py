"""The certificate on paper, read back by somebody else's reader."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from api.documents import RenderingError, certificate_pdf, render, renderer
from api.documents.certificate import ATTACHMENT_NAME, KEYS_PRINTED_MAX, TITLE, document_of
from api.documents.renderer import Document, preview
from ledger.retention.certificate import Certificate, content
from tests.documents import plans

PNG = b"\x89PNG\r\n\x1a\n"


def read(certificate: Certificate) -> PdfReader:
    return PdfReader(BytesIO(certificate_pdf(certificate)), strict=True)


def text_of(certificate: Certificate) -> str:
    return "\n".join(page.extract_text() for page in read(certificate).pages)


@pytest.fixture(scope="module", name="golden_text")
def _golden_text() -> str:
    return text_of(plans.golden())


def test_every_key_position_and_root_stands_on_paper(golden_text: str) -> None:
    made = plans.golden()

    assert [key for key in plans.keys(34) if key.hex() not in golden_text] == []
    assert made.tree.root.hex() in golden_text
    assert str(made.plan) in golden_text
    for position in ("1,841", "1,941", "2,041"):
        assert f"位置{position}" in golden_text


def test_the_counts_stand_on_paper(golden_text: str) -> None:
    lines = golden_text.split("\n")

    assert "鍵（計画時は、計画に記載したもの） 36 34" in lines
    assert "暗号化された記録（イベント） 1,234 102" in lines
    assert "照合用の行 5,678 238" in lines
    # How many holds and cases kept something goes to nobody.
    assert not [line for line in lines if "留保したもの" in line]
    assert "計画に記載がなく、この計画の下で廃棄した鍵 ― 0" in lines
    assert "鍵32件、イベント96件、照合用の行224件" in golden_text


def test_the_days_and_the_rules_stand_on_paper(golden_text: str) -> None:
    flat = golden_text.replace("\n", "")

    assert "計画の日 2026年11月24日（位置1,841）" in golden_text
    assert "消去日が2026年12月8日以前の鍵" in golden_text
    assert "消去の実施日 2026年11月25日" in golden_text
    assert "証明の基準日時 2026年11月25日 01:30:02（日本時間）" in golden_text
    for words in ("第29条第2項・第30条第4項", "規則第21条・第25条・第29条", "法第22条"):
        assert words in flat


def test_there_is_no_signature_and_the_paper_says_so(golden_text: str) -> None:
    assert "この証明書には電子署名を付していません。" in golden_text
    assert "印" not in golden_text.replace("印字", "")


def test_the_file_says_what_it_is_and_when_it_is_of() -> None:
    made = plans.golden()
    reader = read(made)

    assert reader.metadata is not None
    assert reader.metadata.title == TITLE
    assert reader.metadata.author == plans.LEDGER
    assert reader.metadata.creation_date == made.at.replace(microsecond=0)
    assert reader.metadata.modification_date == made.at.replace(microsecond=0)


def test_the_file_is_a_tagged_pdf_a_3a_and_pdf_ua_1_in_japanese() -> None:
    reader = read(plans.golden())
    root: Any = reader.trailer["/Root"]
    declared = reader.xmp_metadata
    assert declared is not None
    xmp = declared.stream.get_data().decode()

    assert root["/Lang"] == "ja-JP"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in root
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_every_font_is_inside_the_file() -> None:
    pages: list[Any] = list(read(plans.golden()).pages)
    fonts: list[Any] = [
        font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()
    ]

    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "NotoSansCJKjp" in descriptor["/FontName"]
        assert "/FontFile3" in descriptor


def test_the_json_lies_in_the_file() -> None:
    attached = read(plans.golden()).attachments

    assert list(attached) == [ATTACHMENT_NAME]
    assert attached[ATTACHMENT_NAME] == [plans.GOLDEN.read_bytes()]


def test_the_same_certificate_has_the_same_bytes_in_another_process_and_time_zone() -> None:
    script = (
        "import sys; from hashlib import sha256; from api.documents import certificate_pdf;"
        "from tests.documents import plans;"
        "sys.stdout.write(sha256(certificate_pdf(plans.golden())).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": "America/Lima", "LANG": "C"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert elsewhere.stdout == sha256(certificate_pdf(plans.golden())).hexdigest()


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


def test_a_plan_under_which_nothing_died_says_so() -> None:
    text = text_of(plans.certified(plans.facts([], [])))

    assert "次の計画に基づき消去した個人データは" in text
    assert "この計画の下で廃棄した鍵はありません。" in text
    assert "消去の実施日 実施なし" in text
    assert "鍵（計画時は、計画に記載したもの） 0 0" in text
    assert "証明します" not in text


def test_a_clock_that_a_person_vouched_for_is_named(golden_text: str) -> None:
    vouched = [plans.planned(plans.keys(1), confirmed=True), plans.expired(plans.keys(1), 2)]

    assert "時刻の確認" in text_of(plans.certified(vouched))
    assert "時刻の確認" not in golden_text


@pytest.mark.parametrize("name", ["#panic()", "$x$", "#read(data.json)", "*a*_b_", "<a>@b", "//c"])
def test_a_name_that_looks_like_source_is_printed_as_it_is(name: str) -> None:
    made = plans.certified(plans.facts(plans.keys(1), plans.keys(1)), ledger=name)

    assert f"台帳「{name}」" in text_of(made)


def test_a_preview_shows_the_same_pages() -> None:
    pages = preview("certificate", document_of(plans.golden()))

    assert len(pages) == len(read(plans.golden()).pages)
    assert all(page.startswith(PNG) for page in pages)


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
