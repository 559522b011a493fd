"""Pure measurements on pixels: numbers in, numbers out.

What a conservator would note down before touching a print; nothing here changes a picture.
"""
