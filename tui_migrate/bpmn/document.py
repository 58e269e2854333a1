"""A BPMN file as a tree of elements: parsed so that nothing but the given bytes is ever read.

What the parser is told, and why: no entity is resolved, no DTD is loaded, no network is used, no limit of libxml2 is
lifted, and a file with any DOCTYPE is refused, since no BPMN tool writes one and every XML attack needs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from tui_migrate.bpmn.model import EngineFamily
from tui_migrate.errors import BpmnError
from tui_migrate.text import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BPMN_NAMESPACE: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MAXIMUM_BYTES: Final = 16 * 1024 * 1024
"""The largest file that is parsed; the largest real models are below 2 MB."""

Namespaces = tuple[str, str]
_CAMUNDA: Final = "{http://camunda.org/schema/1.0/bpmn}"
_ACTIVITI: Final = "{http://activiti.org/bpmn}"
_OPERATON: Final = "{http://operaton.org/schema/1.0/bpmn}"


def namespaces_of(engine: EngineFamily) -> Namespaces:
    """Return the engine's own namespace and the one that it falls back to, each in braces.

    Camunda reads `camunda` and falls back to `activiti`; Operaton reads `operaton` and falls back to `camunda`, and no
    longer knows `activiti`. The fallback holds for each attribute, and for each name of elements.
    """
    return (_OPERATON, _CAMUNDA) if engine == "operaton" else (_CAMUNDA, _ACTIVITI)


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
    if not data or data.isspace():
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
    return LOCAL_NAMES[element.tag]


class _LocalNames(dict[object, str]):
    """Local names by tag: a file has few tags and asks for them very often."""

    def __missing__(self, tag: object) -> str:
        name = tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""  # entities and comments have a function here
        if len(self) < _MOST_NAMES:
            self[tag] = name
        return name


_MOST_NAMES: Final = 1000
LOCAL_NAMES: Final = _LocalNames()
"""What `local_name` asks; for the loops that ask most often."""


def line_of(element: etree._Element) -> int | None:
    """Return the element's line in the file, counted from 1."""
    return element.sourceline  # type: ignore[return-value]  # the stubs have an ellipsis for a type


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Return the attributes by name, those of a namespace as `{namespace}name`."""
    return dict(element.items())  # type: ignore[arg-type]  # the stubs allow bytes, which parsed documents never have


_NO_PARTS: Final[Mapping[str, etree._Element]] = {}
_NO_EXTENSIONS: Final[Mapping[str, list[etree._Element]]] = {}


def own_attributes(attributes: Mapping[str, str], namespaces: Namespaces) -> Mapping[str, str]:
    """Return the engine's own attributes by local name (`Element.attributeNS`)."""
    found: dict[str, str] = {}
    first, second = namespaces
    for key in attributes:
        if key[0] == "{":
            if key.startswith(first):
                found[key[len(first) :]] = attributes[key]
            elif key.startswith(second):
                found.setdefault(key[len(second) :], attributes[key])
    return found


def _own_elements(extension_elements: etree._Element, namespaces: Namespaces) -> Mapping[str, list[etree._Element]]:
    """Return the engine's own extension elements by local name (`Element.elementsNS`)."""
    found: dict[str, list[etree._Element]] = {}
    fallback: dict[str, list[etree._Element]] = {}
    first, second = namespaces
    for child in extension_elements:
        tag = str(child.tag)
        if tag.startswith(first):
            found.setdefault(tag[len(first) :], []).append(child)
        elif tag.startswith(second):
            fallback.setdefault(tag[len(second) :], []).append(child)
    return {**fallback, **found} if fallback else found


class Node:
    """One BPMN element taken apart once.

    Args:
        element: The element.
        namespaces: The engine's, see `namespaces_of`.
        tag: The element's local name, if it is known already.
    """

    __slots__ = ("attributes", "element", "extensions", "id", "namespaces", "own", "parts", "tag")

    def __init__(self, element: etree._Element, namespaces: Namespaces, tag: str | None = None) -> None:
        self.element = element
        self.namespaces = namespaces
        self.tag = tag or local_name(element)
        attributes: dict[str, str] = dict(element.items())  # type: ignore[arg-type]
        self.attributes: Mapping[str, str] = attributes
        """All attributes by name."""
        self.own = own_attributes(attributes, namespaces)
        """The engine's own attributes by local name."""
        identifier = attributes.get("id")
        self.id = identifier if identifier is None else identifier.strip()  # as the engine's schema validation does
        parts = {LOCAL_NAMES[child.tag]: child for child in element} if len(element) else _NO_PARTS
        self.parts: Mapping[str, etree._Element] = parts
        """A child element by its local name; of one that the engine asks for it refuses a second."""
        around = parts.get("extensionElements")
        self.extensions = _NO_EXTENSIONS if around is None else _own_elements(around, namespaces)
        """The engine's own extension elements by local name."""

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
        """Return the child element with this local name, taken apart."""
        return Node(self.parts[name], self.namespaces, name) if name in self.parts else None

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
