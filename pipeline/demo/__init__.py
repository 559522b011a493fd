"""The demonstration box: public-domain photographs, aged by known damage and laid on a scanner.

The truth behind every file is known, so tests measure restorations against it.
"""
