"""The signed log of the demo: its key, and the witness that cosigns it.

```
<home>/
    log-key           0600: signs the log, made at the first start
    log-policy        who cosigns it, for readers of the demo's proofs
    log-tiles/, log-anchor
    witness/          what the demo's witness has: its key, and what it cosigned last
```
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.demo.witness import DemoWitness
from api.server.supervisor import POLL_S
from api.settings.settings import Settings
from api.signed_log import signed_log
from ledger.crypto.files import write_atomically
from ledger.crypto.seed_signer import SEED_BYTES, SeedSigner
from projections.log.integrator import Integrator

POLICY: Final = "log-policy"
_ORIGIN: Final = "ledger.demo.example.jp/demo"
"""Its last part is the ledger's name, as `ledger proof` wants it."""
_WITNESS: Final = "witness.demo.example.jp/demo"
_KEY: Final = "log-key"
_STEP_S: Final = "0.5"
_COSIGNED_S_MAX: Final = 30.0


@contextmanager
def witnessed_log(home: Path) -> Generator[dict[str, str]]:
    """The settings of the demo's log, which its witness cosigns while the context is open.

    Args:
        home: it exists; the keys that lie in it are used again.
    """
    own = home / "witness"
    own.mkdir(mode=0o700, exist_ok=True)
    log = SeedSigner(_ORIGIN, _seed(home / _KEY)).verifier
    witness = DemoWitness(SeedSigner(_WITNESS, _seed(own / "key")), log, own)
    with witness.running() as url:
        policy = home / POLICY
        lines = f"log {log.text}\nwitness demo {witness.key.text} {url}\nquorum demo\n"
        policy.write_text(lines)
        yield {
            "LEDGER_LOG_ORIGIN": _ORIGIN,
            "LEDGER_LOG_KEY_FILE": str((home / _KEY).absolute()),
            "LEDGER_LOG_S": _STEP_S,
            "LEDGER_LOG_WITNESS_POLICY": str(policy.absolute()),
            "LEDGER_LOG_WITNESS_S": _STEP_S,
            "LEDGER_REPLY_PROOFS": "true",
        }


def begin_log(settings: Settings) -> None:
    """Sign the log for the first time, unless it was begun: of an empty ledger.

    Before anything runs; what a kept demo recorded before it had a log is taken in afterwards.
    """
    log = signed_log(settings)
    assert log is not None, "the settings of the demo have a log"
    if log.anchor.read() is None and log.folder.checkpoint() is None:
        Integrator(log.folder, log.anchor, log.signer, lambda: 0, lambda _begin, _end: ()).begin()


def await_cosigned(settings: Settings, position: int) -> bool:
    """Wait until the witness cosigned the log up to `position`; False: not in half a minute."""
    log = signed_log(settings)
    assert log is not None, "as above"
    assert log.cosigned is not None, "as above"
    deadline = time.monotonic() + _COSIGNED_S_MAX
    while (seen := log.cosigned.newest()) is None or seen.checkpoint.size < position:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _seed(file: Path) -> bytes:
    if not file.exists():
        write_atomically(file, os.urandom(SEED_BYTES).hex().encode())
    return bytes.fromhex(file.read_text())
