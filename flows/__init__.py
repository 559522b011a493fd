"""Prefect flows: digitize, rerun and export. Thin: they carry identifiers, never pixels."""
