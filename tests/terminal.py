"""Any terminal program in a pseudo-terminal, driven by keys and measured from outside.

Three figures, none of which needs the program's co-operation: milliseconds from spawn until a text stands on the
screen, milliseconds from a key to the change that it made, and bytes that the program wrote because of the key.

The measuring loop only reads, stamps and stores. Terminal emulation (pyte) is slow, so it never runs between a key and
its answer: the stored chunks are replayed afterwards; a change is dated by the stamp of the chunk that made it. While
a synchronised update is open (mode 2026) a real terminal paints nothing, so such changes are dated by the chunk that
closes it. A key that does nothing costs the whole window and is reported as None: a bar must demand that no key went
unanswered, or it would look only at those that were. The probe answers the queries that programs commonly send as a
plain modern xterm would, because an unanswered query can stall a program.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyte

from tests.waiting import PATIENCE

# ---------------------------------------------------------------------------------------------- keys

KEYS: dict[str, bytes] = {
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "insert": b"\x1b[2~",
    "delete": b"\x1b[3~",
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "esc": b"\x1b",
    "escape": b"\x1b",
    "space": b" ",
    "backspace": b"\x7f",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f6": b"\x1b[17~",
    "f7": b"\x1b[18~",
    "f8": b"\x1b[19~",
    "f9": b"\x1b[20~",
    "f10": b"\x1b[21~",
    "f11": b"\x1b[23~",
    "f12": b"\x1b[24~",
    "shift+up": b"\x1b[1;2A",
    "shift+down": b"\x1b[1;2B",
    "shift+right": b"\x1b[1;2C",
    "shift+left": b"\x1b[1;2D",
    "ctrl+up": b"\x1b[1;5A",
    "ctrl+down": b"\x1b[1;5B",
    "ctrl+right": b"\x1b[1;5C",
    "ctrl+left": b"\x1b[1;5D",
    "ctrl+home": b"\x1b[1;5H",
    "ctrl+end": b"\x1b[1;5F",
    "shift+home": b"\x1b[1;2H",
    "shift+end": b"\x1b[1;2F",
}


def encode_key(name: str) -> bytes:
    """The bytes a terminal sends for a key name; raises ValueError for a name it does not know."""
    if name.startswith("text:"):
        return name[5:].encode()
    low = name.lower()
    if low in KEYS:
        return KEYS[low]
    if len(name) == 1:
        return name.encode()
    if low.startswith("ctrl+") and len(low) == 6 and "a" <= low[5] <= "z":
        return bytes([ord(low[5]) - 96])
    if low.startswith("alt+") and len(name) == 5:
        return b"\x1b" + name[4].encode()
    raise ValueError(f"unknown key name: {name!r}")


# --------------------------------------------------------------------------------- sequences & queries

# Control sequences that pyte would misread (it prints their tail): kitty keyboard, private CSI with
# < = >, and those with a $ intermediate.  Removed before replay.  DCS/APC/PM/SOS strings likewise.
_ALIEN = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[\x20-\x2f]*[\x40-\x7e]"
    rb"|\x1b\[\??[0-9;:]*[\x20-\x2f]+[\x40-\x7e]"
    rb"|\x1b[P_X^][^\x1b]*\x1b\\"
)
# A sequence cut off by the end of a read: kept back until the rest has come.
_CUT = re.compile(rb"\x1b(?:\[[0-9;:<=>?\x20-\x2f]*|[P_X^\]][^\x1b\x07]*\x1b?|[()#%]?)?\Z")
_SYNC = re.compile(rb"\x1b\[\?2026([hl])")
_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_DECRQM = re.compile(rb"\x1b\[\?(\d+)\$p")
_QUERY = re.compile(
    rb"\x1b\[\?(?P<mode>\d+)\$p|(?P<da>\x1b\[0?c)|(?P<cpr>\x1b\[6n)"
    rb"|(?P<ver>\x1b\[>0?q)|(?P<da2>\x1b\[>0?c)|(?P<kitty>\x1b\[\?u)"
)

# Modes a program switches on and must switch off again before it leaves.
WATCHED_MODES = {
    "1049": "alternate screen",
    "1000": "mouse",
    "1002": "mouse drag",
    "1003": "mouse motion",
    "1006": "mouse SGR",
    "1004": "focus events",
    "2004": "bracketed paste",
    "2048": "in-band resize",
}


@dataclass
class Key:
    """What one key did.  Times in milliseconds since the key was written; None: the screen stayed."""

    name: str
    first_ms: float | None
    settled_ms: float | None
    first_byte_ms: float | None
    bytes: int
    writes: int
    cells: int


class ProbeError(Exception):
    pass


class Probe:
    """One program in one pseudo-terminal."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: str | None = None,
        quiet: float = 0.2,
        window: float = 3.0,
        answer: bool = True,
        keep_raw: bool = False,
    ) -> None:
        self.argv, self.cols, self.rows = list(argv), cols, rows
        self.quiet, self.window, self.answer = quiet, window, answer
        self.total_bytes = 0
        self.peak_rss_kib = 0
        self.exit_code: int | None = None
        self.raw = bytearray() if keep_raw else None
        self.modes: dict[str, bool] = {}
        self.cursor_visible = True
        self._chunks: list[tuple[float, bytes]] = []
        self._tail = b""
        self._query_tail = b""
        self._sync = False
        self._pending_rows: set[int] = set()
        self._eof = False
        self._reaped = False
        self.screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self.screen)

        full = dict(os.environ)
        full.setdefault("TERM", "xterm-256color")
        for name in ("COLUMNS", "LINES"):  # the pty's own size must win
            full.pop(name, None)
        for name, value in (env or {}).items():
            if value is None:
                full.pop(name, None)
            else:
                full[name] = value

        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.fd = master
        self._tty_before = termios.tcgetattr(slave)
        self._slave = slave  # kept open: settings can be read after the exit
        self.t0 = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:  # pragma: no cover - child
            try:
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in (0, 1, 2):
                    os.dup2(slave, fd)
                os.closerange(3, 256)
                if cwd:
                    os.chdir(cwd)
                os.execvpe(self.argv[0], self.argv, full)
            except BaseException as error:
                os.write(2, f"cannot start {self.argv[0]}: {error}\n".encode())
                os._exit(127)
        os.set_blocking(master, False)

    # -- life ------------------------------------------------------------------------------------

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, grace: float = 2.0) -> int | None:
        """End the program (hang-up, then kill), reap it and close the pty."""
        self._sample_memory()
        if not self._reaped:
            for sig in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, sig)
                if self.wait_exit(grace) is not None or self._reaped:
                    break
        for fd in (self.fd, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)
        return self.exit_code

    def wait_exit(self, timeout: float = PATIENCE) -> int | None:
        """Read on until the program has ended; its exit code (negative: signal), or None in time-out."""
        end = time.monotonic() + timeout
        while not self._reaped:
            self._pump(0.02)
            self._sample_memory()
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._reaped = True
                self.exit_code = os.waitstatus_to_exitcode(status)
                self.peak_rss_kib = max(self.peak_rss_kib, usage.ru_maxrss)
                while self._pump(0.0):
                    pass
                break
            if time.monotonic() > end:
                return None
        self._replay()
        return self.exit_code

    def _sample_memory(self) -> None:
        try:
            with open(f"/proc/{self.pid}/status") as status:
                for line in status:
                    if line.startswith("VmHWM:"):
                        self.peak_rss_kib = max(self.peak_rss_kib, int(line.split()[1]))
        except OSError:
            pass

    def cpu_seconds(self) -> float | None:
        """Processor time (user + system) that the program itself has used so far; Linux only."""
        try:
            with open(f"/proc/{self.pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return None

    # -- reading ---------------------------------------------------------------------------------

    def _pump(self, timeout: float) -> bool:
        """Wait for output up to timeout seconds, stamp and store what came; whether anything came."""
        if self._eof:
            if timeout:
                time.sleep(min(timeout, 0.01))
            return False
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return False
            self._eof = True
            return False
        now = time.monotonic()
        if not data:
            self._eof = True
            return False
        self.total_bytes += len(data)
        if self.raw is not None:
            self.raw += data
        self._chunks.append((now, data))
        if self.answer and b"\x1b" in self._query_tail + data:
            self._reply(self._query_tail + data)
        return True

    def _reply(self, data: bytes) -> None:
        out, last = b"", 0
        for match in _QUERY.finditer(data):
            last = match.end()
            if match["mode"]:
                known = match["mode"] in (b"2026", b"2004", b"1004", b"1049", b"25")
                out += b"\x1b[?" + match["mode"] + (b";2$y" if known else b";0$y")
            elif match["da"]:
                out += b"\x1b[?62;22c"
            elif match["da2"]:
                out += b"\x1b[>1;10;0c"
            elif match["cpr"]:
                out += b"\x1b[1;1R"
            elif match["ver"]:
                out += b"\x1bP>|probe(1)\x1b\\"
        self._query_tail = data[last:][-24:] if b"\x1b" in data[last:][-24:] else b""
        if out:
            self.write(out)

    def write(self, data: bytes) -> None:
        """Write bytes as they are, in one piece where the terminal takes them."""
        while data:
            try:
                data = data[os.write(self.fd, data) :]
            except BlockingIOError:
                select.select([], [self.fd], [], 1.0)
            except OSError:
                return

    def disturb(self, data: bytes) -> None:
        """Write on the terminal from outside, as `wall` or a program in the background does."""
        os.write(self._slave, data)

    def _collect(self, start: float, window: float, wait_first: bool = False) -> None:
        """Read until quiet or until the window closes.  Quiet counts from the last output; with wait_first
        it counts only once something has come, so a late answer is waited for and not taken for none."""
        last = start
        seen = not wait_first
        while not self._eof:
            now = time.monotonic()
            left = start + window - now
            if seen:
                left = min(left, last + self.quiet - now)
            if left <= 0:
                break
            if self._pump(left):
                last = time.monotonic()
                seen = True
        self._sample_memory()

    # -- replay ----------------------------------------------------------------------------------

    def _feed(self, data: bytes) -> None:
        data = self._tail + data
        cut = _CUT.search(data)
        self._tail = b""
        if cut and len(data) - cut.start() < 4096:
            data, self._tail = data[: cut.start()], data[cut.start() :]
        for match in _SYNC.finditer(data):
            self._sync = match.group(1) == b"h"
        for match in _MODE.finditer(data):
            for number in match.group(1).decode().split(";"):
                self.modes[number] = match.group(2) == b"h"
        with contextlib.suppress(Exception):
            self._stream.feed(_ALIEN.sub(b"", data))

    def _row(self, y: int) -> tuple[Any, ...]:
        line = self.screen.buffer[y]
        return tuple(line[x] for x in range(self.cols))

    def _replay(self) -> list[tuple[float, int]]:
        """Feed the stored chunks to the emulator: [(stamp of a visible change, cells changed), ...]."""
        changes: list[tuple[float, int]] = []
        chunks, self._chunks = self._chunks, []
        if not chunks:
            return changes
        before = {y: self._row(y) for y in range(self.rows)}
        for stamp, data in chunks:
            self.screen.dirty.clear()
            self._feed(data)
            self._pending_rows |= self.screen.dirty
            if self._sync:
                continue
            cells = 0
            for y in self._pending_rows:
                if y >= self.rows:
                    continue
                now = self._row(y)
                if now != before[y]:
                    cells += sum(a != b for a, b in zip(now, before[y], strict=False))
                    before[y] = now
            self._pending_rows = set()
            if cells:
                changes.append((stamp, cells))
        return changes

    # -- what callers use ------------------------------------------------------------------------

    def text(self) -> str:
        """The screen as text, one line a row, right-hand blanks kept off."""
        self._replay()
        return "\n".join(line.rstrip() for line in self.screen.display)

    def shows(self, text: str | re.Pattern[str]) -> bool:
        lines = self.screen.display
        if isinstance(text, str):
            return any(text in line for line in lines)
        return any(text.search(line) for line in lines)

    def wait_for(self, text: str | re.Pattern[str], timeout: float = PATIENCE, since: float | None = None) -> float:
        """Milliseconds from spawn (or `since`) until the text stood on the screen; ProbeError if never.

        Without `since` a text that is there already counts: what came before may have brought it along.

        A burst of output is read to its end before any of it is emulated, so the program never waits for
        the emulator, and the stamp is that of the read that completed the text."""
        if since is None and not self._chunks and self.shows(text):
            return (time.monotonic() - self.t0) * 1000
        since = self.t0 if since is None else since
        end = time.monotonic() + timeout
        while True:
            if self._pump(0.05):
                limit = time.monotonic() + 0.25
                while self._pump(0.004) and time.monotonic() < limit:
                    pass  # take the whole frame before emulating any of it
            while self._chunks:
                stamp, data = self._chunks.pop(0)
                self._feed(data)
                if not self._sync and self.shows(text):
                    return (stamp - since) * 1000
            if self._eof or time.monotonic() > end:
                break
        raise ProbeError(f"text never came: {text!r}\n{self.text()}")

    def until(self, holds: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Read on until something holds of the screen, which may hold already; ProbeError if it never does."""
        end = time.monotonic() + timeout
        while not holds():
            if self._eof or time.monotonic() > end:
                raise ProbeError(f"the screen never came to be as it should:\n{self.text()}")
            self.settle(0.5)

    def settle(self, window: float | None = None) -> None:
        """Wait until the program is quiet, and throw the changes away."""
        self._collect(time.monotonic(), window or self.window)
        self._replay()

    def key(self, name: str, expect: str | None = None, window: float | None = None) -> Key:
        """Send one key and measure its answer (see Key).  With expect, settled_ms is the time at which
        that text appeared."""
        self._replay()
        while self._pump(0.0):
            pass
        self._replay()
        payload = encode_key(name)
        bytes_before = self.total_bytes
        start = time.monotonic()
        self.write(payload)
        if expect is not None:
            found = self.wait_for(expect, timeout=window or self.window, since=start)
            self._collect(time.monotonic(), self.quiet * 2)
            self._replay()
            return Key(name, found, found, None, self.total_bytes - bytes_before, 0, 0)
        self._collect(start, window or self.window, wait_first=True)
        first_byte = (self._chunks[0][0] - start) * 1000 if self._chunks else None
        writes = len(self._chunks)
        changes = self._replay()
        return Key(
            name,
            (changes[0][0] - start) * 1000 if changes else None,
            (changes[-1][0] - start) * 1000 if changes else None,
            first_byte,
            self.total_bytes - bytes_before,
            writes,
            sum(cells for _, cells in changes),
        )

    def burst(self, name: str, count: int, interval: float = 0.0, window: float = 10.0) -> dict[str, float]:
        """Send a key `count` times, `interval` seconds apart (0: all at once, a held key's worst case),
        and measure the time from the last one until the screen is at rest, and the bytes of it all."""
        self.settle()
        payload, before = encode_key(name), self.total_bytes
        start = time.monotonic()
        for _ in range(count):
            self.write(payload)
            if interval:
                stop = time.monotonic() + interval
                while time.monotonic() < stop:
                    self._pump(max(0.0, stop - time.monotonic()))
        sent = time.monotonic()
        self._collect(sent, window, wait_first=not self._chunks)
        changes = self._replay()
        last = changes[-1][0] if changes else sent
        return {
            "count": count,
            "total_ms": (last - start) * 1000,
            "lag_ms": max(0.0, (last - sent) * 1000),
            "bytes": self.total_bytes - before,
            "frames": len(changes),
        }

    def resize(self, cols: int, rows: int) -> Key:
        """Change the window size, as a terminal would, and measure the redraw like a key."""
        self.settle()
        before = self.total_bytes
        self.cols, self.rows = cols, rows
        self.screen.resize(rows, cols)
        start = time.monotonic()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGWINCH)
        self._collect(start, self.window, wait_first=True)
        writes = len(self._chunks)
        changes = self._replay()
        return Key(
            "resize",
            (changes[0][0] - start) * 1000 if changes else None,
            (changes[-1][0] - start) * 1000 if changes else None,
            None,
            self.total_bytes - before,
            writes,
            sum(cells for _, cells in changes),
        )

    def quit(self, key: str, timeout: float = PATIENCE) -> float | None:
        """Send the key that should end the program: milliseconds until it had ended, or None."""
        self.settle()
        start = time.monotonic()
        self.write(encode_key(key))
        if self.wait_exit(timeout) is None:
            return None
        return (time.monotonic() - start) * 1000

    def leftovers(self) -> list[str]:
        """After the exit: what the program left switched on or changed in the terminal."""
        self._replay()
        left = [label for mode, label in WATCHED_MODES.items() if self.modes.get(mode)]
        if self.modes.get("25") is False:
            left.append("cursor hidden")
        try:
            now = termios.tcgetattr(self._slave)
            if now[:4] != self._tty_before[:4]:
                left.append("tty settings changed")
        except termios.error:
            pass
        return left
