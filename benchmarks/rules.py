"""The pure core: reading models, generating and validating plans. Times are of this process's processor time."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable
from statistics import median

from lxml import etree

from benchmarks.figures import BenchmarkError, Report, paired
from benchmarks.models import deep, flat, large
from tui_migrate.bpmn.diagram import diagram_of
from tui_migrate.bpmn.document import parse_document
from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.bpmn.reader import models_of, read_model
from tui_migrate.migration.generate import generate
from tui_migrate.migration.incremental import Validation
from tui_migrate.migration.plan import Instruction
from tui_migrate.migration.validate import validate

ROUNDS = 15


def measure(report: Report) -> None:
    _reading(report)
    _one_change(report)
    for shape, write in (("flat", flat), ("ten scopes deep", deep)):
        _growth(report, shape, write)


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, with no collection of garbage falling into it by chance."""
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        work()
        return time.process_time() - begun
    finally:
        gc.enable()


def _reading(report: Report) -> None:
    xml = large("large")
    size = f"{len(xml) / 1e6:.2f} MB, {len(read_model(xml).activities):,} activities"

    def parse() -> float:
        return seconds(lambda: etree.fromstring(xml))

    model = paired(lambda: seconds(lambda: read_model(xml)), parse, ROUNDS)
    report.add(
        "reading a 1 MB file, against lxml's own parse", model.ratio, 4, note=f"{model.note(scale=1000)}, {size}"
    )
    both = paired(lambda: seconds(lambda: _model_and_diagram(xml)), parse, ROUNDS)
    report.add("the same with its diagram", both.ratio, 7, note=both.note(scale=1000))


def _model_and_diagram(xml: bytes) -> object:
    root = parse_document(xml)
    return models_of(root), diagram_of(root)


def _one_change(report: Report) -> None:
    """A leaf is mapped to another activity and back: two changes, each with its report."""
    source, target = read_model(flat("plan", 5000)), read_model(flat("plan", 5000, version=2))
    plan = generate(source, target)
    validation = Validation(source, target, plan)
    leaf = next(one for one in plan if one.source_activity_id == "step_2500")
    other = Instruction(leaf.source_activity_id, "step_2502", leaf.update_event_trigger)
    changes = itertools.cycle([(leaf, other), (other, leaf)])

    def change() -> float:
        def some() -> None:
            for _ in range(20):
                validation.replace(*next(changes))
                _ = validation.report

        return seconds(some) / 20

    changed = paired(change, lambda: seconds(lambda: validate(source, target, plan)), ROUNDS)
    if validation.report != validate(source, target, validation.instructions):
        raise BenchmarkError("the report after a change is not that of the whole plan")
    name = "one change in a plan of 5,000, against validating it whole"
    report.add(name, changed.ratio, 0.01, note=changed.note(scale=1000))


def _growth(report: Report, shape: str, write: Callable[..., bytes]) -> None:
    few, many = (_pair_of(write, size) for size in (500, 5000))
    works: dict[str, Callable[[ProcessModel, ProcessModel, tuple[Instruction, ...]], object]] = {
        "generate": lambda source, target, plan: generate(source, target),
        "validate": lambda source, target, plan: validate(source, target, plan),
    }
    for name, work in works.items():
        grown = paired(lambda w=work: _each(w, *many), lambda w=work: _each(w, *few, repeat=10), ROUNDS)  # type: ignore[misc]
        title = f"{name}, time per activity at 5,000 against 500, {shape}"
        report.add(
            title, grown.ratio, 1.5, note=f"{median(grown.ours) * 1e6:.1f} against {median(grown.others) * 1e6:.1f} µs"
        )


def _pair_of(write: Callable[..., bytes], size: int) -> tuple[ProcessModel, ProcessModel, tuple[Instruction, ...]]:
    source, target = read_model(write("plan", size)), read_model(write("plan", size, version=2))
    return source, target, generate(source, target)


def _each(
    work: Callable[[ProcessModel, ProcessModel, tuple[Instruction, ...]], object],
    source: ProcessModel,
    target: ProcessModel,
    plan: tuple[Instruction, ...],
    repeat: int = 1,
) -> float:
    """Seconds for each activity of the source."""

    def again() -> None:
        for _ in range(repeat):
            work(source, target, plan)

    return seconds(again) / repeat / len(source.activities)
