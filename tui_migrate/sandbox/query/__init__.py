"""Queries of the embedded engine: from the members of a request to what they select, sorted and paged."""
