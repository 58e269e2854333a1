"""The tables of keys, one module for each place."""
