"""Structured operations on memrefs as loops over rows, of which each thread runs its share."""
