"""The application: contexts read, decisions taken, events sealed and appended.

`ledger` is the door (one method a command), `transfers` the path of many transfers at once,
`verdict_inputs` reads what verdicts need, `sealer` picks keys, `outcome` holds the answers.
"""

from ledger.application.ledger import Ledger
from ledger.application.outcome import CommandReceipt, RecordOutcome
from ledger.application.sealer import Sealer

__all__ = ["CommandReceipt", "Ledger", "RecordOutcome", "Sealer"]
