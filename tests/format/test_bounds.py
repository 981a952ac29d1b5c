"""What a header may say has a bound for each type, and the bounds add up to a header's bound."""

import pytest

from ledger.crypto.encoding import LEDGER_BYTES_MAX, ledger_prefix
from ledger.format.header import ACTOR_LENGTH_MAX
from ledger.format.types import ATTACHED_MAX, HEADER_BYTES_MAX, KEYS_MAX, TYPES, EventType
from tests.matrix import every

NUMBER = len(str(2**53 - 1))
HASH = 64 + 2


def member(name: str, value: int) -> int:
    """Quotes, colon and comma of a member besides its value."""
    return len(name) + 4 + value


def values(name: str, spec: EventType) -> dict[str, int]:
    """The most bytes of each member's value."""
    facts = 2 + sum(member(fact, kind.bytes_max) for fact, kind in spec.facts.items())
    document = 2 + member("sha256", HASH) + member("size", NUMBER)
    return {
        "actor": ACTOR_LENGTH_MAX + 2,
        "at": len('"2026-11-24T00:03:02.120Z"'),
        "attached": 2 + ATTACHED_MAX * (document + 1),
        "blind": 32 + 2,
        "command": 36 + 2,
        "copies": 2 + member("position", NUMBER) + member("version", NUMBER),
        "facts": facts,
        "judged_at": NUMBER,
        "keys": 2 + KEYS_MAX * (HASH + 1),
        "ledger": LEDGER_BYTES_MAX + 2,
        "lines": 2 + member("count", 4) + member("first", NUMBER) + member("root", HASH),
        "parts": 2 + member("count", NUMBER) + member("lines", NUMBER) + member("root", HASH),
        "sealed": 2 + member("key", HASH) + member("sha256", HASH) + member("size", NUMBER),
        "statement": HASH,
        "stream": 36 + 2,
        "type": len(name) + 2,
        "v": 1,
        "version": NUMBER,
    }


@every("name", TYPES)
def test_no_header_can_be_longer_than_its_bound(name: str) -> None:
    spec = TYPES[name]
    sizes = values(name, spec)
    assert 2 + sum(member(key, sizes[key]) for key in spec.allowed) <= HEADER_BYTES_MAX


def test_a_ledgers_name_is_written_without_escapes() -> None:
    for good in ("demo", "ledger-1", "台帳", "x" * 100):
        assert ledger_prefix(good)[4:].decode() == good
    for bad in ("", "x" * 101, "a b", 'a"b', "a+b", "a/b", "a\\b", "a\nb", "a\x7f", "台" * 34):
        with pytest.raises(ValueError, match="1 to 100 bytes"):
            ledger_prefix(bad)
