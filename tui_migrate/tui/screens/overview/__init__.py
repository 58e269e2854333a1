"""The overview of process definitions."""
