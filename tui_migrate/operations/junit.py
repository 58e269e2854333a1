"""JUnit XML, the form in which pipelines read verdicts: one test case a thing that was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence


class Case(Struct, frozen=True):
    """One test case; `failure` is None where it passed, `skipped` says why it could not be judged."""

    group: str
    """Shown as `classname`."""
    name: str
    failure: str | None = None
    skipped: str | None = None


def to_junit_xml(suite: str, cases: Sequence[Case]) -> str:
    """Return a JUnit document with one suite.

    Args:
        suite: Name of the suite.
        cases: The cases in the order in which they are to be shown.
    """
    return suites_to_junit_xml(suite, [(suite, cases)])


def suites_to_junit_xml(name: str, suites: Sequence[tuple[str, Sequence[Case]]]) -> str:
    """Return a JUnit document with several suites.

    Args:
        name: Name of the whole.
        suites: Name and cases of each suite; there may be none.
    """
    from lxml import etree

    whole = _attributes(name, [case for _, cases in suites for case in cases])
    root = etree.Element("testsuites", attrib={key: value for key, value in whole.items() if key != "skipped"})
    for suite, cases in suites:
        element = etree.SubElement(root, "testsuite", attrib=_attributes(suite, cases))
        for case in cases:
            child = etree.SubElement(
                element, "testcase", attrib={"classname": _text(case.group), "name": _text(case.name)}
            )
            if case.failure is not None:
                failure = etree.SubElement(child, "failure", attrib={"message": _text(case.failure.splitlines()[0])})
                failure.text = "\n".join(_text(line) for line in case.failure.splitlines())
            elif case.skipped is not None:
                etree.SubElement(child, "skipped", attrib={"message": _text(case.skipped)})
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document.decode("utf-8")


def _attributes(name: str, cases: Sequence[Case]) -> dict[str, str]:
    return {
        "name": _text(name),
        "tests": str(len(cases)),
        "failures": str(sum(case.failure is not None for case in cases)),
        "skipped": str(sum(case.skipped is not None for case in cases)),
        "errors": "0",
    }


def _text(value: str) -> str:
    # XML 1.0 has no way to hold most control characters; `safe` leaves only printable ones.
    return safe(value)
