"""How many exclusions fit into the fixed size, as the page says."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count

from ledger.crypto.keys import DataKey
from ledger.crypto.pseudonyms import random_uuid
from ledger.crypto.sealed_parts import FIXED_BYTES_MIN
from ledger.exclusions.current import ExclusionsFullError, sealed_draft
from ledger.exclusions.exclusion import NOTHING, REASON_CHARACTERS_MAX, Exclude, decide, standing_of
from tests.docs.markdown import DOCS

FIRST = 1_000_000
"""A position that such a ledger has: each digit more takes a byte."""
AT = datetime(2026, 11, 30, 1, 2, 3, 4_000, tzinfo=UTC)
_SAID = re.compile(
    r"(\d+) requests for one person of one record fit, each with a reason of (\d+) characters,"
    r" or (\d+) with the longest"
)


def fit(characters: int) -> int:
    """How many requests, each for another person of another record, fit into the least size."""
    key, command = DataKey(bytes(32), bytes(32), "exclusion", None), random_uuid()
    standing = NOTHING
    for n in count():
        position, person = FIRST + 2 * n, n.to_bytes(16)
        spans, reason = ((position, position),), "危" * characters
        asked = Exclude(command, f"{n:032x}", spans, "iii", reason, ((person,),))
        event = decide(asked, standing, AT + timedelta(minutes=n))
        try:
            sealed_draft(event, command, random_uuid(), key, FIXED_BYTES_MIN, number=1)
        except ExclusionsFullError:
            return n
        standing = standing_of(event)
    raise AssertionError


def test_as_many_exclusions_fit_as_the_page_says() -> None:
    page = (DOCS / "how-to" / "exclude-records.md").read_text("utf-8")
    said = _SAID.search(" ".join(page.split()))
    assert said is not None
    few, characters, fewest = map(int, said.groups())
    assert (few, fewest) == (fit(characters), fit(REASON_CHARACTERS_MAX))
