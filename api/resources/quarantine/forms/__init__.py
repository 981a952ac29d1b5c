"""The form that repairs a rejected item.

`fields` the item as fields where its shape allows that, `content` as it was sent, `problems` what
is wrong with it in words.
"""
