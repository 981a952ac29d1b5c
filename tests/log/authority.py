"""A time-stamping authority of the tests: `openssl ts` behind a small HTTP server."""

import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.log.others import program

SECONDS_MAX = 60.0
_CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
{chain}
ess_cert_id_alg = sha256
"""


@dataclass
class TestedAuthority:
    """An authority with a certificate of its own root.

    Attributes:
        chain: what `openssl ts -chain` is given: names of certificates, of `intermediate` and
            `root`, in the order of the file. With one of them the intermediate signed its own.
        spoil: what becomes of an answer on its way.
        status: of the HTTP answer.
        digests: what it puts stamps on.
        asked: how often it was asked.
    """

    __test__ = False

    folder: Path
    spoil: Callable[[bytes], bytes] = lambda reply: reply
    status: int = 200
    digests: str = "sha256"
    asked: int = 0
    port: int = 0
    chain: tuple[str, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "serial").write_text("01\n")
        root_key, above_key, key = (new_key(SECP256R1()) for _ in range(3))
        root = _certificate("root", root_key, "root", root_key)
        above = _certificate("intermediate", above_key, "root", root_key, is_authority=True)
        if self.chain:
            own = _certificate("tsa", key, "intermediate", above_key)
        else:
            own = _certificate("tsa", key, "root", root_key)
        known = {"intermediate": above, "root": root}
        chain = b"".join(known[name].public_bytes(Encoding.PEM) for name in self.chain)
        (self.folder / "chain.pem").write_bytes(chain)
        self.ca.write_bytes(root.public_bytes(Encoding.PEM))
        (self.folder / "tsa.pem").write_bytes(own.public_bytes(Encoding.PEM))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "tsa.key").write_bytes(private)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsr"

    def answer(self, query: bytes) -> bytes:
        """What `openssl ts` makes of a request."""
        with self._lock:
            self.asked += 1
            chain = f"certs = {self.folder}/chain.pem" if self.chain else ""
            config = _CONFIG.format(folder=self.folder, digests=self.digests, chain=chain)
            (self.folder / "tsa.cnf").write_text(config)
            (self.folder / "query").write_bytes(query)
            _openssl(
                *("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa"),
                *("-queryfile", "query", "-out", "reply"),
                cwd=self.folder,
            )
            return (self.folder / "reply").read_bytes()

    def accepts(self, content: bytes, reply: bytes) -> bool:
        """Whether `openssl ts -verify` accepts a stamp of this authority."""
        (self.folder / "data").write_bytes(content)
        (self.folder / "token").write_bytes(reply)
        arguments = ("ts", "-verify", "-data", "data", "-in", "token", "-CAfile", "ca.pem")
        done = subprocess.run(
            [program("openssl"), *arguments], cwd=self.folder, capture_output=True, check=False
        )
        return done.returncode == 0

    @contextmanager
    def running(self) -> Generator[None]:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                reply = authority.spoil(authority.answer(query))
                self.send_response(authority.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's  # pyright: ignore[reportImplicitOverride] -- as elsewhere
                del format, args

        server = HTTPServer(("127.0.0.1", self.port), Handler)
        self.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            serving.join(SECONDS_MAX)


def _openssl(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [program("openssl"), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: str,
    by: EllipticCurvePrivateKey,
    *,
    is_authority: bool = False,
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    begin = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251 -- a certificate of the tests
    is_ca = is_authority or name == issuer
    made = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3_650))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
    )
    if not is_ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(usage, critical=True)
    return made.sign(by, SHA256())
