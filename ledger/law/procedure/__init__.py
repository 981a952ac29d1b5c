"""The published procedure for requests (Act Art. 32, 37, 38; Order 12, 13) as dated data.

`tables` holds the shape of the rows, `version` that of one version and its choice by the day of
arrival; `policy_2022` is the version of the privacy policy; `parser` (with `rows`,
`settings`, `reader`, `complete`) makes a version of an operator's own JSON; `questions` what a
lawyer or the operator must settle; `reasons` why a paper does not do; `causes` what a ground may
rest on; `targets` the handling times the operator sets itself; `codes` the words.
"""
