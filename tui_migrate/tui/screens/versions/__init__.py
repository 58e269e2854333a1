"""All old versions of a process, brought to the newest together: check, confirm, result."""
