"""Bands of a picture through a chain of segments, several at the same time, in order.

A band passes the segments one after the other, and a segment takes the bands one after the other.
What is left free is worked on side by side: band 3 in the first segment, band 2 in the second,
band 1 in the third (Lamport 1974, doi:10.1145/360827.360844).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor

MOST_WORKERS = 8
"""Bands in work at the same time: beyond that there are more cores than work for them."""


@dataclass(frozen=True)
class Band:
    """Some rows that flow.

    Args:
        rows: (1, C, n, W), or None when there are none this time.
        last: nothing follows.
    """

    rows: Tensor | None
    last: bool


Segment = Callable[[Band], Band]
"""Takes the next band and gives what is done; it may hold rows back and give them later."""


def flow(bands: Iterator[Band], segments: Sequence[Segment]) -> Iterator[Tensor]:
    """Everything that comes out of the last segment, in order.

    Args:
        bands: what the first segment is given; drawn in the caller's thread.
        segments: each is called for one band at a time, in whatever thread.

    Raises:
        Exception: what a segment or `bands` raised; nothing more is begun then.
    """
    cores = torch.get_num_threads()
    workers = min(cores, MOST_WORKERS)
    with ExitStack() as stack:
        # Threads begun later take the number set last, in whatever thread that was.
        stack.callback(torch.set_num_threads, cores)
        pool = ThreadPoolExecutor(
            workers, initializer=torch.set_num_threads, initargs=(cores // workers,)
        )
        stack.callback(pool.shutdown, cancel_futures=True)
        yield from _ripple(pool, bands, segments)


def _ripple(
    pool: ThreadPoolExecutor, bands: Iterator[Band], segments: Sequence[Segment]
) -> Iterator[Tensor]:
    newest: list[Future[Band] | None] = [None] * len(segments)
    leaving: list[Future[Band]] = []
    while True:
        given: Future[Band] = Future()
        given.set_result(next(bands, Band(None, last=True)))
        # A diagonal: all of it may run at once. Later ones wait only for earlier ones, and those
        # were begun before, so that nobody waits for what cannot begin.
        newest = [
            _begin(pool, segment, source, before)
            for segment, source, before in zip(segments, [given, *newest], newest, strict=False)
        ]
        if newest[-1] is not None:
            leaving.append(newest[-1])
        if len(leaving) > 1:
            done = leaving.pop(0).result()
            if done.rows is not None:
                yield done.rows
            if done.last:
                return


def _begin(
    pool: ThreadPoolExecutor,
    segment: Segment,
    source: Future[Band] | None,
    before: Future[Band] | None,
) -> Future[Band] | None:
    if source is None:
        return None

    def work() -> Band:
        with torch.inference_mode():
            if before is not None:
                before.result()
            return segment(source.result())

    return pool.submit(work)
