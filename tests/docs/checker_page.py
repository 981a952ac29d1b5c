"""The sums of what checks a reply's proof, on the page for whoever got one."""

from hashlib import sha256

from api.case_replies.enclosed_proof import program
from ledger.log.verifier_page import verifier_page


def tables() -> dict[str, str]:
    """Region → its line."""
    contents = {"check-proof": program(), "check-proof-page": verifier_page()}
    return {
        name: f"\n```text\n{sha256(content).hexdigest()}\n```\n\n"
        for name, content in contents.items()
    }
