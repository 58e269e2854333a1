"""The plan screen, step 1."""
