"""Writes the generated parts of the pages: `./dev python -m tests.docs.make`."""

from functools import cache
from pathlib import Path

from tests.docs import (
    api_page,
    asvs_page,
    attacks_page,
    checker_page,
    files_page,
    law_pages,
    registers_page,
    settings_page,
)
from tests.docs.markdown import DOCS, filled, named


@cache
def generated() -> dict[Path, str]:
    """Page → its text with every generated region written anew."""
    reference = DOCS / "reference"
    regions = {
        reference / "configuration.md": settings_page.tables(),
        reference / "api.md": api_page.tables(),
        reference / "asvs.md": asvs_page.tables(),
        reference / "verdicts.md": law_pages.tables(),
        reference / "attacks.md": attacks_page.tables(),
        DOCS / "how-to" / "check-an-answer.ja.md": checker_page.tables(),
        DOCS / "how-to" / "import-a-file.md": files_page.tables(),
        DOCS / "how-to" / "import-a-register.md": registers_page.tables(),
        DOCS / "explanation" / "points-for-counsel.md": law_pages.tables(),
    }
    return {page: filled(page, tables) for page, tables in regions.items()}


if __name__ == "__main__":
    for changed, text in generated().items():
        if changed.read_text("utf-8") != text:
            changed.write_text(text, "utf-8")
            print("written:", named(changed))  # noqa: T201 -- a script for people
