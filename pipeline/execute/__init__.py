"""Running planned steps: objects in, a stage, objects out, one ledger row; never twice."""
