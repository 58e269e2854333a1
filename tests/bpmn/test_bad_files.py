"""What a file may do to the reader: a clear error with file and line, or a model with warnings; no other read."""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from pathlib import Path

import pytest

from tui_migrate.bpmn.diagram import read_diagram
from tui_migrate.bpmn.document import MAXIMUM_BYTES
from tui_migrate.bpmn.reader import read_model, read_models
from tui_migrate.errors import BpmnError

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PROCESS = (
    f'<definitions xmlns="{BPMN}" targetNamespace="t"><process id="p" isExecutable="true">'
    '<startEvent id="s" name="Größe"/></process></definitions>'
)


LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"


def _model_error(content: str) -> BpmnError:
    """The error about a process that also holds this."""
    with pytest.raises(BpmnError) as caught:
        read_model(PROCESS.replace("</process>", f"{content}</process>").encode(), file="order.bpmn")
    return caught.value


def _error(data: bytes) -> BpmnError:
    """Both readers refuse the bytes with the same words."""
    with pytest.raises(BpmnError) as caught:
        read_models(data, file="order.bpmn")
    with pytest.raises(BpmnError) as caught_too:
        read_diagram(data, file="order.bpmn")
    assert str(caught.value) == str(caught_too.value)
    assert str(caught.value).startswith("order.bpmn:")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("data", [b"", b"  \n ", b"\xef\xbb\xbf"], ids=["nothing", "blanks", "byte order mark"])
def test_empty_files(data: bytes) -> None:
    assert "empty" in str(_error(data)) or "XML" in str(_error(data))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"hello", 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 1),
        (b"\x00\x01\x02", None),
        (b"<definitions>\n<process>\n</definitions>", 3),
        (PROCESS[:100].encode(), 1),
        (b"<a/>\n<b/>", 2),
        (b'<definitions a="1"\n a="2"/>', 2),
        (b"<definitions>\n&unknown;</definitions>", 2),
        (b"<b:definitions/>", 1),
    ],
    ids=["text", "picture", "zeros", "unclosed", "cut", "two roots", "attribute twice", "entity", "prefix"],
)
def test_no_xml_names_the_line(data: bytes, line: int | None) -> None:
    error = _error(data)
    assert "not well-formed XML" in str(error)
    assert line is None or error.line == line


@pytest.mark.parametrize(
    "data",
    [
        b"<html/>",
        b"<definitions/>",
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
        f'<process xmlns="{BPMN}"/>'.encode(),
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/model"/>',
    ],
)
def test_other_xml_is_no_bpmn(data: bytes) -> None:
    error = _error(data)
    assert "no BPMN 2.0 file" in str(error)
    assert error.line == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "windows-1252"])
def test_encodings_that_xml_knows(encoding: str) -> None:
    declared = encoding.removesuffix("-sig").removesuffix("-le")
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    data = f'{mark}<?xml version="1.0" encoding="{declared}"?>{PROCESS}'.encode(encoding)
    assert read_model(data)["s"].name == "Größe"


@pytest.mark.parametrize(
    "data",
    [
        f'<?xml version="1.0" encoding="utf-8"?>{PROCESS}'.encode("iso-8859-1"),
        f'<?xml version="1.0" encoding="klingon"?>{PROCESS}'.encode(),
        f'<?xml version="1.0" encoding="utf-16"?>{PROCESS}'.encode("utf-16")[:-101],
    ],
    ids=["wrong", "unknown", "cut"],
)
def test_other_encodings(data: bytes) -> None:
    assert "XML" in str(_error(data))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))


@pytest.mark.parametrize(
    "document_type",
    [
        f"<!DOCTYPE definitions [{LAUGHS}]>",
        f'<!DOCTYPE definitions [<!ENTITY l11 "{"ha" * 50_000}">]>',
        '<!DOCTYPE definitions [<!ENTITY l11 "fine">]>',
        "<!DOCTYPE definitions>",
        '<!DOCTYPE definitions SYSTEM "definitions.dtd">',
    ],
    ids=["billion laughs", "quadratic", "harmless entity", "no entity", "other file"],
)
@pytest.mark.parametrize("use", ["", "&l11;" * 5], ids=["unused", "used"])
def test_document_types_are_refused(document_type: str, use: str) -> None:
    for body in (PROCESS.replace("<process", f"{use}<process"), PROCESS.replace("Größe", use)):
        error = _error(f"{document_type}{body}".encode())
        assert "DOCTYPE" in str(error) or "not well-formed XML" in str(error)


@pytest.mark.parametrize(
    "how", ["<!ENTITY x SYSTEM '{}'>", "<!ENTITY % x SYSTEM '{}'> %x;"], ids=["entity", "parameter"]
)
def test_no_file_is_read(tmp_path: Path, how: str) -> None:
    """Reading the pipe would wait for ever, since nobody writes to it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for document_type in (
        f"<!DOCTYPE definitions [{how.format(pipe.as_uri())}]>",
        f"<!DOCTYPE definitions SYSTEM '{pipe.as_uri()}'>",
    ):
        for body in (PROCESS, PROCESS.replace("<process", "&x;<process")):
            _error(f"{document_type}{body}".encode())


def test_no_network_is_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for document_type in (
            f"<!DOCTYPE definitions SYSTEM '{url}'>",
            f"<!DOCTYPE definitions [<!ENTITY % x SYSTEM '{url}'> %x;]>",
        ):
            _error(f"{document_type}{PROCESS}".encode())
        schema = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{BPMN} {url}"'
        read_model(PROCESS.replace("<definitions", f"<definitions {schema}").encode())
        with pytest.raises(BlockingIOError):
            server.accept()


def test_files_that_are_too_large() -> None:
    error = _error(b" " * 50 * 1024 * 1024)
    assert "50.0 MB" in str(error)
    assert "16 MB" in str(error)


@pytest.mark.parametrize(
    "data",
    [
        PROCESS.replace("Größe", "a" * 11_000_000).encode(),
        f"{'<definitions>' * 300}{'</definitions>' * 300}".encode(),
        PROCESS.replace("<startEvent", f"{'<subProcess>' * 300}{'</subProcess>' * 300}<startEvent").encode(),
    ],
    ids=["attribute", "depth", "sub processes"],
)
def test_sizes_that_the_parser_refuses(data: bytes) -> None:
    assert len(data) < MAXIMUM_BYTES
    assert "not well-formed XML" in str(_error(data))


def test_a_file_just_below_the_limit_is_read() -> None:
    tasks = "".join(f'<task id="t{n}"/>' for n in range(40_000))
    padding = f"<documentation>{'x' * 9_000_000}</documentation>"
    data = PROCESS.replace("<startEvent", f"{padding}{tasks}<startEvent").encode()
    assert len(read_model(data).activities) == 40_001


def test_the_deepest_nesting_is_read_or_refused() -> None:
    """The parser takes 256 levels; Python's own limit may come first, deep inside an application."""
    depth = 250
    nested = "".join(f'<subProcess id="sub{n}"><startEvent id="s{n}"/>' for n in range(depth))
    data = PROCESS.replace("<startEvent", f"{nested}{'</subProcess>' * depth}<startEvent", 1).encode()
    assert len(read_model(data).activities) == 2 * depth + 1

    def deeper(levels: int) -> int:
        return deeper(levels - 1) if levels else len(read_model(data).activities)

    with pytest.raises(BpmnError, match="nested too deeply"):
        deeper(sys.getrecursionlimit() - 450)


# -- ids and references -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        '<process id="p"/>\n<process id="p"/>',
        '<message id="m"/>\n<message id="m"/>',
        '<message id="a"/><process id="p">\n<startEvent id="a"/></process>',
        '<process id="p">\n<startEvent id="p"/></process>',
        '\n<process id="p"><startEvent id="a"/></process><process id="q"><subProcess id="a"/></process>',
        '<process id="p"><startEvent id="a"/><subProcess id="b">\n<startEvent id="a"/></subProcess></process>',
        '<process id="p"><startEvent id="a"/>\n<sequenceFlow id="a" sourceRef="a" targetRef="a"/></process>',
        '\n<process id="d"/>',
    ],
    ids=["process", "message", "other kind", "own process", "other process", "sub process", "flow", "root"],
)
def test_an_id_that_is_used_twice_is_named_with_its_line(content: str) -> None:
    for read in (read_models, partial(read_model, process="p")):
        with pytest.raises(BpmnError, match=r"^x\.bpmn:\d: The id '.' is used twice") as caught:
            read(f'<definitions id="d" xmlns="{BPMN}">{content}</definitions>'.encode(), file="x.bpmn")
        assert caught.value.line == 2


@pytest.mark.parametrize("identifier", ["#process", "#1", "a#multiInstanceBody"])
def test_an_id_that_stands_for_something_else_here_is_refused(identifier: str) -> None:
    """A sub process with such an id would lie in itself."""
    body = f'<subProcess id="{identifier}"><userTask id="a">{LOOP}</userTask><userTask/></subProcess>'
    assert "holds a #, which ids can't" in str(_model_error(body))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('<userTask id="a b"/>', "The id 'a b' is no XML name"),
        ('<userTask id="1a"/>', "The id '1a' is no XML name"),
        ('<exclusiveGateway id="g" default="x"/>', "exclusiveGateway 'g' has the unknown default flow 'x'"),
        (
            '<endEvent id="e"><compensateEventDefinition activityRef="x"/></endEvent>',
            "endEvent 'e' compensates 'x', which is no activity of its scope",
        ),
        (
            '<intermediateCatchEvent id="t"><timerEventDefinition/></intermediateCatchEvent>',
            "intermediateCatchEvent 't' has a timer with neither a date, a cycle nor a duration",
        ),
        ('<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>', "'b' is attached to 'x'"),
        ('<sequenceFlow id="f" sourceRef="s" targetRef="x"/>', "'f' does not join two activities of its scope"),
        ('<receiveTask id="r" messageRef="x"/>', "receiveTask 'r' refers to the unknown message 'x'"),
    ],
)
def test_what_an_engine_refuses_is_a_warning(content: str, problem: str) -> None:
    model = read_model(PROCESS.replace("</process>", f"{content}</process>").encode())
    assert [problem in warning for warning in model.warnings] == [True]
    assert model.warnings[0].endswith("; the engine refuses to deploy this.")


def test_a_process_without_an_id_is_told() -> None:
    model = read_model(PROCESS.replace('id="p"', "").encode())
    assert model.warnings == ("The process has no id; the engine refuses to deploy this.",)


def test_a_file_without_a_target_namespace_is_told() -> None:
    model = read_model(PROCESS.replace(' targetNamespace="t"', "").encode())
    expected = "Line 1: definitions has no targetNamespace, which it needs; the engine refuses to deploy this."
    assert model.warnings == (expected,)


def test_an_empty_target_namespace_is_deployed() -> None:
    """The engine's schema takes any text that is a URI, and an empty one is."""
    assert read_model(PROCESS.replace('targetNamespace="t"', 'targetNamespace=""').encode()).warnings == ()


# -- which process ------------------------------------------------------------------------------------------------


def _file(*processes: tuple[str, str]) -> bytes:
    inner = "".join(
        f'<process id="{key}" {attributes}><startEvent id="s_{key}"/></process>' for key, attributes in processes
    )
    return f'<definitions xmlns="{BPMN}" targetNamespace="t">{inner}</definitions>'.encode()


EXECUTABLE = 'isExecutable="true"'


def test_the_only_executable_process_is_meant() -> None:
    model = read_model(_file(("a", ""), ("b", EXECUTABLE), ("c", 'isExecutable="false"')))
    assert (model.key, model.executable, model.warnings) == ("b", True, ())


def test_the_only_process_is_meant_even_if_it_is_not_executable() -> None:
    model = read_model(_file(("a", "")))
    assert (model.key, model.executable) == ("a", False)
    assert model.warnings == ("Process 'a' is not executable; an engine makes no process definition of it.",)


def test_several_processes_are_named() -> None:
    with pytest.raises(BpmnError, match=r"x\.bpmn: The file has 2 executable processes: 'a', 'b'\. Name the one"):
        read_model(_file(("a", EXECUTABLE), ("b", EXECUTABLE), ("c", "")), file="x.bpmn")
    with pytest.raises(BpmnError, match="2 processes, none of them executable: 'a', 'b'"):
        read_model(_file(("a", ""), ("b", "")))


def test_a_process_can_be_chosen() -> None:
    assert read_model(_file(("a", EXECUTABLE), ("b", "")), process="b").key == "b"
    with pytest.raises(BpmnError, match="There is no process 'c'; the file has 'a', 'b'"):
        read_model(_file(("a", EXECUTABLE), ("b", "")), process="c")


def test_a_file_without_a_process() -> None:
    assert read_models(_file()) == ()
    with pytest.raises(BpmnError, match=r"x\.bpmn: The file holds no process"):
        read_model(_file(), file="x.bpmn")


def test_all_processes() -> None:
    assert [model.key for model in read_models(_file(("a", ""), ("b", EXECUTABLE)))] == ["a", "b"]


def test_names_from_the_file_are_harmless_in_messages() -> None:
    with pytest.raises(BpmnError) as caught:
        read_model(_file(("a\u202eb", EXECUTABLE), ("c\u0085d", EXECUTABLE)))
    assert "\u202e" not in str(caught.value)
    assert "\u0085" not in str(caught.value)
