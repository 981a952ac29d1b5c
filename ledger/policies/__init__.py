"""Pure verdicts over law data: transfers, how long records are kept, requests and their clocks."""
