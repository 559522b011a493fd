"""What every layer speaks in: the Photo, typed errors with exit codes, and progress.

No file, database or model is known here.
"""
