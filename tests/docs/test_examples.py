"""Examples in the pages are what the doors take and give."""

import json
import re
from datetime import date
from typing import Any, cast

import jsonschema_rs
import pytest

from api.contract import defects
from tests.docs.api_page import document, operations
from tests.docs.markdown import Fence, fences
from tests.matrix import every

# Examples have days of their own; the contract only asks that they are not in the future.
LATER = date(2030, 1, 1)
_ITEMS = re.compile(r'\{"items": \[\{\n.*?\n\}\]\}', re.DOTALL)


def _label(fence: Fence) -> str:
    return fence.label


JSON = fences("json")
MARKED = [fence for fence in JSON if fence.mark and not fence.mark.startswith("file: ")]
WITH_TRANSFERS = [
    (fence.label, found) for fence in fences("json", "sh") for found in _ITEMS.findall(fence.text)
]


@every("fence", JSON, called=_label)
def test_every_json_block_is_json(fence: Fence) -> None:
    json.loads(fence.text)


@every("fence", MARKED, called=_label)
def test_a_marked_block_fits_the_schema_of_its_end_point(fence: Fence) -> None:
    kind, _, name = fence.mark.partition(": ")
    operation = operations()[name]
    sent = operation["requestBody"] if kind == "body" else operation["responses"]["200"]
    schema = {
        **cast("dict[str, Any]", sent["content"]["application/json"]["schema"]),
        "components": document()["components"],
    }

    jsonschema_rs.Draft202012Validator(schema).validate(json.loads(fence.text))


@pytest.mark.parametrize(("place", "text"), WITH_TRANSFERS, ids=[p for p, _ in WITH_TRANSFERS])
def test_every_transfer_in_an_example_passes_the_contract(place: str, text: str) -> None:
    for item in json.loads(text)["items"]:
        assert defects(item["data"], LATER) == (), place


def test_examples_of_transfers_are_found_at_all() -> None:
    assert len(WITH_TRANSFERS) >= 3


def test_no_page_holds_python_but_the_one_whose_program_is_run() -> None:
    """See `test_run_a_projection`."""
    pages = {fence.page.name for fence in fences("python", "py", "pycon")}
    assert pages == {"run-a-projection.md"}
