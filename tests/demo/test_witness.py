"""The demo's witness, asked by our own log: it cosigns what follows, and no second history."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.demo.witness import CheckpointRefusedError, DemoWitness
from ledger.crypto.notes import SignedNote, signed_note
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.merkle import EMPTY_ROOT
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.tiled_tree import TiledTree
from projections.log.witness_requests import WitnessRefusedError, request
from tests.log.signing import Place
from tests.log.witnesses import SIGNER, Shown

OWN = SeedSigner("witness.example/demo", b"d" * 32)
SIZES = (0, 1, 7, 256, 257, 1000)


@dataclass
class Watched:
    """A log, and the demo's witness that it is shown to."""

    witness: DemoWitness
    url: str
    shown: Shown

    def twin(self, path: Path) -> Shown:
        """Another log under the same key, shown to the same witness."""
        path.mkdir()
        return Shown(Place(path), self.shown.policy)

    def body(self, old: int) -> bytes:
        note, signed = self.shown.signed
        tree = TiledTree(signed.size, self.shown.place.folder.read)
        proof = tree.consistency(old) if 0 < old < signed.size else []
        return request(old, proof, note)


def witness_in(folder: Path) -> DemoWitness:
    folder.mkdir(exist_ok=True)
    return DemoWitness(OWN, SIGNER.verifier, folder)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    witness = witness_in(tmp_path / "witness")
    with witness.running() as url:
        policy = f"witness demo {witness.key.text} {url}\nquorum demo\n"
        place = tmp_path / "place"
        place.mkdir()
        yield Watched(witness, url, Shown(Place(place), Policy.read(policy.encode())))


def answered(url: str, body: bytes) -> tuple[int, str | None, bytes]:
    """Status, type and body of what the witness answers."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request("POST", "/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read()
    finally:
        connection.close()


def test_it_cosigns_a_log_that_grows(watched: Watched) -> None:
    caller = watched.shown.caller(name="demo")
    for size in SIZES:
        watched.shown.grow(size)
        caller.step()
        seen = watched.shown.cosigned.newest()
        assert seen is not None
        assert seen.checkpoint == watched.shown.signed[1]
        assert watched.witness.key in [
            key for key, _ in seen.note.verified([SIGNER.verifier, watched.witness.key])
        ]


def test_it_goes_on_from_what_it_saw_when_it_starts_anew(watched: Watched, tmp_path: Path) -> None:
    watched.shown.grow(300)
    watched.shown.asking(name="demo").cosigned(*watched.shown.signed)
    twin = watched.twin(tmp_path / "twin")
    twin.grow(300, "rewritten")
    again = witness_in(tmp_path / "witness")
    with pytest.raises(CheckpointRefusedError, match="422"):
        again.cosign(request(300, [], twin.signed[0]))
    watched.shown.grow(700)
    assert again.cosign(watched.body(300)).name == OWN.name


@pytest.mark.parametrize("size", [700, 701, 1000])
def test_a_split_view_is_refused(watched: Watched, tmp_path: Path, size: int) -> None:
    watched.shown.grow(700)
    watched.shown.asking(name="demo").cosigned(*watched.shown.signed)
    twin = watched.twin(tmp_path / "twin")
    twin.place.grow(350)
    twin.grow(size, "rewritten")
    for known in (0, 700):
        with pytest.raises(WitnessRefusedError, match="another history"):
            twin.asking(known, name="demo").cosigned(*twin.signed)
    # Nor does it forget the first history over the second one.
    watched.shown.grow(1000)
    watched.shown.asking(700, name="demo").cosigned(*watched.shown.signed)


def test_a_log_that_is_put_back_is_refused(watched: Watched) -> None:
    watched.shown.grow(300)
    older = watched.shown.signed
    watched.shown.grow(700)
    watched.shown.asking(name="demo").cosigned(*watched.shown.signed)
    with pytest.raises(WitnessRefusedError, match="seen 700 events and the log has 300"):
        watched.shown.asking(10, name="demo").cosigned(*older)


def test_each_refusal_has_the_status_of_the_protocol(watched: Watched) -> None:
    watched.shown.grow(7)
    note, signed = watched.shown.signed
    stranger, other = SeedSigner(SIGNER.name, b"x" * 32), SeedSigner("other.example/log", b"x" * 32)
    unknown = replace(signed, origin="other.example/log")
    filled = Checkpoint(SIGNER.name, 0, b"r" * 32)
    line = b64encode(bytes(32)).decode() + "\n"
    cases: list[tuple[str, bytes, int]] = [
        ("nothing", b"", 400),
        ("no text", b"\xff\n\n", 400),
        ("no size", b"old -1\n\n" + note.full_text.encode(), 400),
        ("a size with a zero before it", b"old 07\n\n" + note.full_text.encode(), 400),
        ("a proof that is none", b"old 0\nAAAA\n\n" + note.full_text.encode(), 400),
        ("too long a proof", f"old 0\n{line * 64}\n{note.full_text}".encode(), 400),
        ("no note", b"old 0\n\nhello\n", 400),
        ("no checkpoint", request(0, [], signed_note("hello\n", [SIGNER])), 400),
        ("beyond the log", request(8, [], note), 400),
        ("another log", request(0, [], signed_note(unknown.text, [other])), 404),
        ("another key", request(0, [], signed_note(signed.text, [stranger])), 403),
        ("a proof from nothing", request(0, [bytes(32)], note), 422),
        ("an empty log with a root", request(0, [], signed_note(filled.text, [SIGNER])), 422),
    ]
    found = {name: answered(watched.url, body)[0] for name, body, _ in cases}
    assert found == {name: status for name, _, status in cases}
    assert answered(watched.url, watched.body(5)) == (409, "text/x.tlog.size", b"0\n")
    status, _, content = answered(watched.url, watched.body(0))
    assert status == 200
    cosigned = SignedNote.read(note.full_text + content.decode())
    assert len(cosigned.verified([SIGNER.verifier, watched.witness.key])) == 2
    assert answered(watched.url, watched.body(0)) == (409, "text/x.tlog.size", b"7\n")
    # The same checkpoint once more: as good as before.
    assert answered(watched.url, watched.body(7))[0] == 200


def test_a_proof_with_any_bit_changed_is_refused(watched: Watched) -> None:
    watched.shown.grow(300)
    watched.shown.asking(name="demo").cosigned(*watched.shown.signed)
    watched.shown.grow(700)
    note, signed = watched.shown.signed
    proof = TiledTree(signed.size, watched.shown.place.folder.read).consistency(300)
    for at in range(len(proof)):
        spoilt = [one if n != at else bytes([one[0] ^ 1, *one[1:]]) for n, one in enumerate(proof)]
        for wrong in (spoilt, proof[:at] + proof[at + 1 :]):
            with pytest.raises(CheckpointRefusedError, match="422"):
                watched.witness.cosign(request(300, wrong, note))
    assert watched.witness.cosign(watched.body(300))


def test_the_empty_log_is_cosigned_again_and_again(watched: Watched) -> None:
    watched.shown.grow(0)
    assert watched.shown.signed[1].root == EMPTY_ROOT
    for _ in range(2):
        assert watched.witness.cosign(watched.body(0))
