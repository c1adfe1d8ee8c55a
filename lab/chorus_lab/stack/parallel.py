"""Several blocking calls at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


def together(calls: Iterable[Callable[[], object]]) -> None:
    """Make all calls in parallel, wait for all, raise the first error.

    Whatever interrupts the waiting (Ctrl-C) is raised after all calls have ended, so that nobody
    stops what somebody else is about to start.
    """
    waiting = list(calls)
    if not waiting:
        return
    pool = ThreadPoolExecutor(len(waiting), thread_name_prefix="stack")
    futures = [pool.submit(call) for call in waiting]
    try:
        errors = [future.exception() for future in futures]
    finally:
        pool.shutdown(wait=True)
    for error in errors:
        if error is not None:
            raise error
