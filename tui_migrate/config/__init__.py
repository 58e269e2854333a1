"""Profiles of engines, paths and secrets: from the command line's options, the environment and a TOML file."""
