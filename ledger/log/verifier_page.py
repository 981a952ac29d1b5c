"""The page that checks a reply's proof in a browser: one HTML file, made of `verifier/` (0128)."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

SCRIPTS: Final = ("crypto.js", "json.js", "notes.js", "proof.js", "verdict.js", "page.js")
"""In the order in which they stand in the page."""
POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none';"
    " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def verifier_page() -> bytes:
    """The file, the same bytes each time. Its policy admits its own script and style alone."""
    folder = files("ledger.log").joinpath("verifier")

    def source(name: str) -> str:
        return folder.joinpath(name).read_text("utf-8")

    style = f"\n{source('page.css')}"
    script = "\n" + "\n".join(map(source, SCRIPTS))
    policy = POLICY.format(script=_hash_source(script), style=_hash_source(style))
    page = source("page.html").replace("@policy@", policy).replace("@style@", style)
    return page.replace("@script@", script).encode()


def _hash_source(text: str) -> str:
    """What a content security policy says of a text that it admits (CSP 3, section 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
