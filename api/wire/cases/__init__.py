"""What the end points of disclosure cases read and say.

`bodies` is what every body keeps to; `intake`, `papers`, `naming`, `measures`, `replying` and
`ending` are the bodies, `showing` and `whole` what is shown of a case, `answers` its schemas,
`files` a reply as one file, `examples` invented people.
"""
