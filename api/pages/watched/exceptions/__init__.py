"""例外: what the page of one transfer and its forms are made of.

`ways` how a record is handled, `advice` which of them apply to each finding, `members` the fields
of a transfer on a form, `typed` what somebody changed in them, `told` what is wrong with that,
`persons` the form of its persons, `shown` the record in words, `happened` what happened to it,
`words` what things are called.
"""
