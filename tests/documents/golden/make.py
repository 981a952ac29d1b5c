"""Writes the golden letters: `python -m tests.documents.golden.make`. What changes is a decision.

`letters` holds letters that are values, one of every kind; `replies` those that are made of what
`stored.json` holds. Beside the JSON of a letter with records lies the CSV that follows from it.
`papers.json` has what is printed of these and of those of `tests.documents`, without white space.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from api.documents.address import address_sheet_pdf
from api.documents.certificate import certificate_pdf
from api.documents.letters import letter_pdf
from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Letter
from ledger.retention.certificate import Certificate
from tests.documents import plans
from tests.documents.golden.stored import MADE
from tests.documents.golden.valued import VALUED
from tests.documents.read_letters import LETTERS, SHEET, flat_of, pdf_of

HERE = Path(__file__).parent


@cache
def letters() -> dict[str, Letter]:
    """Name of the file, without what it ends with → the letter."""
    valued = {f"letters/{name}": letter for name, letter in VALUED.items()}
    return valued | {f"replies/{name}": made() for name, made in MADE.items()}


def files() -> dict[str, bytes]:
    """Name → bytes of every golden file."""
    found: dict[str, bytes] = {}
    for name, letter in letters().items():
        found[f"{name}.json"] = content(letter)
        if letter.lines:
            found[f"{name}.csv"] = records_csv(letter)
    return found


def _certified(of: Callable[[], Certificate]) -> Callable[[], bytes]:
    return lambda: certificate_pdf(of())


def papers() -> dict[str, Callable[[], bytes]]:
    """Name → what sets one document."""
    made = {name: (lambda one=letter: letter_pdf(one)) for name, letter in letters().items()}
    made |= {name: (lambda one=name: pdf_of(one)) for name in LETTERS if "50 rows" not in name}
    vouched = [plans.planned(plans.keys(1), confirmed=True), plans.expired(plans.keys(1), 2)]
    certificates = {
        "CERTIFICATE": plans.golden,
        "CERTIFICATE, nothing died": lambda: plans.certified(plans.facts([], [])),
        "CERTIFICATE, of a confirmed clock": lambda: plans.certified(vouched),
    }
    sheets = {
        "ADDRESS SHEET": SHEET,
        "ADDRESS SHEET, with a medium": replace(SHEET, medium="reply-2026-000123.zip"),
        "ADDRESS SHEET, without a number yet": replace(SHEET, registered_number=None),
    }
    made |= {name: _certified(of) for name, of in certificates.items()}
    return made | {name: (lambda one=one: address_sheet_pdf(one)) for name, one in sheets.items()}


if __name__ == "__main__":
    for name, written in files().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(written)
    printed = {name: flat_of(make()) for name, make in sorted(papers().items())}
    text = json.dumps(printed, ensure_ascii=False, indent=0)
    (HERE / "papers.json").write_text(f"{text}\n", encoding="utf-8")
