"""Ctrl-C that is never lost."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_asked = threading.Event()


@contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Remember that Ctrl-C was pressed, for `stop_if_interrupted`.

    Python throws away an exception raised in the callback of a weak reference or in a finalizer.
    When Ctrl-C meets one of these, the command would go on as if nobody had pressed it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _asked.clear()
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGINT)

    def asked(number: int, frame: FrameType | None) -> None:
        _asked.set()
        raise KeyboardInterrupt

    def thrown_away(unraisable: sys.UnraisableHookArgs) -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            hook(unraisable)

    signal.signal(signal.SIGINT, asked)
    sys.unraisablehook = thrown_away
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        sys.unraisablehook = hook


def stop_if_interrupted() -> None:
    """Called before each piece of work.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, even if that went unheard.
    """
    if _asked.is_set():
        raise KeyboardInterrupt
