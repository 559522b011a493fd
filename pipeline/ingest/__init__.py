"""From a box to the library: find the files, refuse what is no scan, copy in, register.

With the scans come their backs, known by name, and their captions, read from CSV.

A box is never written to.
"""
