"""What the embedded engine holds: definitions, instances with their trees, jobs, incidents, batches and history."""
