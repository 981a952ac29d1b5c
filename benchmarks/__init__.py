"""The ratios that the house promises, each against the machine's own measure.

`append`, `batch`, `history` and `rebuild` hold one benchmark each; `places` builds what is
measured, `processes` runs servers and followers beside it, `load` is the client, `samples` makes
what is sent, `figures` interleaves runs and prints. Run by `ledger bench NAME`.
"""
