"""The ids of a file: an engine takes each once, and as an XML name (its schema's types `ID` and `NCName`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from lxml import etree

from tui_migrate.bpmn.document import BPMN_NAMESPACE, line_of
from tui_migrate.bpmn.refusals import quoted
from tui_migrate.errors import BpmnError

IN_BPMN: Final = f"{{{BPMN_NAMESPACE}}}"
"""How the tag of a BPMN element begins."""
RESERVED: Final = "#"
"""Stands in ids that are made here (the process, bodies, elements without an id); no id of a file may hold it."""
_NO_NAME: Final = re.compile(r"^[-.\d]|[\x00-\x09\x0b-\x22$-,/:-@\[-^`{-\x7f]", re.MULTILINE)
"""What shows that a line is no XML name: its beginning, or a character. Only ASCII is looked at, without `#`."""


def claim(identifier: str, taken: set[str], element: etree._Element, file: str | None) -> None:
    """Add an id to those that are taken.

    Raises:
        BpmnError: It is taken already, or can't be an id.
    """
    if identifier in taken:
        raise BpmnError(
            f"The id {quoted(identifier)} is used twice; ids must be unique, and no engine deploys this file.",
            file=file,
            line=line_of(element),
        )
    if RESERVED in identifier:
        raise BpmnError(
            f"The id {quoted(identifier)} holds a {RESERVED}, which ids can't; no engine deploys this file.",
            file=file,
            line=line_of(element),
        )
    taken.add(identifier)


def claim_tops(root: etree._Element, file: str | None) -> set[str]:
    """Return the ids of `definitions` and of what stands right below it: processes, messages, errors and the like.

    Raises:
        BpmnError: One is used twice, or can't be one.
    """
    taken: set[str] = set()
    claim_all((root, *root.iterchildren(f"{IN_BPMN}*")), taken, file)
    return taken


def claim_contents(processes: Iterable[etree._Element], taken: set[str], file: str | None) -> None:
    """Add the ids of all that is in processes which are not read.

    Raises:
        BpmnError: One is used twice, or can't be one.
    """
    for process in processes:
        claim_all(process.iterdescendants(f"{IN_BPMN}*"), taken, file)


def claim_all(elements: Iterable[etree._Element], taken: set[str], file: str | None) -> None:
    """Add the ids of elements; an element without one is passed over."""
    for element in elements:
        identifier = (element.get("id") or "").strip()
        if identifier:
            claim(identifier, taken, element, file)


def no_names(identifiers: Collection[str]) -> list[str]:
    """Return those ids that are no XML names, so that an engine refuses to deploy them."""
    # A look at all of them at once: hardly any file has one.
    if _NO_NAME.search("\n".join(identifiers)) is None:
        return []
    return [one for one in identifiers if _NO_NAME.search(one) or "\n" in one]
