"""The forms of 共同利用公表事項: `fields` what stands in them, `form_values` how they are read.

`about` says which notice a form is about.
"""
