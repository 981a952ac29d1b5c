"""Letters to the principal: what stands in them, as values and as files; pure, no paper.

`letter` holds the letter, `contents` what each kind says, `lines` the records of a reply, `fold`
the repeats that paper prints once, `words` values in Japanese, `files` the JSON and the CSV.
No type here has a place for a record excluded under Order 11: a letter cannot tell of one.
"""
