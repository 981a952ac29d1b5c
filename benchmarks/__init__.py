"""The ratios that the house promises, each against the machine's own measure.

`append`, `batch`, `history`, `rebuild` and `expiry` (with `closing`) hold one benchmark each;
`places` builds what is measured, `processes` runs servers and followers beside it, `load` is the
client and `steady` a writer that keeps its beat, `samples` makes what is sent, `readings` looks
into the database, `figures` interleaves runs and prints. Run by `ledger bench NAME`.
"""
