"""Pure verdicts over law data: what a transfer is in law, and how long its record is kept."""
