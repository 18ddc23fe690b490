"""Vector code for a target, and work shared by threads."""
