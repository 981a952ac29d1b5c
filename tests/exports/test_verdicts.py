"""Three verdicts, each with its own exit code, and what to do after an everyday accident."""

import ast
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from ledger.crypto.notes import signed_note
from ledger.exports import verify
from ledger.exports.bag import zipped
from tests.exports.world import SIGNER, VERIFIER, WITNESSES, World, checked, copied, unpacked

KEY: Final = SIGNER.verifier.text
NOBODY: Final = "consistent, but nobody has signed for it: exit code 5\n"


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    return unpacked("plain", tmp_path)


def test_all_good_is_said_only_of_a_bag_that_a_given_key_signed(bag: Path) -> None:
    code, said = checked(bag, "--key", KEY)
    assert (code, said.endswith("\nall good\n")) == (verify.GOOD, True), said
    code, said = checked(bag)
    assert (code, said.endswith(NOBODY)) == (verify.CONSISTENT, True), said
    assert f"give the published one by --key: {KEY}" in said


def test_a_policy_that_names_the_log_pins_its_key_and_witnesses_alone_do_not(
    bag: Path, tmp_path: Path
) -> None:
    for lines, expected in (
        (f"log {KEY}\nquorum none\n", verify.GOOD),
        ("quorum none\n", verify.CONSISTENT),
    ):
        (tmp_path / "policy").write_text(lines)
        assert checked(bag, "--policy", tmp_path / "policy")[0] == expected, lines
    assert checked(bag, "--witness", WITNESSES[0].key.text)[0] == verify.CONSISTENT


def test_an_unsigned_bag_is_consistent_and_an_older_bag_pins_no_key(
    shared: World, bag: Path
) -> None:
    code, said = checked(shared.bag("nobody signed", log=False))
    assert (code, said.endswith(NOBODY)) == (verify.CONSISTENT, True), said
    assert checked(bag, "--checkpoint", bag)[0] == verify.CONSISTENT
    assert checked(bag, "--key", KEY, "--checkpoint", bag)[0] == verify.GOOD


def test_an_extension_line_of_a_checkpoint_is_refused(bag: Path, tmp_path: Path) -> None:
    text = (bag / verify.NOTE).read_text("utf-8").partition("\n\n")[0] + "\n"
    (tmp_path / "old").write_text(signed_note(text, [SIGNER]).full_text, "utf-8")
    (tmp_path / "more").write_text(signed_note(f"{text}more\n", [SIGNER]).full_text, "utf-8")
    assert checked(bag, "--key", KEY, "--checkpoint", tmp_path / "old")[0] == verify.GOOD
    code, said = checked(bag, "--key", KEY, "--checkpoint", tmp_path / "more")
    assert (code, "the note is no checkpoint of this log" in said) == (verify.SIGNATURE, True), said


def _packed(bag: Path) -> Path:
    place = bag.with_name("bag.zip")
    zipped(bag, place)
    return place


def _locked(bag: Path) -> list[Path | str]:
    """The flag that an entry is encrypted, in both of its headers."""
    place = _packed(bag)
    with zipfile.ZipFile(place) as archive:
        first = archive.infolist()[0]
        at = archive.start_dir
    content = bytearray(place.read_bytes())
    content[first.header_offset + 6] |= 1
    content[at + 8] |= 1
    place.write_bytes(content)
    return [place]


def _broken_off(bag: Path) -> list[Path | str]:
    place = _packed(bag)
    place.write_bytes(place.read_bytes()[:9_000])
    return [place]


def _saved_again(bag: Path) -> list[Path | str]:
    table = bag / verify.TABLE
    table.write_bytes(table.read_bytes().replace(b"2026-04-01", b"2026/4/1"))
    return [bag]


def _saved_longer(bag: Path) -> list[Path | str]:
    table = bag / verify.TABLE
    table.write_bytes(table.read_bytes().replace(b"\r\n", b",\r\n"))
    return [bag]


def _by_the_computer(name: str) -> Callable[[Path], list[Path | str]]:
    def make(bag: Path) -> list[Path | str]:
        (bag / name).parent.mkdir(exist_ok=True)
        (bag / name).write_bytes(b"\0")
        return [bag]

    return make


def _deeper(bag: Path) -> list[Path | str]:
    outer = bag.with_name("outer")
    outer.mkdir()
    shutil.move(bag, outer / "inner")
    return [outer]


def _mistyped(bag: Path) -> list[Path | str]:
    return [bag, "--key", KEY[:-3] + ("A" if KEY[-3] != "A" else "B") + KEY[-2:]]


def _cut(bag: Path) -> list[Path | str]:
    return [bag, "--key", KEY[:-2]]


def _of_another_epoch(bag: Path) -> list[Path | str]:
    name = "ledger.example.jp/epoch-2/test-ledger"
    return [bag, "--key", replace(SIGNER.verifier, name=name).text]


ACCIDENTS: Final[Mapping[str, tuple[Callable[[Path], list[Path | str]], int, str]]] = {
    "a password": (_locked, verify.HASH, "the zip has a password"),
    "a download that broke off": (_broken_off, verify.HASH, "the download broke off"),
    "a table saved again": (_saved_again, verify.MISSING, "saved by a spreadsheet"),
    "a table saved longer": (_saved_longer, verify.HASH, "saved by a spreadsheet"),
    **{
        name: (_by_the_computer(name), verify.HASH, "your computer made that file by itself")
        for name in (".DS_Store", "data/.DS_Store", "Thumbs.db", "__MACOSX/x", "data/._records.csv")
    },
    "one folder deeper": (_deeper, verify.MISSING, "the bag lies one folder deeper"),
    "a mistyped key": (_mistyped, verify.SIGNATURE, "a character of the key is wrong or lacks"),
    "a key that is cut": (_cut, verify.SIGNATURE, "a character of the key is wrong or lacks"),
    "another epoch's key": (_of_another_epoch, verify.SIGNATURE, "the key of another epoch"),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_everyday_accident_has_a_sentence_of_its_own(bag: Path, name: str) -> None:
    make, expected, words = ACCIDENTS[name]
    code, said = checked(*make(bag))
    *_, next_step, _, verdict = said.splitlines()
    assert (code, words in next_step) == (expected, True), said
    assert verdict == f"not good: exit code {expected}"


def test_every_refusal_ends_with_what_to_do_next(bag: Path) -> None:
    other = copied(bag, "lacking")
    (other / verify.COUNTS).unlink()
    code, said = checked(other)
    assert (code, said.splitlines()[-3]) == (
        verify.MISSING,
        "ask the business operator for what the line above names",
    )


def test_a_python_that_is_too_old_is_named_and_ends_as_asked_in_a_wrong_way() -> None:
    old = f"import sys, runpy; sys.version_info = (3, 8, 1); runpy.run_path({str(VERIFIER)!r})"
    done = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, check=False)
    assert (done.returncode, "3.9" in done.stdout) == (verify.USAGE, True), done.stderr
    with pytest.raises(SyntaxError) as refused:  # older ones show the line that they cannot read
        ast.parse(VERIFIER.read_text("utf-8"), feature_version=(3, 7))
    line = VERIFIER.read_text("utf-8").splitlines()[(refused.value.lineno or 0) - 1]
    assert "needs Python 3.9 or newer" in line
