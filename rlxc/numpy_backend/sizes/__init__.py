"""Index arithmetic: what is known of it, and how it is written."""
