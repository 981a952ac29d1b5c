"""The page of the operational log lists the fields that a line may hold."""

import re

from api.observability.logs import FIELDS
from tests.docs.markdown import DOCS

PAGE = DOCS / "reference" / "operational-log.md"
_FIELDS = re.compile(r"^\| field \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)


def listed() -> list[str]:
    found = _FIELDS.search(PAGE.read_text("utf-8"))
    assert found is not None
    return [
        one for row in found[1].splitlines() for one in re.findall("`([a-z_]+)`", row.split("|")[1])
    ]


def test_the_page_lists_the_fields_of_a_line() -> None:
    # `frames` comes with an exception, not by whoever logs.
    assert sorted(listed()) == sorted({*FIELDS, "frames"})
