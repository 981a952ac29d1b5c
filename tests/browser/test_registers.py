"""A register goes from a file to records in a browser, with scripts and without."""

import tempfile
from itertools import count
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, expect

from tests.browser.looking import WAITS_MS, Tab, tab
from tests.pages.office import Office
from tests.pages.registering import KEEPER, PAGE, csv_bytes, rows, usual

_FIRST: Final = count(500_000, 1_000)


def _uploaded(opened: Tab, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = csv_bytes(Path(folder), rows(size, next(_FIRST)))
    opened.sign_in(KEEPER, PAGE)
    page = opened.page
    file = {"name": "台帳.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("ファイル").set_input_files(file)  # pyright: ignore[reportArgumentType] -- it wants its own dict
    page.get_by_role("button", name="アップロードする").click()
    page.get_by_role("heading", name="列の対応付け").wait_for()
    for name, text in usual().items():
        page.locator(f"#{name}").fill(text)
    page.get_by_role("button", name="全ての行を確かめる").click()


def test_a_register_is_imported_from_file_to_records_and_the_page_comes_by_itself(
    browser: Browser, office: Office
) -> None:
    with tab(browser, office) as opened:
        page = opened.page
        _uploaded(opened, 700)
        page.get_by_role("button", name="取り込む", exact=True).click()
        done = page.get_by_role("heading", name="取込の結果")
        expect(done).to_be_visible(timeout=WAITS_MS)
        expect(page.locator("#progress")).to_have_count(0, timeout=WAITS_MS)
        expect(page.get_by_text("記録した")).to_be_visible()
        expect(page.get_by_text("700件").first).to_be_visible()
        assert opened.complaints == []
