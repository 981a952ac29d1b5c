"""The application: contexts read, decisions taken, events sealed and appended.

`ledger` is the door (one method a command), `recording` the path of many transfers at once,
`judging` reads what verdicts need, `sealing` picks keys, `outcome` holds the answers.
"""

from ledger.application.ledger import Ledger
from ledger.application.outcome import Outcome, Receipt
from ledger.application.sealing import Sealer

__all__ = ["Ledger", "Outcome", "Receipt", "Sealer"]
