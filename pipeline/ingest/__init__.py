"""From a box to the library: find the files, refuse what is no scan, copy in, register.

A box is never written to.
"""
