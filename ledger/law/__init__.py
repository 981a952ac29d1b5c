"""The Act as data with validity dates, keyed by law version. No code of the product decides here.

`act.law_on(day)` gives the version in force; `findings`, `bases`, `items`, `countries`,
`retention` hold its tables; `readings` holds the points that counsel must settle; `adulthood` and
`holidays` what the clocks need. `procedure` is no law but the operator's published procedure.
"""
