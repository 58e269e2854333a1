"""A terminal that goes away without a signal.

The end of a line sends SIGHUP to the programs in front only: one that was started by `nohup` or `setsid`, or whose
multiplexer was killed, is not told. Its terminal then answers every read with nothing, at once, and Textual (8.2) asks
again and again.
"""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Callable


def when_hung_up(tell: Callable[[], None]) -> None:
    """Call `tell` once when the terminal of the standard input is gone; costs nothing until then.

    Must be called where an event loop runs, and watches until it ends. Only Linux can tell without reading; elsewhere
    nothing happens.

    Args:
        tell: What to do then.
    """
    if not hasattr(select, "epoll") or sys.__stdin__ is None or not sys.__stdin__.isatty():
        return
    loop = asyncio.get_running_loop()
    # A hang-up is reported for a mask of no events, too, so no key is ever waited for or taken here.
    watch = select.epoll()
    watch.register(sys.__stdin__.fileno(), 0)

    def hung_up() -> None:
        loop.remove_reader(watch.fileno())
        tell()

    loop.add_reader(watch.fileno(), hung_up)
