"""The stages, one file each, with the contract they keep (`base`) and their order (`registry`).

Shared measurements live in `measure/`; a stage opens no file and knows no path or database.
"""
