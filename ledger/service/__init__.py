"""The service: contexts read, decisions taken, events sealed and appended.

`ledger` has one method a command and calls the services of the nouns; `group` appends the commands
of several requests in one transaction.
"""

from ledger.service.ledger import Ledger
from ledger.streams.outcome import CommandReceipt, RecordOutcome
from ledger.streams.sealer import Sealer

__all__ = ["CommandReceipt", "Ledger", "RecordOutcome", "Sealer"]
