"""`check_proof.py`, the verifier of a reply's proof for whoever has nothing of ours."""

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from api.cli import app
from ledger.crypto.notes import KeyType, Verifier
from ledger.errors import CorruptRecordError
from ledger.exports import verify
from ledger.log import check_proof
from ledger.log.proof_records import read_proof
from tests.format.answered import KEY, LIES, bound, edited
from tests.format.golden.building import LEDGER, VKEY, signed
from tests.format.golden_files import golden
from tests.format.test_proofs import BROKEN, BULK, ONE, WHOLE
from tests.rounds import is_thorough

PROGRAM = Path(check_proof.__file__)
BOOK, BOUND = bound()
_, OF_FORM_1 = bound(1)
_, OF_NONE = bound(records=())
OTHER_KEY = Verifier(KEY.name, bytes(31) + b"\x01").text
HOSTILE = {
    "nothing": b"",
    "no JSON": b"\xff\xfe",
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "a new line at the end": WHOLE + b"\n",
    "a text": b'"records"',
    "a list": b"[]",
    "an empty object": b"{}",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "lists a thousand deep": b"[" * 1_000 + b"]" * 1_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a huge number": b'{"checkpoint":"","records":[],"v":' + b"9" * 100_000 + b"}",
    "NaN": b'{"checkpoint":"","records":[],"v":NaN}',
    "a fraction": b'{"checkpoint":"","records":[],"v":1e999}',
    "a member twice": b'{"checkpoint":"","records":[],"records":[],"v":1}',
    "half of a character": b'{"checkpoint":"\\ud800","records":[],"v":1}',
    "no text": b'{"checkpoint":1,"records":[],"v":1}',
    "no list": b'{"checkpoint":"","records":{},"v":1}',
    "no checkpoint": b'{"records":[],"v":1}',
    "an event that is no object": b'{"checkpoint":"","events":[1],"v":1}',
    "wrong types in a record": edited(BOUND, lambda m: m["records"][0].update(events={"0": 1})),
    "wrong types in a line": edited(BOUND, lambda m: m["answer"].update(lines=[1, [], {}])),
    "a place of three": edited(BOUND, lambda m: m["records"][0]["line"].update({"in": [0, 1, 2]})),
    "a header that is no text": edited(
        BOUND, lambda m: m["records"][0]["events"][0].update(header=7)
    ),
}


def corpus() -> Iterator[tuple[str, bytes]]:
    """Every proof and showing that the tests of `ledger proof` have, and more."""
    yield from (("whole", WHOLE), ("bound", BOUND), ("of form 1", OF_FORM_1), ("none", OF_NONE))
    yield "told before it was recorded", bound(as_of=12)[1]
    yield "as of a position behind its own event", bound(as_of=9_999)[1]
    yield "in an older version", bound(shown_as=(ONE, BULK))[1]
    yield "of form 1 in an older version", bound(1, shown_as=(ONE, BULK))[1]
    for name, text in golden("ledger.json")["showings"].items():
        yield f"showing: {name}", text.replace(" AAAAAA==", " AAAAAAA=").encode()
        yield f"showing as it was: {name}", text.encode()
    for fault in golden("broken.json")["showings"]:
        yield fault["desc"], fault["showing"].encode()
    for name, edit in BROKEN.items():
        yield f"v1: {name}", edited(WHOLE, edit)
    for name, lie in LIES.items():
        yield f"v3: {name}", edited(BOUND, lie)
        if name != "a record is passed off as withheld":  # a line of form 1 has other members
            yield f"v2: {name}", edited(OF_FORM_1, lie)
    yield from HOSTILE.items()
    for length in range(0, len(BOUND), 997):
        yield f"cut off at {length}", BOUND[:length]
    for at in range(0, len(BOUND) * 8, 61 if is_thorough() else 1_001):
        bent = bytearray(BOUND)
        bent[at // 8] ^= 1 << at % 8
        yield f"bit {at}", bytes(bent)


def is_read(content: bytes) -> bool:
    try:
        read_proof(content, KEY, LEDGER)
    except CorruptRecordError:
        return False
    return True


def verdict(capsys: pytest.CaptureFixture[str], file: Path, *options: str) -> tuple[int, str]:
    code = check_proof.main([str(file), *options])
    return code, "".join(capsys.readouterr())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "proof.json"


def test_both_verifiers_give_the_same_verdict_on_every_proof(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codes: dict[str, int] = {}
    unlike: list[str] = []
    for name, content in corpus():
        file.write_bytes(content)
        codes[name], _ = verdict(capsys, file, "--key", VKEY)
        if (codes[name] == check_proof.GOOD) is not is_read(content):
            unlike.append(f"{name}: {codes[name]}")
    assert unlike == []
    good = {name for name, code in codes.items() if code == check_proof.GOOD}
    assert {"whole", "bound", "of form 1", "none"} < good
    assert not good & HOSTILE.keys()
    assert not good & {
        "told before it was recorded",
        "in an older version",
        "as of a position behind its own event",
    }
    assert set(codes.values()) == {0, 10, 20, 30, 40}
    assert codes["v3: a record is left out"] == check_proof.MISSING
    assert codes["v3: version 4"] == check_proof.VERSION


def test_what_another_key_signed_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(BOUND)
    for key in (OTHER_KEY, "no key", VKEY.replace("ledger.example", "other.example")):
        assert verdict(capsys, file, "--key", key)[0] == check_proof.SIGNATURE


def test_without_a_key_nothing_is_called_good(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in corpus():
        file.write_bytes(content)
        code, text = verdict(capsys, file)
        assert code in {5, 10, 20, 30, 40}, name
        assert "all good" not in text, name
        assert "proven, in" not in text, name
        assert "一致しました" not in text, name
        if is_read(content):
            assert code == check_proof.CONSISTENT, name
            assert "nobody has signed for it" in text, name


def test_it_says_what_the_answer_binds_and_what_its_version_does_not_prove(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(content: bytes) -> str:
        file.write_bytes(content)
        code, text = verdict(capsys, file, "--key", VKEY)
        assert code == check_proof.GOOD
        return text

    whole = said(BOUND)
    assert whole.endswith("全て一致しました。\nall good\n")
    for words in (
        "about member M-0001",
        "as of position 14; of 1 more lines it withholds something",
        f"bound at position {len(BOOK.events)}",
        "recorded at position 2, 7:",
        "台帳の位置 14 までの検索で",
        "施行令第11条",
    ):
        assert words in whole
    for content, words in ((WHOLE, "told no other record"), (OF_FORM_1, "in the version that")):
        text = said(content)
        assert f"not proven: that {'the reply' if content is WHOLE else 'each record'}" in text
        assert words in text
        assert "all good" not in text
        assert "全て一致しました" not in text


def test_its_english_sentences_are_those_of_the_command(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in (BOUND, OF_FORM_1, OF_NONE, WHOLE):
        file.write_bytes(content)
        lines = verdict(capsys, file, "--key", VKEY)[1].splitlines()
        done = CliRunner().invoke(app, ["proof", str(file), VKEY])
        assert done.exit_code == 0
        assert [one for one in done.output.splitlines() if one not in lines] == []


@pytest.mark.parametrize("name", [*HOSTILE, "a file that is not there"])
def test_no_file_ends_it_with_a_traceback(name: str, file: Path) -> None:
    if name in HOSTILE:
        file.write_bytes(HOSTILE[name])
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), str(file), "--key", VKEY],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.returncode in {10, 20, 30, 40}
    assert done.stdout.splitlines()[-1] == f"not good: exit code {done.returncode}"


def test_a_proof_that_is_too_large_is_not_read_whole(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(check_proof.FILE_MAX + 1)
    code, text = verdict(capsys, file, "--key", VKEY)
    assert code == check_proof.VERSION
    assert check_proof.TOO_LARGE in text


def test_alone_with_the_standard_library_it_checks_a_good_proof(tmp_path: Path) -> None:
    """Beside the proof lie files that are called like modules of Python."""
    for name in ("json", "hashlib", "re", "hmac"):
        (tmp_path / f"{name}.py").write_text('print("all good")\nraise SystemExit(0)\n')
    (tmp_path / "check_proof.py").write_bytes(PROGRAM.read_bytes())
    lie = edited(BOUND, LIES["a record is left out"])
    for content, code, options in ((BOUND, 0, ("-I", "-S")), (BOUND, 0, ()), (lie, 20, ())):
        (tmp_path / "proof.json").write_bytes(content)
        done = subprocess.run(
            [sys.executable, *options, "check_proof.py", "proof.json", "--key", VKEY],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr


def test_asked_in_a_wrong_way_it_says_how(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(BOUND)
    for words in (
        [],
        ["--key"],
        [str(file), "other"],
        [str(file), "--key", ""],
        [str(file), "--key", VKEY, "--key", VKEY],
        [str(file), "--unknown"],
        [str(file), "--policy", str(file.parent / "none")],
    ):
        assert check_proof.main(words) == check_proof.USAGE
        assert "Traceback" not in "".join(capsys.readouterr())


# -- witnesses -----------------------------------------------------------------------------------


class TestedWitness:
    """A witness whose key follows from its name."""

    __test__ = False

    def __init__(self, name: str) -> None:
        self.secret = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
        public = self.secret.public_key().public_bytes_raw()
        self.key = Verifier(name, public, KeyType.COSIGNATURE)

    def cosigned(self, text: str) -> str:
        """Its line under a note."""
        time = (1_795_000_000).to_bytes(8, "big")
        message = f"cosignature/v1\ntime {int.from_bytes(time)}\n{text}"
        value = self.key.id + time + self.secret.sign(message.encode())
        return f"— {self.key.name} {base64.b64encode(value).decode()}\n"


A, B = TestedWitness("witness.example/a"), TestedWitness("witness.example/b")


def policy_of(quorum: str, *, log: str = VKEY) -> str:
    witnesses = "".join(f"witness {n} {w.key.text}\n" for n, w in (("a", A), ("b", B)))
    return f"log {log}\n{witnesses}group both 2 a b\nquorum {quorum}\n"


def test_witnesses_of_the_reader_are_counted_and_a_policy_must_be_met(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = signed(len(BOOK.events), BOOK.root()).partition("\n\n")[0] + "\n"
    note = signed(len(BOOK.events), BOOK.root(), A.cosigned(text))
    file.write_bytes(edited(BOUND, lambda m: m.update(checkpoint=note)))
    rules = tmp_path / "policy"

    def asked(*options: str, policy: str | None = None) -> tuple[int, str]:
        if policy is not None:
            rules.write_text(policy, "utf-8")
            options += ("--policy", str(rules))
        return verdict(capsys, file, *options)

    key = ("--key", VKEY)
    assert "1 cosignatures are there, and none is checked" in asked(*key)[1]
    code, words = asked(*key, "--witness", A.key.text, "--witness", B.key.text)
    assert (code, "1 of the 2 you know signed" in words) == (0, True)
    assert asked(*key, policy=policy_of("a"))[0] == check_proof.GOOD
    assert asked(policy=policy_of("a"))[0] == check_proof.GOOD  # it names the log's key
    assert asked(*key, policy=policy_of("both"))[0] == check_proof.SIGNATURE
    other = policy_of("a", log=OTHER_KEY)
    assert asked(*key, policy=other)[0] == check_proof.SIGNATURE
    assert asked(*key, policy="quorum nobody\n")[0] == check_proof.USAGE
    assert asked("--witness", A.key.text)[0] == check_proof.USAGE
    forged = note.replace(A.cosigned(text), A.cosigned("another text\n"))
    file.write_bytes(edited(BOUND, lambda m: m.update(checkpoint=forged)))
    assert asked(*key, "--witness", A.key.text)[0] == check_proof.SIGNATURE


# -- the file itself -----------------------------------------------------------------------------

SHARED = """is_a is_number is_hash add times point_of is_signed from_base64 key_of parted
        signed_text sha event_hash misused"""


def test_what_it_shares_with_the_verifier_of_exports_is_the_same_text() -> None:
    def parts(path: str) -> dict[str, str]:
        text = Path(path).read_text("utf-8")
        for ours, theirs in (("ProofRefusal", "Refused"), ("WitnessPolicy", "Witnesses")):
            text = text.replace(ours, theirs)
        nodes = (
            one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef | ast.ClassDef)
        )
        return {one.name: ast.unparse(one) for one in nodes}

    ours, theirs = parts(check_proof.__file__), parts(verify.__file__)
    for name in (*SHARED.split(), "Witnesses"):
        assert ours[name] == theirs[name], name


def test_it_needs_the_standard_library_alone_and_python_3_9() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"), feature_version=(3, 9))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
        )
    }
    assert names <= sys.stdlib_module_names
    assert not names & {"socket", "urllib", "http", "subprocess", "ctypes"}


def test_characters_that_move_the_cursor_are_not_printed(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(edited(BOUND, lambda m: m.update(v=1)))
    assert "\u001b" not in verdict(capsys, file)[1]
    file.write_bytes(BOUND)
    text = verdict(capsys, file, "--key", VKEY)[1]
    assert all(one.isprintable() or one in "\n\u3000" for one in text)
    assert json.loads(BOUND)["v"] == 3
