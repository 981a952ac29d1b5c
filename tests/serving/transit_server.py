"""A key management service that speaks as Vault's transit engine, over HTTP, on this machine.

Written from that engine's interface, not from our client: it upserts a key that `encrypt` does not
know, deletes none before that was allowed, and answers 400 for a key that `decrypt` does not know.
"""

import base64
import os
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.serving.threads import served


@dataclass
class Transit:
    """The service's inside: its keys, and what a test does to it.

    Attributes:
        sealed: every request is answered 503, as by a vault that was restarted.
        signing: keys that sign, each version of one.
        version: what a ciphertext says: another one after a rotation inside the service.
        asked: method and path of each request.
    """

    token: str = "an-invented-token"
    url: str = ""
    keys: dict[str, bytes] = field(default_factory=dict[str, bytes])
    signing: dict[str, list[Ed25519PrivateKey]] = field(
        default_factory=dict[str, list[Ed25519PrivateKey]]
    )
    deletable: set[str] = field(default_factory=set[str])
    sealed: bool = False
    version: str = "v1"
    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if self.sealed:
            return JSONResponse({"errors": ["Vault is sealed"]}, 503)
        if request.headers.get("x-vault-token") != self.token:
            return JSONResponse({"errors": ["permission denied"]}, 403)
        body: dict[str, Any] = {} if request.method in ("GET", "DELETE") else await request.json()
        action, _, name = request.path_params["path"].partition("/")
        match request.method, action, name.split("/"):
            case "GET", "keys", [""] if request.query_params.get("list") == "true":
                return _data({"keys": sorted(self.keys)}) if self.keys else _missing()
            case "GET", "keys", [one] if one in self.signing:
                return _data({"name": one, "type": "ed25519", "keys": self._public(one)})
            case "GET", "keys", [one]:
                found = {"name": one, "type": "aes256-gcm96", "keys": {"1": 1_764_000_000}}
                return _data(found) if one in self.keys else _missing()
            case "POST", "keys", [one] if body.get("type") == "ed25519":
                assert body["exportable"] is False
                self.signing.setdefault(one, [Ed25519PrivateKey.generate()])
                return Response(status_code=204)
            case "POST", "keys", [one]:
                assert body == {"type": "aes256-gcm96", "exportable": False}
                self.keys.setdefault(one, os.urandom(32))
                return Response(status_code=204)
            case "POST", "sign", [one]:
                return self._signed(one, body)
            case "POST", "keys", [one, "config"]:
                if body.get("deletion_allowed") is True:
                    self.deletable.add(one)
                return Response(status_code=204)
            case "DELETE", "keys", [one]:
                if one not in self.deletable:
                    return _wrong("deletion is not allowed for this key")
                del self.keys[one]
                return Response(status_code=204)
            case "POST", "encrypt", [one]:
                key, nonce = self.keys.setdefault(one, os.urandom(32)), os.urandom(12)
                sealed = nonce + AESGCM(key).encrypt(nonce, *_taken(body, "plaintext"))
                text = base64.b64encode(sealed).decode()
                return _data({"ciphertext": f"vault:{self.version}:{text}"})
            case "POST", "decrypt", [one]:
                return self._decrypted(one, body)
            case _:
                return _missing()

    def rotate(self, name: str) -> None:
        """As `POST keys/NAME/rotate` does: the newest version signs from now on."""
        self.signing[name].append(Ed25519PrivateKey.generate())

    def _public(self, name: str) -> dict[str, dict[str, str]]:
        return {
            str(version): {
                "name": "ed25519",
                "creation_time": "2026-11-28T00:00:00Z",
                "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
            }
            for version, key in enumerate(self.signing[name], 1)
        }

    def _signed(self, name: str, body: dict[str, Any]) -> Response:
        if name not in self.signing:
            return _wrong("signing key not found")
        versions = self.signing[name]
        signature = base64.b64encode(versions[-1].sign(base64.b64decode(body["input"]))).decode()
        return _data({"signature": f"vault:v{len(versions)}:{signature}"})

    def _decrypted(self, name: str, body: dict[str, Any]) -> Response:
        if name not in self.keys:
            return _wrong("encryption key not found")
        text = body["ciphertext"].removeprefix("vault:v1:")
        sealed, aad = _taken({**body, "ciphertext": text}, "ciphertext")
        try:
            plain = AESGCM(self.keys[name]).decrypt(sealed[:12], sealed[12:], aad)
        except (InvalidTag, ValueError):
            return _wrong("cipher: message authentication failed")
        return _data({"plaintext": base64.b64encode(plain).decode()})


def _taken(body: dict[str, Any], name: str) -> tuple[bytes, bytes]:
    return base64.b64decode(body[name]), base64.b64decode(body["associated_data"])


def _data(data: dict[str, Any]) -> Response:
    return JSONResponse({"request_id": "r", "data": data})


def _missing() -> Response:
    return JSONResponse({"errors": []}, 404)


def _wrong(why: str) -> Response:
    return JSONResponse({"errors": [why]}, 400)


@contextmanager
def running_transit() -> Generator[Transit]:
    """The service, listening; ended with the context."""
    transit = Transit()
    app = Starlette(
        routes=[
            Route("/v1/transit/{path:path}", transit.answer, methods=["GET", "POST", "DELETE"]),
        ]
    )
    with served(app, lifespan="off") as port:
        transit.url = f"http://127.0.0.1:{port}/v1/transit"
        yield transit


@contextmanager
def answering(answer: bytes) -> Generator[str]:
    """Somebody who gives the same answer to everybody, or none (b"")."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                connection, _ = listening.accept()
                with connection:
                    if not connection.recv(65_536):
                        return
                    connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1/transit"
        finally:
            socket.create_connection(listening.getsockname()).close()
            serving.join(15)


def http(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
