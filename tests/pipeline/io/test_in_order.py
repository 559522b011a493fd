"""Parts are worked on by many threads, few at a time, and come back in their order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.io.in_order import in_order


def test_results_come_in_the_order_of_the_parts_whichever_is_done_first() -> None:
    def slow_when_even(number: int) -> int:
        time.sleep(0.002 * (number % 2 == 0))
        return number * number

    for threads in (1, 3, None):
        made = list(in_order(slow_when_even, range(40), threads=threads))
        assert made == [number * number for number in range(40)]
    assert list(in_order(slow_when_even, [])) == []


def test_several_threads_work_at_once() -> None:
    together = threading.Barrier(3, timeout=30)
    assert len(list(in_order(lambda _: together.wait(), range(6), threads=3))) == 6


def test_parts_are_taken_only_a_few_ahead_of_what_was_used() -> None:
    taken = 0

    def parts() -> Iterator[int]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield number

    for used, _ in enumerate(in_order(lambda part: part, parts(), threads=2), start=1):
        assert taken - used < 4
    assert taken == 100


def test_the_first_error_is_raised_and_no_further_part_is_begun() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number in (5, 6):
            raise ValueError(f"part {number}")
        return number

    results = in_order(work, range(1000), threads=2)
    with pytest.raises(ValueError, match="part 5"):
        list(results)
    assert max(begun) < 12


def test_parts_that_cannot_be_read_end_the_work() -> None:
    def parts() -> Iterator[int]:
        yield 1
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        list(in_order(lambda part: part, parts()))
