"""The application: contexts read, decisions taken, events sealed and appended.

`ledger` is the door (one method a command), `service` the path of many transfers at once,
`verdict_inputs` reads what verdicts need, `sealer` picks keys, `outcome` holds the answers.
"""

from ledger.service.ledger import Ledger
from ledger.streams.outcome import CommandReceipt, RecordOutcome
from ledger.streams.sealer import Sealer

__all__ = ["CommandReceipt", "Ledger", "RecordOutcome", "Sealer"]
