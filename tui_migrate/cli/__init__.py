"""The same as the screens, headless: arguments in, operations called, text or JSON out, outcomes to exit codes.

Nothing here is imported before it is needed: `--help` and `--version` must not pay for httpcore, msgspec, lxml
or Textual.
"""
