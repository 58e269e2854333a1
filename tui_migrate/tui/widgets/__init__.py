"""Widgets that know nothing of operations."""
