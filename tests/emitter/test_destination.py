"""Where items are sent is checked before anything is sent, and the key is shown nowhere."""

import pytest

from ledger_emitter import Destination
from tests.matrix import every

KEY = "plk_0123456789abcdef_secret"
BROKEN = {
    "no scheme": {"url": "ledger.example.jp"},
    "another scheme": {"url": "ftp://ledger.example.jp"},
    "no host": {"url": "https://"},
    "plain HTTP to another machine": {"url": "http://ledger.example.jp"},
    "a host that only begins like this machine": {"url": "http://localhost.example.jp"},
    "a password in the address": {"url": "https://somebody:secret@ledger.example.jp"},
    "a query": {"url": "https://ledger.example.jp/?key=1"},
    "no item": {"items_max": 0},
    "more items than a ledger takes": {"items_max": 1_001},
    "no byte": {"body_bytes_max": 0},
    "an empty key": {"credential": ""},
    "a key with a line end": {"credential": f"{KEY}\n"},
    "a key that is no ASCII": {"credential": "鍵"},
}


@every("what", BROKEN)
def test_a_destination_that_cannot_be_is_refused_without_its_key(what: str) -> None:
    members = {"url": "https://ledger.example.jp", "credential": KEY, **BROKEN[what]}
    with pytest.raises(ValueError, match=r".+: |items_max") as raised:
        Destination(**members)  # pyright: ignore[reportArgumentType] -- cases
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)


@every(
    "url, plain_http",
    [
        ("https://ledger.example.jp", False),
        ("https://ledger.example.jp/", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000/", False),
        ("http://api:8000", True),
    ],
)
def test_a_destination_has_a_base_without_a_slash_at_its_end(url: str, plain_http: bool) -> None:  # noqa: FBT001 -- a case
    there = Destination(url, KEY, plain_http=plain_http)
    assert there.base == url.rstrip("/")
    assert KEY not in repr(there)
