"""Items to import, and files of them. Every person is a canary."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.canary import MEMBER, NAME
from tests.doors.samples import SOURCE

__all__ = ["SOURCE"]


def item(id_: str, source: str = SOURCE, **changes: object) -> dict[str, Any]:
    """A lawful provision on consent; always the same for the same id."""
    person = {"scheme": "member", "id": f"{MEMBER}-{sum(map(ord, id_)) % 50}", "name": NAME}
    data: dict[str, object] = {
        "direction": "provided",
        "basis": "consent_27_1",
        "method": "individual",
        "transferred_on": "2026-01-15",
        "counterparty": {
            "kind": "corporation",
            "party_id": "partner-ads",
            "name": "株式会社見本広告",
            "address": "大阪府大阪市北区梅田3-1-3",
            "representative": "代表取締役 見本 一郎",
        },
        "principals": [person],
        "items": ["氏名", "ご利用履歴"],
        "consent": {"obtained": True},
        **changes,
    }
    return {"source": source, "id": id_, "data": data}


def line_of(one: object) -> bytes:
    return json.dumps(one, ensure_ascii=False).encode()


def ndjson(path: Path, lines: Iterable[bytes]) -> Path:
    """A file of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path
