"""From `kernel` operations on memrefs to calls of the functions that compute them."""
