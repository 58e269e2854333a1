"""Use cases that screens and command line share: open, check, select, rehearse, run, watch, account, journal."""
