"""Bands come out in order, whatever the segments hold back, and failures come out as well."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import torch

from pipeline.models.wavefront import Band, flow


def _bands(count: int) -> Iterator[Band]:
    for number in range(count):
        yield Band(torch.full((1, 1, 2, 1), float(number)), number == count - 1)


class Late:
    """Holds one band back and gives it with the next call."""

    def __init__(self) -> None:
        self.held: torch.Tensor | None = None
        self.ends = False

    def __call__(self, band: Band) -> Band:
        given, self.held = self.held, band.rows
        last, self.ends = self.ends, band.last
        return Band(given, last)


@pytest.mark.parametrize("segments", [1, 2, 9])
@pytest.mark.parametrize("count", [1, 2, 30])
def test_everything_comes_out_once_and_in_order(count: int, segments: int) -> None:
    out = [
        rows[0, 0, 0, 0].item() for rows in flow(_bands(count), [Late() for _ in range(segments)])
    ]
    assert out == [float(number) for number in range(count)]


def test_a_segment_is_never_in_two_bands_at_a_time() -> None:
    lock = threading.Lock()

    def alone(band: Band) -> Band:
        assert lock.acquire(blocking=False)
        try:
            torch.rand(200, 200) @ torch.rand(200, 200)
        finally:
            lock.release()
        return band

    assert len(list(flow(_bands(40), [alone, Late(), Late()]))) == 40


def test_a_failure_in_a_segment_comes_out_and_leaves_torch_as_it_was() -> None:
    cores = torch.get_num_threads()

    def broken(band: Band) -> Band:
        if band.rows is not None and band.rows[0, 0, 0, 0] == 3:
            raise MemoryError
        return band

    found = flow(_bands(10), [Late(), broken, Late()])
    with pytest.raises(MemoryError):
        list(found)
    assert torch.get_num_threads() == cores
