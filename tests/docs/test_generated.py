"""Generated tables are what the code says now."""

import re
from pathlib import Path

import pytest

from ledger.law.readings import READINGS
from tests.docs.attacks_page import ATTACKS, attacks_in, modules
from tests.docs.law_pages import WHERE
from tests.docs.make import generated
from tests.docs.markdown import ROOT, named, pages, regions_in
from tests.docs.settings_page import names

_SETTING = re.compile(r"\bLEDGER_[A-Z0-9_]*[A-Z0-9]\b")
# Of a client, two of the tests, two that only the compose file reads, and one named as none.
_NO_SETTINGS = {
    "LEDGER_IMPORT_KEY",
    "LEDGER_TEST_CHROMIUM",
    "LEDGER_TEST_GOPATH",
    "LEDGER_PORT",
    "LEDGER_UID",
    "LEDGER_GID",
}


@pytest.mark.parametrize("page", sorted(generated()), ids=named)
def test_a_page_equals_its_generator(page: Path) -> None:
    told = "./dev python -m tests.docs.make writes it anew"

    assert page.read_text("utf-8") == generated()[page], told


def test_every_page_with_generated_tables_is_generated() -> None:
    with_tables = {page for page in pages() if regions_in(page)}

    assert with_tables - {ROOT / "docs" / "README.md"} == set(generated())


def test_every_module_of_attacks_says_what_it_tries() -> None:
    silent = [one for one in modules() if one.parent == ATTACKS and not [*attacks_in(one)]]

    assert silent == []


def test_every_setting_that_is_named_anywhere_exists() -> None:
    sources = [*pages(), *(ROOT / "api").rglob("*.py"), ROOT / "dev", *ROOT.glob("[Dd]ocker*e*")]
    sources = [one for one in sources if one.is_file()]
    found = {name for one in sources for name in _SETTING.findall(one.read_text("utf-8"))}

    assert found - names() - _NO_SETTINGS == set()


def test_every_reading_says_where_counsel_can_change_it() -> None:
    assert WHERE.keys() == READINGS.keys()
