"""The ratios that the house promises, each against the machine's own measure.

`append`, `batch`, `history`, `rebuild`, `expiry` (with `closing`), `reply` (with `letters` and
`typst_alone`) and `order11` (with `sides`, `planting` and `ks`) hold one benchmark each; `places`
builds what is measured, `processes` runs servers and followers beside it, `load` is the client,
`timing` one that times each answer and `steady` a writer that keeps its beat, `samples` and
`requests` make what is sent, `readings` looks into the database and `memory` at processes,
`figures` interleaves runs and prints. Run by `ledger bench NAME`.
"""
