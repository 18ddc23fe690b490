"""What is done to programs."""
