"""What the pages of what is watched are made of: forms that are read, words, rows, pictures.

`access_log` are those of 監査ログ.
"""
