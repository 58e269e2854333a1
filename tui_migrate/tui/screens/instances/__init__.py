"""Step 2: which instances, and what each of them would do."""
