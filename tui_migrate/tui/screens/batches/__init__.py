"""The migration batches of the engine."""
