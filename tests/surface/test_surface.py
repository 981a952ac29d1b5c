"""What users see is what was frozen: endpoints, pages, commands, problems, settings, tables.

Who changes any of it on purpose writes it anew (`./dev python -m tests.surface.make`), so that the
change shows in the review, and says so in CHANGELOG.md.
"""

from difflib import unified_diff

import pytest

from tests.database import Database
from tests.surface.seen import FROZEN, PARTS, schema


def unlike(name: str, text: str) -> list[str]:
    frozen = (FROZEN / name).read_text("utf-8")
    return list(unified_diff(frozen.splitlines(), text.splitlines(), "frozen", "now", lineterm=""))


def test_what_users_see_is_what_was_frozen() -> None:
    assert not [line for name, part in PARTS.items() for line in unlike(f"{name}.txt", part())]


@pytest.mark.db
def test_the_schema_of_the_database_is_what_was_frozen(database: Database) -> None:
    assert not unlike("schema.sql", schema(database))
