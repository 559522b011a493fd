"""Work on many parts of a file, on all cores and with few of them in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_order(
    work: Callable[[Given], Made], parts: Iterable[Given], *, threads: int | None = None
) -> Iterator[Made]:
    """What the work makes of each part, in the order of the parts, whatever the threads do.

    The parts are asked for by the calling thread, a few ahead of what was taken: parts and
    results in memory are at most twice the threads.

    Args:
        work: called from several threads; must let go of the interpreter to gain by them.
        parts: what to work on.
        threads: how many work at once; None for one a core, at most 8.

    Raises:
        Exception: the first error in the order of the parts; no further part is begun.
    """
    count = threads or min(8, os.cpu_count() or 1)
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) >= 2 * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
