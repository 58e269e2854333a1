"""What makes two failures one cause: the engine's sentence without the ids that differ from instance to instance."""

from __future__ import annotations

import re

# The end of a long list is missing where it comes from a job: the engine cuts its text at 666 characters.
_LEFT_OVER = re.compile(r"^(Process instance contains not migrated [a-z ]+): \[[^\]]*\]?$", re.IGNORECASE)


def cause_of(sentence: str) -> str:
    """Return the sentence that instances with the same cause have in common.

    The engine lists the ids of what was left over (jobs, incidents …) in its sentence; each instance has its own.
    Source: migration semantics, section 4.2.
    """
    found = _LEFT_OVER.match(sentence)
    return found[1] if found else sentence
