"""The library on disk: content-addressed objects, and the ledger that says how they came to be."""
