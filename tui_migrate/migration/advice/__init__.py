"""Rules about what is valid and still dangerous, one small function each, by theme."""
