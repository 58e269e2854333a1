"""Step 4: what becomes of what was sent."""
