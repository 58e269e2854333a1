"""What every operation works with: one engine, one profile, the journal and a clock."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from tui_migrate.operations.together import round_trip

if TYPE_CHECKING:
    from tui_migrate.bpmn.model import EngineFamily, ProcessModel
    from tui_migrate.config.profile import Profile
    from tui_migrate.engine.client import EngineClient
    from tui_migrate.engine.features import Features
    from tui_migrate.engine.models import ProcessDefinition
    from tui_migrate.operations.clock import Clock
    from tui_migrate.operations.journal import Journal

LARGE_XML: Final = 100_000
"""Bytes from which a model is parsed in a thread, so that no key waits for it."""


class Session:
    """One engine as the operations see it. What never changes on an engine (definitions, models) is read once.

    Args:
        engine: The REST client, already entered.
        profile: Whom we talk to, and what is allowed there.
        open_journal: Opens the journal; called when it is first needed, perhaps in a thread.
        clock: Tells and passes the time.
    """

    def __init__(
        self, engine: EngineClient, profile: Profile, open_journal: Callable[[], Journal], clock: Clock
    ) -> None:
        self.engine = engine
        self.profile = profile
        self.clock = clock
        self._open_journal = open_journal
        self._journal: Journal | None = None
        self._journal_opening = threading.Lock()
        self._features: Features | None = None
        self._definitions: dict[str, ProcessDefinition] = {}
        self._models: dict[str, ProcessModel] = {}
        self._reading: dict[str, asyncio.Lock] = {}
        self._texts: dict[str, bytes] = {}
        self._text_hashes: dict[str, str] = {}

    @property
    def journal(self) -> Journal:
        """Where runs are written down before they are sent. The first use opens it, and waits for another that does.

        Raises:
            JournalError: It can't be opened.
        """
        with self._journal_opening:
            if self._journal is None:
                self._journal = self._open_journal()
            return self._journal

    async def aclose(self) -> None:
        """Close the client, and the journal where it was opened."""
        await self.engine.aclose()
        if self._journal is not None:
            self._journal.close()

    async def features(self) -> Features:
        """Return what this engine can do. The first call asks the engine and must come before any parallel ones.

        The engine locks a user for seconds after a wrong password, so that one request has to be answered alone first
        (REST reference, trap 13).
        """
        self._features = await self.engine.features()
        return self._features

    @property
    def engine_label(self) -> str:
        """Family and version such as `Camunda 7.24.0`, or `engine` as long as it wasn't asked."""
        if self._features is None:
            return "engine"
        return self._features.label

    def remember(self, definitions: Iterable[ProcessDefinition]) -> None:
        """Keep definitions that an answer brought along, so that nobody has to ask for them again."""
        self._definitions.update((definition.id, definition) for definition in definitions)

    def known_definition(self, definition_id: str) -> ProcessDefinition | None:
        """Return a definition that was read before, or None."""
        return self._definitions.get(definition_id)

    async def definition(self, definition_id: str) -> ProcessDefinition:
        """Return a definition, from memory where it was read before.

        Raises:
            NotFound: The engine has none with this id, or the user may not see it.
        """
        known = self._definitions.get(definition_id)
        if known is None:
            known = await self.engine.definition(definition_id)
            self.remember((known,))
        return known

    async def model(self, definition: ProcessDefinition | str) -> ProcessModel:
        """Return the model of a definition; read and parsed once, large ones in a thread.

        Args:
            definition: The definition, or its id (its key is then read in the same round trip as its XML).

        Raises:
            BpmnError: The XML can't be read into a model.
        """
        definition_id = definition if isinstance(definition, str) else definition.id
        async with self._reading.setdefault(definition_id, asyncio.Lock()):  # who comes second waits for the first
            model = self._models.get(definition_id)
            if model is None:
                model = await self._read_model(definition_id, definition)
                self._models[definition_id] = model
        return model

    def text_hash(self, definition_id: str) -> str:
        """Return the hash of a definition's XML text; its model must have been read before.

        The text is kept until its hash is asked for: only plan files need it, and most plans never become one.
        """
        if definition_id not in self._text_hashes:
            from tui_migrate.operations.outline import text_hash

            self._text_hashes[definition_id] = text_hash(self._texts.pop(definition_id))
        return self._text_hashes[definition_id]

    async def _read_model(self, definition_id: str, definition: ProcessDefinition | str) -> ProcessModel:
        family = (await self.features()).family
        if isinstance(definition, str):
            async with round_trip() as trip:
                xml = trip.create_task(self.engine.definition_xml(definition_id))
                read = trip.create_task(self.definition(definition_id))
            data, definition = xml.result(), read.result()
        else:
            data = await self.engine.definition_xml(definition_id)
        self._texts[definition_id] = data
        return await parse(data, process=definition.key, definition_id=definition_id, engine=family)


async def parse(data: bytes, *, process: str, definition_id: str, engine: EngineFamily) -> ProcessModel:
    """Parse BPMN text as `read_model` does; in a thread when it is large.

    Raises:
        BpmnError: The text can't be read into a model.
    """
    from tui_migrate.bpmn.reader import read_model

    def read() -> ProcessModel:
        return read_model(data, process=process, definition_id=definition_id, engine=engine)

    return await asyncio.to_thread(read) if len(data) >= LARGE_XML else read()
