"""Migration inside the embedded engine: reading a plan, judging an instance, and moving it."""
