"""Step 3: everything that is about to be sent, once more."""
