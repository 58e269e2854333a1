from __future__ import annotations

import pytest

from tests.engines import rest
from tests.engines.launcher import RunningEngine
from tests.operations.planning import order_1, order_2, planning
from tui_migrate.operations import matching, selection
from tui_migrate.operations.filter import InstanceFilter, parse_filter
from tui_migrate.operations.selection import Selection, freeze
from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.security import Security

EU = parse_filter("bk:EU-*")
ALL = InstanceFilter()


def story(number: int = 0) -> tuple[SandboxEngine, str, list[str]]:
    engine = SandboxEngine()
    one = engine.deploy(order_1())
    return engine, one, engine.bulk_start(one, number, at=("check",), business_key="EU-{:05}") if number else []


def test_single_ids_survive_paging_and_filtering() -> None:
    chosen = Selection()
    assert (chosen.mode, chosen.count(412)) == ("nothing", 412)
    chosen.toggle("a", ALL)
    chosen.add(["b", "c", "a"], EU)
    chosen.toggle("b", ALL)
    assert (chosen.mode, chosen.ids, chosen.count(412)) == ("ids", ("a", "c"), 2)
    assert chosen.is_selected("a", EU)
    assert not chosen.is_selected("b")
    chosen.remove(["a", "x"])
    chosen.clear()
    assert chosen.mode == "nothing"


def test_all_matching_but_some() -> None:
    chosen = Selection()
    chosen.add(["old"])
    chosen.select_all_matching(EU)
    assert (chosen.mode, chosen.filter, chosen.ids, chosen.count(58)) == ("matching", EU, (), 58)
    chosen.toggle("a", EU)
    assert (chosen.is_selected("a", EU), chosen.is_selected("b", EU), chosen.count(58)) == (False, True, 57)
    assert chosen.state("a", ALL) == "not selected", "it was taken out by hand"
    assert chosen.state("b", ALL) == "unknown", "whether it matches isn't known here"
    chosen.toggle("a", EU)
    assert (chosen.excluded, chosen.count(58), chosen.is_settled) == (frozenset(), 58, True)
    chosen.add(["z"], ALL)
    assert chosen.is_selected("z", ALL)
    assert not chosen.is_settled


def test_all_of_no_filter_covers_every_list() -> None:
    chosen = Selection()
    chosen.select_all_matching(ALL)
    assert chosen.state("a", EU) == "selected"


async def test_settling_turns_matches_into_ids() -> None:
    engine, one, ids = story(5)
    other = engine.start(one, at=("check",), business_key="US")
    async with planning(engine) as here:
        chosen = Selection()
        chosen.select_all_matching(EU)
        chosen.remove([ids[0]])
        await chosen.settle(here.session, one)
        assert chosen.mode == "ids"
        assert set(chosen.ids) == set(ids[1:])
        assert chosen.state(other, ALL) == "not selected"
        here.requests.clear()
        await chosen.settle(here.session, one)
        assert len(here.requests) == 0


async def test_nothing_selected_means_all_of_the_version() -> None:
    engine, one, ids = story(25)
    engine.start(engine.deploy(order_2()))
    async with planning(engine) as here:
        frozen = await freeze(here.session, one, Selection())
        assert frozen.ids == tuple(sorted(ids))
        assert (frozen.mode, frozen.passes, frozen.gone, frozen.notes) == ("nothing", 2, (), ())
        assert frozen.taken_at == here.clock.now()


async def test_matching_but_the_excluded_and_more() -> None:
    engine, one, ids = story(6)
    other = engine.start(one, at=("check",), business_key="US")
    async with planning(engine) as here:
        chosen = Selection()
        chosen.select_all_matching(EU)
        chosen.remove(ids[:2])
        chosen.add([other], ALL)
        frozen = await freeze(here.session, one, chosen)
        assert frozen.ids == tuple(sorted([*ids[2:], other]))
        assert (frozen.mode, frozen.filter_text) == ("matching", "bk:EU-*")


async def test_chosen_ids_that_do_not_run_on_the_source_are_told() -> None:
    engine, one, ids = story(3)
    elsewhere = engine.start(engine.deploy(order_2()), at=("check",))
    async with planning(engine) as here:
        chosen = Selection()
        chosen.add([*ids, elsewhere, "nope"])
        frozen = await freeze(here.session, one, chosen)
        assert frozen.ids == tuple(sorted(ids))
        assert frozen.gone == tuple(sorted([elsewhere, "nope"]))
        assert (frozen.mode, frozen.passes) == ("ids", 0)


async def test_a_mixed_filter_is_frozen_as_the_intersection() -> None:
    engine, one, ids = story(4)
    suspended = engine.start(one, at=("check",), business_key="EU-x", suspended=True)
    async with planning(engine) as here:
        chosen = Selection()
        chosen.select_all_matching(parse_filter("suspended started:>2020-01-01"))
        assert (await freeze(here.session, one, chosen)).ids == (suspended,)
        chosen.select_all_matching(parse_filter("bk:EU-0* started:<2020-01-01"))
        assert (await freeze(here.session, one, chosen)).ids == ()
        assert ids


async def test_pages_are_read_until_nothing_new_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances end while the list is paged: the rows behind them move up, over the edge of a page."""
    monkeypatch.setattr(matching, "IDS_AT_ONCE", 10)
    engine, one, ids = story(35)
    ids = sorted(ids)
    async with planning(engine) as here:
        pages = []
        read = here.session.engine.instances

        async def instances(*arguments: object, **options: object) -> object:
            rows = await read(*arguments, **options)  # type: ignore[arg-type]
            pages.append(len(rows))
            if len(pages) == 2:
                for one_id in ids[:5]:
                    engine.end(one_id)
            return rows

        monkeypatch.setattr(here.session.engine, "instances", instances)
        frozen = await freeze(here.session, one, Selection())
        assert frozen.ids == tuple(ids[5:]), "all that still run, though the first pass skipped five"
        assert frozen.passes == 3


async def test_a_list_that_keeps_growing_is_taken_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PASSES_AT_MOST", 3)
    engine, one, ids = story(3)
    async with planning(engine) as here:
        read = here.session.engine.instances

        async def instances(*arguments: object, **options: object) -> object:
            engine.start(one, at=("check",))
            return await read(*arguments, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(here.session.engine, "instances", instances)
        frozen = await freeze(here.session, one, Selection())
        assert set(ids) < set(frozen.ids)
        assert frozen.passes == 3
        assert frozen.notes == (
            "Instances keep starting: after 3 looks there were still new ones. Later ones are not in.",
        )


async def test_progress_and_pages_of_a_large_version() -> None:
    engine, one, ids = story(25_000)
    async with planning(engine) as here:
        seen: list[int] = []
        frozen = await freeze(here.session, one, Selection(), on_progress=seen.append)
        assert len(frozen.ids) == len(ids)
        assert seen == [10_000, 20_000, 25_000] * 2
        assert here.requests.sent.count("POST /process-instance") == 6


async def test_an_engine_that_limits_its_answers() -> None:
    security = Security()
    security.add("mary", "secret")
    engine = SandboxEngine(max_results_limit=100, security=security)
    one = engine.deploy(order_1())
    ids = engine.bulk_start(one, 250, at=("check",))
    async with planning(engine, user="mary") as here:
        assert (await freeze(here.session, one, Selection())).ids == tuple(sorted(ids))
        assert here.requests.sent.count("POST /process-instance") == 7, "one refused; three pages, twice"


async def test_on_live_engines(live_engine: RunningEngine) -> None:
    [one] = rest.deploy(live_engine.url, {"p.bpmn": order_1(rest.new_key("selection")).decode()})
    ids = rest.start_instances(live_engine.url, one, 30, business_key_prefix="EU-")
    async with planning(live_engine) as here:
        assert (await freeze(here.session, one, Selection())).ids == tuple(sorted(ids))
        chosen = Selection()
        chosen.select_all_matching(parse_filter("bk:EU-1* started:>2020-01-01"))
        assert len((await freeze(here.session, one, chosen)).ids) == 11
