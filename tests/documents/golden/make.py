"""Writes the golden letters: `python -m tests.documents.golden.make`. What changes is a decision.

`letters` holds letters that are values, one of every kind; `replies` those that are made of what
`stored.json` holds. Beside the JSON of a letter with records lies the CSV that follows from it.
"""

from functools import cache
from pathlib import Path

from ledger.cases.letters.files import content, records_csv
from ledger.cases.letters.letter import Letter
from tests.documents.golden.stored import MADE
from tests.documents.golden.valued import VALUED

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


if __name__ == "__main__":
    for name, written in files().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(written)
