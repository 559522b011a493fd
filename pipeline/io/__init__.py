"""Files in and out: scans, checkpoints, derivatives, colour profiles, digests, atomic writes.

Nothing here knows of stages, the ledger or the library.
"""
