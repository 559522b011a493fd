"""Ctrl-C is heard, at the latest before the next piece of work."""

from __future__ import annotations

import signal
import sys
import weakref

import pytest

from flows.interrupts import heeding_interrupts, stop_if_interrupted


class Thing:
    """Something that can be referred to weakly."""


def test_an_interrupt_that_python_throws_away_is_heard_all_the_same(
    capfd: pytest.CaptureFixture[str],
) -> None:
    thing = Thing()

    def pressed(_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    reference = weakref.ref(thing, pressed)
    with heeding_interrupts():
        stop_if_interrupted()
        del thing  # Nothing is raised here: Python only prints such an exception.
        assert reference() is None
        with pytest.raises(KeyboardInterrupt):
            stop_if_interrupted()
    assert "Traceback" not in capfd.readouterr().err


def test_afterwards_all_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), heeding_interrupts():
        signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), sys.unraisablehook) == before
    with heeding_interrupts():
        stop_if_interrupted()
