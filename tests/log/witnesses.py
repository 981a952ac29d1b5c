"""A log that is shown to witnesses: Debian's sigsum-witness, and one that says what it is told."""

import socket
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from api.server.witness_caller import WitnessCaller, asks, seconds_now
from ledger.crypto.notes import KeyType, SignedNote, Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.merkle.checkpoint import Checkpoint
from projections.log.cosignatures import Cosignatures
from projections.log.integrator import Integrator
from projections.log.witness_requests import WitnessRequest
from tests.log.others import program
from tests.log.signing import Place

SECONDS_MAX = 60.0


def sigsum_signer(seed: bytes) -> SeedSigner:
    """A log's key under the only name that sigsum's witness takes."""
    public = SeedSigner("any", seed).verifier.public
    return SeedSigner(f"sigsum.org/v1/tree/{sha256(public).hexdigest()}", seed)


SEED = b"l" * 32
SIGNER = sigsum_signer(SEED)


@dataclass
class Shown:
    """A log, and who is asked to cosign it."""

    place: Place
    policy: Policy

    @property
    def cosigned(self) -> Cosignatures:
        return Cosignatures(self.place.folder, SIGNER.verifier, self.policy)

    def grow(self, size: int, story: str = "") -> None:
        """Sign at `size`."""
        self.place.grow(size - len(self.place.events), story)
        place, signer = self.place, SIGNER
        integrator = Integrator(
            place.folder, place.anchor, signer, lambda: len(place.events), place.leaves
        )
        if place.anchor.read() is None:
            integrator.begin()
        integrator.step()

    @property
    def signed(self) -> tuple[SignedNote, Checkpoint]:
        note = SignedNote.read(self.place.folder.checkpoint() or "")
        return note, Checkpoint.read(note.text)

    def asking(self, size: int = 0, *, name: str = "debian") -> WitnessRequest:
        witness = self.policy.witnesses[name]
        assert witness.url is not None
        return WitnessRequest(witness, self.place.folder, asks(witness.url), seconds_now, size)

    def caller(self, *, name: str = "debian", seconds: float = 0.1) -> WitnessCaller:
        return WitnessCaller(self.asking(name=name), self.cosigned, seconds)


@dataclass
class SigsumWitness:
    """Debian's witness for one log; what it saw lies in `folder` and survives it.

    Attributes:
        port: the same at each start.
    """

    folder: Path
    log: Verifier
    seed: bytes = b"w" * 32
    port: int = 0
    _key: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._key = Ed25519PrivateKey.from_private_bytes(self.seed)
        private = self.folder / "key"
        private.write_bytes(
            self._key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        )
        private.chmod(0o600)
        (self.folder / "log.pub").write_bytes(_ssh(self.log.public))
        with socket.create_server(("127.0.0.1", self.port)) as free:
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> Verifier:
        public = self._key.public_key().public_bytes_raw()
        name = f"sigsum.org/v1/witness/{sha256(public).hexdigest()}"
        return Verifier(name, public, KeyType.COSIGNATURE)

    @property
    def line(self) -> str:
        """As a policy has it."""
        return f"witness debian {self.key.text} {self.url}\n"

    def forget(self) -> None:
        """As after a restore to before the log."""
        (self.folder / "state").unlink()

    @contextmanager
    def running(self) -> Generator[None]:
        given = {"GODEBUG": "httpmuxgo121=0", "HOME": str(self.folder)}
        process = subprocess.Popen(
            [
                program("sigsum-witness"),
                *("-k", "key", "--log-key=log.pub", "--state-file=state"),
                f"127.0.0.1:{self.port}",
            ],
            cwd=self.folder,
            env=given,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._answers(process)
            yield
        finally:
            process.terminate()
            process.wait(SECONDS_MAX)

    def _answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            assert process.poll() is None, "sigsum-witness ended"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "sigsum-witness does not listen"
                time.sleep(0.02)
            else:
                return


def _ssh(public: bytes) -> bytes:
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b"\n"


@dataclass
class Told:
    """A server that answers what it is told, in turn; the last answer again and again.

    Attributes:
        answers: status, headers and body of each.
        drip_s: seconds between two bytes of a body.
        asked: paths and bodies that it got.
    """

    answers: list[tuple[int, dict[str, str], bytes]]
    drip_s: float = 0.0
    asked: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    url: str = ""

    @contextmanager
    def running(self) -> Generator["Told"]:
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told.asked.append((self.path, body))
                status, headers, content = told.answers[0]
                if len(told.answers) > 1:
                    told.answers.pop(0)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(OSError):  # the client hangs up, as it should
                    self._write(content)

            def _write(self, content: bytes) -> None:
                if not told.drip_s:
                    self.wfile.write(content)
                    return
                for byte in content:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    time.sleep(told.drip_s)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's  # pyright: ignore[reportImplicitOverride] -- as elsewhere
                del format, args

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            serving.join(SECONDS_MAX)
