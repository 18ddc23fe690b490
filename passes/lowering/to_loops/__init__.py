"""Structured operations on memrefs as loops."""
