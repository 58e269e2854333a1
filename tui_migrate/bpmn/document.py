"""A BPMN file as a tree of elements: parsed so that nothing but the given bytes is ever read.

What the parser is told, and why: no entity is resolved, no DTD is loaded, no network is used, no limit of libxml2 is
lifted, and a file with any DOCTYPE is refused, since no BPMN tool writes one and every XML attack needs one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from lxml import etree

from tui_migrate.bpmn.model import EngineFamily
from tui_migrate.errors import BpmnError
from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BPMN_NAMESPACE: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MAXIMUM_BYTES: Final = 16 * 1024 * 1024
"""The largest file that is parsed; the largest real models are below 2 MB."""

_CAMUNDA: Final = "{http://camunda.org/schema/1.0/bpmn}"
_ACTIVITI: Final = "{http://activiti.org/bpmn}"
_OPERATON: Final = "{http://operaton.org/schema/1.0/bpmn}"
_EXTENSION_NAMESPACES: Final[Mapping[EngineFamily, tuple[str, str]]] = {
    "camunda": (_CAMUNDA, _ACTIVITI),
    "operaton": (_OPERATON, _CAMUNDA),
}


def parse_document(data: bytes, *, file: str | None = None) -> etree._Element:
    """Return the root element `definitions` of a BPMN file.

    Args:
        data: The file's bytes, in any encoding that its XML declaration names.
        file: The file's name for messages.

    Raises:
        BpmnError: The bytes are too many, no XML, XML with a DOCTYPE, or not BPMN 2.0.
    """
    if len(data) > MAXIMUM_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f} MB"
        raise BpmnError(f"The file has {size}; more than 16 MB is not read. Is it a BPMN file?", file=file)
    if not data.strip():
        raise BpmnError("The file is empty; a BPMN file was expected.", file=file)
    root = _parse(data, file)
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise BpmnError(
            "The file has a DOCTYPE, which BPMN does not need; it is refused. Remove it.", file=file, line=1
        )
    if root.tag != f"{{{BPMN_NAMESPACE}}}definitions":
        found = safe(str(root.tag), limit=120)
        raise BpmnError(
            f"This is no BPMN 2.0 file: its root element is {found}, not definitions of {BPMN_NAMESPACE}.",
            file=file,
            line=line_of(root),
        )
    return root


def _parse(data: bytes, file: str | None) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        raise BpmnError(f"The file is not well-formed XML: {_reason(error)}.", file=file, line=line) from error
    except (ValueError, LookupError) as error:
        raise BpmnError(f"The file can't be read as XML: {safe(str(error), limit=200)}.", file=file) from error


def _reason(error: etree.XMLSyntaxError) -> str:
    reason = safe(error.msg or "no reason given", limit=200)
    return reason.rsplit(", line ", 1)[0].rstrip(".")


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace: the engine finds BPMN elements by local name."""
    tag = element.tag
    if not isinstance(tag, str):  # an entity or comment node has a function here
        return ""
    return tag[tag.rfind("}") + 1 :]


def line_of(element: etree._Element) -> int | None:
    """Return the element's line in the file, counted from 1."""
    return cast("int | None", element.sourceline)


@dataclass(slots=True, eq=False)
class Node:
    """One BPMN element with its attributes and the first child of each name, taken apart once."""

    element: etree._Element
    tag: str
    attributes: Mapping[str, str]
    parts: dict[str, etree._Element] = field(default_factory=dict)

    @classmethod
    def of(cls, element: etree._Element, tag: str | None = None) -> Node:
        """Take an element apart."""
        parts: dict[str, etree._Element] = {}
        for child in element:
            parts.setdefault(local_name(child), child)
        return cls(element, tag or local_name(element), dict(cast("list[tuple[str, str]]", element.items())), parts)

    @property
    def id(self) -> str | None:
        """The XML id; schema validation in the engine trims it."""
        value = self.attributes.get("id")
        return value.strip() if value is not None else None

    @property
    def line(self) -> int | None:
        """The line in the file, counted from 1."""
        return line_of(self.element)

    def reference(self, name: str) -> str | None:
        """Return an attribute that holds an id of another element, trimmed as the engine's schema validation does."""
        value = self.attributes.get(name)
        return value.strip() if value is not None else None

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean attribute; the BPMN schema supplies the default where the attribute is absent."""
        value = self.attributes.get(name)
        return default if value is None else value.strip().lower() == "true"

    def part(self, name: str) -> Node | None:
        """Return the first child element with this local name, taken apart."""
        child = self.parts.get(name)
        return None if child is None else Node.of(child, name)

    def all_parts(self, name: str) -> Iterator[etree._Element]:
        """Yield every direct child element with this local name."""
        if name in self.parts:
            for child in self.element:
                if local_name(child) == name:
                    yield child

    def text_of(self, name: str) -> str | None:
        """Return the trimmed text of a direct child element, None where it is absent."""
        child = self.parts.get(name)
        return None if child is None else (child.text or "").strip()


class Extension:
    """Reads the engine's own attributes and elements, with the fallback namespace that the engine has.

    Camunda reads `camunda` and falls back to `activiti`; Operaton reads `operaton` and falls back to `camunda`, and no
    longer knows `activiti`. The fallback holds for each attribute, and for each name of elements.

    Args:
        engine: Whose namespaces count.
    """

    def __init__(self, engine: EngineFamily) -> None:
        self._first, self._second = _EXTENSION_NAMESPACES[engine]

    def attribute(self, attributes: Mapping[str, str], name: str) -> str | None:
        """Return an extension attribute (`Element.attributeNS`)."""
        value = attributes.get(self._first + name)
        return attributes.get(self._second + name) if value is None else value

    def elements(self, extension_elements: etree._Element | None, name: str) -> list[etree._Element]:
        """Return the direct children with this name of an `extensionElements` (`Element.elementsNS`)."""
        if extension_elements is None:
            return []
        return extension_elements.findall(self._first + name) or extension_elements.findall(self._second + name)
