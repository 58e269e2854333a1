"""The REST resources of the embedded engine, one module for each family."""
