"""What the pages of what is watched are made of: forms that are read, words, rows, pictures.

`looks` are those of 監査ログ.
"""
