import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth import Caller, is_prefix, is_within
from ledger.errors import SourceNotAllowedError
from tests.matrix import every

BASE = "https://a.example/houjin/9234567890123"


@every(
    "source, prefix",
    [
        (BASE, BASE),
        (BASE + "/ad-export", BASE),
        (BASE + "?x=1", BASE),
        (BASE + "#part", BASE),
        (BASE + ":7", BASE),
        ("https://a.example/anything", "https://a.example/"),
        ("https://a.example:8443", "https://a.example"),
        ("https://a.example:8443/x", "https://a.example"),
        ("urn:platform:7:x", "urn:platform:7"),
        ("urn:platform:7", "urn:platform:"),
        ("platform-a/export", "platform-a"),
    ],
)
def test_a_source_at_or_below_the_prefix_is_the_callers(source: str, prefix: str) -> None:
    assert is_within(source, prefix)


@every(
    "source, prefix",
    [
        ("", BASE),
        (BASE[:-1], BASE),
        (BASE + "4", BASE),
        (BASE + "-other", BASE),
        (BASE + ".other", BASE),
        (BASE + "%2Fx", BASE),
        (BASE + "\n/x", BASE),
        (BASE.upper(), BASE),
        ("https://a.example.org", "https://a.example"),
        ("https://a.example@b.example", "https://a.example"),
        ("https://a.example:x@b.example", "https://a.example"),
        ("https://a.example:80@b.example", "https://a.example"),
        ("https://a.example:80\n", "https://a.example"),
        ("https://a.example:", "https://a.example"),
        ("http://a.example/x", "https://a.example"),
        ("urn:platform:77", "urn:platform:7"),
        ("platform-ab", "platform-a"),
        ("x" + BASE, BASE),
    ],
)
def test_a_source_that_only_looks_like_the_prefix_is_refused(source: str, prefix: str) -> None:
    assert not is_within(source, prefix)


@given(st.text("ab/:?#.@", max_size=6), st.text("ab/:?#.@", min_size=1, max_size=4))
def test_what_is_within_begins_with_the_prefix_and_goes_on_at_a_boundary(
    source: str, prefix: str
) -> None:
    if is_within(source, prefix):
        rest = source.removeprefix(prefix)
        assert source == prefix + rest
        assert not rest or rest[0] in "/:?#" or prefix[-1] in "/:"


@every("text", ["https://a.example", BASE, "urn:platform:", "platform-a", "a"])
def test_a_prefix_that_names_a_source_can_bind_a_key(text: str) -> None:
    assert is_prefix(text)


@every(
    "text",
    ["", "https:", "https://", "https:///", "urn:", "/", "::", "a b", "a\n", "名前", "a" * 257],
)
def test_a_prefix_that_opens_everything_binds_no_key(text: str) -> None:
    assert not is_prefix(text)


def test_a_caller_without_a_prefix_has_no_source() -> None:
    caller = Caller("0" * 16, "token", frozenset({"events:write"}), None)
    with pytest.raises(SourceNotAllowedError):
        caller.check_source(BASE)
