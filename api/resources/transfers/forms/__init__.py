"""例外: what the page of one transfer and its forms are made of.

`ways` how a record is handled, `advice` which of them apply to each finding, `members` the fields
of a transfer on a form, `form_values` what somebody changed in them, `field_errors` what is wrong
with that, `persons` the form of its persons, `finding_view` the record in words,
`transfer_timeline` what happened to it, `words` what things are called.
"""
