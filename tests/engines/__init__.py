"""Real process engines for the tests: how they are built, started, shared and stopped. README.md tells the rest."""

from __future__ import annotations
