"""Shoebox's pipeline: everything between a folder of scans and restored, documented photographs.

Layers, low to high: core, io, store, models, stages, config, plan, execute, ingest and export.
"""
