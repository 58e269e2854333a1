"""The story that `--demo` opens with: a bank's loans and a shop's orders, on an engine in memory.

The loan process has changed twice. Most applications still run on its second version; some can't migrate as they are,
some have incidents, some are suspended. All is the same at each start but the times, which are relative to the present.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pkgutil import get_data
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from tui_migrate.sandbox.engine import SandboxEngine
from tui_migrate.sandbox.position import At, before, calling, completed, failed, many
from tui_migrate.sandbox.times import Clock, system_clock

if TYPE_CHECKING:
    from tui_migrate.engine.wire import Carrier
    from tui_migrate.sandbox.store.blueprint import Blueprint

DEMO_URL: Final = "http://demo.invalid/engine-rest"
"""The address of the embedded engine; no name server knows it, so nothing can leave the machine."""

LOAN: Final = "loan-approval"
ORDER: Final = "order-fulfilment"

_FILES: Final = (
    "loan-payout-1.bpmn",
    "loan-payout-2.bpmn",
    "loan-approval-1.bpmn",
    "loan-approval-2.bpmn",
    "loan-approval-3.bpmn",
    "order-fulfilment-1.bpmn",
    "order-fulfilment-2.bpmn",
)
_BUREAU_DOWN: Final = "Credit bureau answered 503 Service Unavailable"
_NO_LETTERS: Final = "Cannot resolve identifier 'letterService'"


class Group(Struct, frozen=True):
    """Instances that stand alike."""

    count: int
    at: tuple[At, ...]
    youngest: int
    """Days since the youngest was started."""
    oldest: int
    suspended: bool = False


def _checks(scoring: At, guarantors: At) -> tuple[At, ...]:
    return (scoring, guarantors)


_RESERVED: Final = completed("reserve_funds")

_STANDS: Final[Mapping[tuple[str, int], Sequence[Group]]] = {
    (LOAN, 1): (
        Group(14, ("check_documents",), 40, 70),
        Group(9, ("ask_papers",), 40, 80),
        Group(6, ("bureau_answered",), 45, 60),
        Group(5, (many("call_guarantor", 2),), 45, 60),
        Group(4, ("decide",), 42, 66),
        Group(3, ("wait_signature",), 40, 55),
        Group(2, (before("send_contract", failure=_NO_LETTERS),), 44, 58),
    ),
    (LOAN, 2): (
        Group(62, ("check_documents",), 1, 21),
        Group(58, ("ask_papers",), 2, 30),
        Group(28, _checks("query_bureau", many("check_guarantors", 2, "call_guarantor")), 2, 18),
        Group(4, _checks(failed("query_bureau", _BUREAU_DOWN), many("check_guarantors", 1, "call_guarantor")), 3, 9),
        Group(21, _checks("bureau_answered", many("check_guarantors", 3, "rate_guarantor")), 4, 24),
        Group(17, ("join_checks", many("check_guarantors", 2, "rate_guarantor")), 5, 25),
        Group(11, ("join_checks", "query_bureau"), 5, 20),
        Group(39, ("decide",), 3, 28),
        Group(8, ("decide",), 12, 34, suspended=True),
        Group(9, ("second_opinion",), 6, 26),
        Group(6, (before("send_rejection", failure=_NO_LETTERS),), 2, 15),
        Group(5, (before("send_contract", failure=_NO_LETTERS), _RESERVED), 4, 16),
        Group(24, ("wait_signature", _RESERVED), 4, 30),
        Group(12, (calling("payout", "release_payment"), _RESERVED), 6, 30),
        Group(3, (calling("payout", failed("check_account", "Account is closed")), _RESERVED), 6, 20),
        Group(7, ("confirm_withdrawal",), 3, 25),
    ),
    (LOAN, 3): (
        Group(23, ("check_documents",), 0, 6),
        Group(7, ("request_papers",), 1, 6),
        Group(9, _checks("query_bureau", many("check_guarantors", 2, "call_guarantor")), 1, 6),
        Group(6, ("decide",), 2, 7),
        Group(4, ("sign_contract", _RESERVED), 3, 7),
    ),
    (ORDER, 1): (
        Group(34, ("review_order",), 0, 9),
        Group(27, (many("pick_items", 1),), 1, 9),
        Group(12, ("book_carrier",), 1, 8),
        Group(3, (before("print_label", failure="Cannot resolve identifier 'labelService'"),), 2, 6),
        Group(31, ("delivered",), 2, 14),
    ),
    (ORDER, 2): (
        Group(11, ("review_order",), 0, 2),
        Group(8, (many("pick_items", 1),), 0, 2),
    ),
}


def demo_files() -> list[tuple[str, bytes]]:
    """Return the BPMN files with their names, in the order in which they have to be deployed."""
    return [(name, get_data(__name__, name) or b"") for name in _FILES]


def demo_engine(*, clock: Clock = system_clock) -> SandboxEngine:
    """Return an embedded engine with the whole story on it.

    Args:
        clock: The present; start times lie in the weeks before it.
    """
    engine = SandboxEngine(clock)
    for name, xml in demo_files():
        engine.deploy(xml, resource=name)
    random_numbers = random.Random(20261124)
    number = 10_000
    for (key, version), groups in _STANDS.items():
        definition = next(one for one in engine.store.definitions.values() if (one.key, one.version) == (key, version))
        for group in groups:
            blueprint = engine.store.blueprint(definition, group.at)
            for _ in range(group.count):
                number += random_numbers.randint(1, 3)
                _start(engine, blueprint, group, number, random_numbers)
    return engine


def _start(
    engine: SandboxEngine, blueprint: Blueprint, group: Group, number: int, random_numbers: random.Random
) -> None:
    minutes = random_numbers.randint(group.youngest * 1440 + 30, group.oldest * 1440)
    business_key, variables = _story(blueprint.definition.key, number, random_numbers)
    engine.store.start(
        blueprint.definition,
        blueprint,
        engine.now() - timedelta(minutes=minutes, milliseconds=random_numbers.randint(0, 59_999)),
        business_key=business_key,
        variables=variables,
        suspended=group.suspended,
    )


_APPLICANTS: Final = ("Ayşe Yılmaz", "Bjørn Dahl", "Chen Wei", "Dolores Ibárruri", "Émile Roux", "Fatou Diop")


def _story(key: str, number: int, random_numbers: random.Random) -> tuple[str, dict[str, Any]]:
    if key == ORDER:
        return f"SO-{number}", {"items": random_numbers.randint(1, 6), "express": random_numbers.random() < 0.2}
    region = random_numbers.choice(("EU", "EU", "EU", "CH", "UK"))
    amount = random_numbers.randint(10, 900) * 500
    return f"{region}-{number}", {
        "applicant": random_numbers.choice(_APPLICANTS),
        "amount": amount,
        "guarantors": 1 + amount // 200_000,
        "region": region,
    }


def demo_carrier(engine: SandboxEngine | None = None) -> Carrier:
    """Return the carrier that leads to an embedded engine; None for a new one with the whole story."""
    from tui_migrate.sandbox.carrier import SandboxCarrier

    return SandboxCarrier(engine if engine is not None else demo_engine())
