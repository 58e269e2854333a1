"""A run made ready: the selection frozen to ids, cut into waves, and the requests exactly as they will be sent."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import asdict

from tui_migrate.errors import UsageError
from tui_migrate.migration.plan import Instruction, MigrationPlan

if TYPE_CHECKING:
    from datetime import datetime

    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.engine.settings import EngineSettings
    from tui_migrate.operations.plan import OpenPlan
    from tui_migrate.operations.records import RunRecord
    from tui_migrate.operations.selection import FrozenSelection
    from tui_migrate.operations.session import Session

WAVE_SIZE: Final = 10_000
"""Ids of one batch by default: 390 kB of request, well below the 1 MB at which a default nginx cuts."""

_NOTHING: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


class RunOptions(Struct, frozen=True):
    """How a run is carried out."""

    asynchronous: bool | None = None
    """As a batch; None is a batch for more than one instance. Not as one is a single transaction for each wave."""
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    """By name `{"value", "type", "valueInfo"}`, set on each instance that migrates."""
    annotation: str | None = None
    """For the engine's user operation log, such as a change ticket."""
    wave_size: int = WAVE_SIZE
    """The most instances of one request."""
    canary: int = 0
    """So many instances go first, then the run stops and asks; 0 is none."""
    allowed_failures: int = 0
    """The next wave follows by itself if at most so many instances of one failed."""

    def __post_init__(self) -> None:
        if self.wave_size < 1:
            raise UsageError(f"A wave of {self.wave_size} instances can't be sent. Take at least 1.")
        if self.canary < 0 or self.allowed_failures < 0:
            raise UsageError("Canary and allowed failures are numbers of instances: take 0 or more.")

    def to_json(self) -> dict[str, Any]:
        """Return the options for the journal."""
        return {**asdict(self), "variables": {name: dict(value) for name, value in self.variables.items()}}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RunOptions:
        """Return the options that the journal holds."""
        return cls(**values)


class PreparedRun(Struct, frozen=True):
    """What was reviewed and is to be sent. Made by `prepare_run`, or from the journal when a run is taken up."""

    plan: MigrationPlan
    ids: tuple[str, ...]
    """The frozen selection; nothing else is ever sent, never a query."""
    options: RunOptions
    waves: tuple[tuple[str, ...], ...]
    """The ids of each request; the first one is the canary where there is one."""
    source: ProcessDefinition
    target: ProcessDefinition
    running: int | None
    """Instances of the source when it was reviewed; None when a run was taken up."""
    taken_at: datetime | None
    """When the selection was frozen."""
    settings: EngineSettings
    """Where it goes; for `curl` and `command`, which never show a secret of it."""
    base_url: str

    @property
    def asynchronous(self) -> bool:
        """Whether batches are used."""
        chosen = self.options.asynchronous
        return len(self.ids) > 1 if chosen is None else chosen

    @property
    def has_canary(self) -> bool:
        """Whether the first wave is a canary: there is no use in one that is all."""
        return 0 < self.options.canary < len(self.ids)

    @property
    def path(self) -> str:
        """The path of the request below the REST base."""
        return "/migration/executeAsync" if self.asynchronous else "/migration/execute"

    def payload(self, wave: int | Sequence[str] = 0) -> dict[str, Any]:
        """Return the body of a request exactly as it will be sent.

        Args:
            wave: The wave's number from 0, or its ids.
        """
        from tui_migrate.engine.plans import execution_body

        ids = self._ids(wave)
        return execution_body(
            self.plan,
            ids,
            skip_custom_listeners=self.options.skip_custom_listeners,
            skip_io_mappings=self.options.skip_io_mappings,
        )

    def curl(self, path: str) -> str:
        """Return a `curl` command that sends the payload from a file (a large one is no argument).

        A password is asked for by `curl` itself, a token comes from TUI_MIGRATE_TOKEN.

        Args:
            path: The file that holds the payload.
        """
        parts = ["curl --fail-with-body --silent --show-error --request POST"]
        parts += _authentication(self.settings)
        parts += _tls(self.settings)
        parts.append("--header 'Content-Type: application/json'")
        parts.append(f"--data-binary {shlex.quote('@' + path)}")
        parts.append(shlex.quote(self.base_url + self.path))
        return " \\\n  ".join(parts)

    def command(self, plan_file: str = "plan.json", instances_file: str = "instances.txt") -> str:
        """Return the `tui-migrate` command that does the same without screens.

        Args:
            plan_file: A plan file with this plan, its variables included.
            instances_file: A file with one instance id a line.
        """
        options = self.options
        parts = ["tui-migrate run", shlex.quote(plan_file), "--instances-file", shlex.quote(instances_file)]
        parts += _engine_options(self.settings)
        if not self.asynchronous:
            parts.append("--sync")
        if options.skip_custom_listeners:
            parts.append("--skip-custom-listeners")
        if options.skip_io_mappings:
            parts.append("--skip-io-mappings")
        if options.annotation:
            parts.append(f"--annotation {shlex.quote(options.annotation)}")
        if options.wave_size != WAVE_SIZE:
            parts.append(f"--wave-size {options.wave_size}")
        if options.canary:
            parts.append(f"--canary {options.canary}")
        if options.allowed_failures:
            parts.append(f"--allowed-failures {options.allowed_failures}")
        return " ".join([*parts, "--yes"])

    def _ids(self, wave: int | Sequence[str]) -> Sequence[str]:
        if not isinstance(wave, int):
            return wave
        return self.waves[wave] if self.waves else ()


def prepare_run(
    session: Session, open_plan: OpenPlan, frozen: FrozenSelection, options: RunOptions | None = None
) -> PreparedRun:
    """Return a run as it would be sent; nothing is asked of the engine.

    A plan with errors, and an empty selection, may be taken this far: the engine refuses the first, and of the second
    nothing is sent.
    """
    options = options or RunOptions()
    ids = tuple(dict.fromkeys(frozen.ids))
    return PreparedRun(
        plan=open_plan.plan(options.variables),
        ids=ids,
        options=options,
        waves=cut_into_waves(ids, options),
        source=open_plan.source,
        target=open_plan.target,
        running=open_plan.running,
        taken_at=frozen.taken_at,
        settings=session.engine.settings,
        base_url=session.engine.base_url,
    )


def cut_into_waves(ids: tuple[str, ...], options: RunOptions) -> tuple[tuple[str, ...], ...]:
    """Return the ids of each request: the canary first, then as many as fit in a wave."""
    canary = options.canary if options.canary < len(ids) else 0
    first = [ids[:canary]] if canary else []
    rest = ids[canary:]
    size = options.wave_size
    return tuple(first + [rest[at : at + size] for at in range(0, len(rest), size)])


async def prepared_from(session: Session, record: RunRecord) -> PreparedRun:
    """Return a run of the journal as it was prepared; source and target are read again.

    Raises:
        NotFound: A definition is not there any more.
    """
    source = await session.definition(record.source_id)
    target = await session.definition(record.target_id)
    waves = [await asyncio.to_thread(session.journal.instance_ids, record.id, wave.number) for wave in record.waves]
    return PreparedRun(
        plan=plan_of(record.plan),
        ids=tuple(one for ids in waves for one in ids),
        options=RunOptions.from_json(record.options),
        waves=tuple(waves),
        source=source,
        target=target,
        running=None,
        taken_at=None,
        settings=session.engine.settings,
        base_url=session.engine.base_url,
    )


def plan_of(values: Mapping[str, Any]) -> MigrationPlan:
    """Return the plan that the journal holds in the engine's form, in its order."""
    return MigrationPlan(
        values["sourceProcessDefinitionId"],
        values["targetProcessDefinitionId"],
        tuple(
            Instruction(one["sourceActivityIds"][0], one["targetActivityIds"][0], one["updateEventTrigger"])
            for one in values["instructions"]
        ),
        values.get("variables") or {},
    )


def _authentication(settings: EngineSettings) -> list[str]:
    from tui_migrate.engine.settings import Basic, Bearer

    if isinstance(settings.authentication, Basic):
        # Without a password curl asks for it, so that it is in no history and no process list.
        return [f"--user {shlex.quote(settings.authentication.user)}"]
    if isinstance(settings.authentication, Bearer):
        return ['--header "Authorization: Bearer $TUI_MIGRATE_TOKEN"']
    return []


def _tls(settings: EngineSettings) -> list[str]:
    parts = []
    if settings.ca_file:
        parts.append(f"--cacert {shlex.quote(settings.ca_file)}")
    if settings.client_certificate:
        parts.append(f"--cert {shlex.quote(settings.client_certificate.certificate_file)}")
        if settings.client_certificate.key_file:
            parts.append(f"--key {shlex.quote(settings.client_certificate.key_file)}")
    # Values of extra headers may be secrets: they come from the environment, by the header's name.
    for name in settings.headers:
        variable = "".join(character if character.isalnum() else "_" for character in name).upper()
        parts.append(f'--header "{name}: ${variable}"')
    return parts


def _engine_options(settings: EngineSettings) -> list[str]:
    if settings.profile_name:
        return [f"--profile {shlex.quote(settings.profile_name)}"]
    parts = [f"--url {shlex.quote(settings.url)}"]
    if settings.engine_name:
        parts.append(f"--engine {shlex.quote(settings.engine_name)}")
    return parts
