"""Use cases that the screens and the command line share: open, check, select, rehearse, run, watch, account, journal."""
