"""Checkpoints and receipts: the standard's texts, and texts that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CorruptRecordError
from ledger.merkle import EMPTY_ROOT
from ledger.merkle.checkpoint import Checkpoint, LogReceipt

# C2SP tlog-checkpoint, "Note text".
STANDARD = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

NO_CHECKPOINTS = {
    "nothing": "",
    "no newline at the end": STANDARD[:-1],
    "no origin": f"\n1\n{ROOT}\n",
    "an origin with a plus": f"a+b\n1\n{ROOT}\n",
    "an origin with a blank": f"a b\n1\n{ROOT}\n",
    "no size": f"a\n\n{ROOT}\n",
    "a size with a zero in front": f"a\n01\n{ROOT}\n",
    "a size below zero": f"a\n-1\n{ROOT}\n",
    "a size of other digits": f"a\n１\n{ROOT}\n",
    "a size of twenty digits": f"a\n{'9' * 20}\n{ROOT}\n",
    "no root": "a\n1\n",
    "a short root": "a\n1\nAAAA\n",
    "a root with bits behind": f"a\n1\n{ROOT[:-2]}J=\n",
    "a root that is not base64": f"a\n1\n{ROOT[:-4]}\n",
    "an empty line at the end": STANDARD + "\n",
    "a carriage return": STANDARD.replace("\n", "\r\n"),
}


def test_the_standards_example_is_read_and_written() -> None:
    found = Checkpoint.read(STANDARD)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert found.text == STANDARD


def test_lines_after_the_root_are_allowed_and_not_kept() -> None:
    assert Checkpoint.read(STANDARD + "more\n") == Checkpoint.read(STANDARD)


@pytest.mark.parametrize("text", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS.keys())
def test_what_is_not_written_as_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        Checkpoint.read(text)


@pytest.mark.parametrize("wrong", [("", 0, EMPTY_ROOT), ("a", -1, EMPTY_ROOT), ("a", 0, b"")])
def test_a_checkpoint_that_says_nothing_is_not_made(wrong: tuple[str, int, bytes]) -> None:
    with pytest.raises(ValueError, match="an origin, a size and a root"):
        Checkpoint(*wrong)


hashes = st.binary(min_size=32, max_size=32)


@given(
    st.integers(0, 2**60),
    st.lists(hashes, max_size=63),
    st.binary(max_size=40),
    st.integers(0, 2**60),
    hashes,
)
def test_a_receipt_is_read_as_it_was_written(
    index: int, path: list[bytes], extra: bytes, size: int, root: bytes
) -> None:
    note = Checkpoint("ledger.example.jp/main", size, root).text + "\n— a AAAAAAA=\n"
    receipt = LogReceipt(index, tuple(path), note, extra)
    assert LogReceipt.read(receipt.text) == receipt


RECEIPT = LogReceipt(7, (EMPTY_ROOT,), STANDARD + "\n— a AAAAAAA=\n", b"x").text

NO_RECEIPTS = {
    "nothing": "",
    "another version": RECEIPT.replace("@v1", "@v2"),
    "no empty line": RECEIPT.split("\n\n", maxsplit=1)[0] + "\n",
    "no index": RECEIPT.replace("index 7\n", ""),
    "an index with a zero in front": RECEIPT.replace("index 7", "index 07"),
    "an index below zero": RECEIPT.replace("index 7", "index -7"),
    "an extra that is not base64": RECEIPT.replace("extra eA==", "extra eA="),
    "a hash that is short": RECEIPT.replace("47DEQpj8", "", 1),
    "a path of 64": RECEIPT.replace("index 7\n", "index 7\n" + f"{ROOT}\n" * 64),
    "an extra after the index": RECEIPT.replace("extra eA==\nindex 7", "index 7\nextra eA=="),
}


@pytest.mark.parametrize("text", NO_RECEIPTS.values(), ids=NO_RECEIPTS.keys())
def test_what_is_not_written_as_a_receipt_is_refused(text: str) -> None:
    with pytest.raises(CorruptRecordError):
        LogReceipt.read(text)
