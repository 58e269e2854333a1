"""The runs in the journal."""
