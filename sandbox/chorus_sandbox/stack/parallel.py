"""Several blocking calls at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor


def together(calls: Iterable[Callable[[], object]]) -> None:
    """Make all calls in parallel, wait for all, raise the first error."""
    waiting = list(calls)
    if not waiting:
        return
    with ThreadPoolExecutor(len(waiting), thread_name_prefix="stack") as pool:
        futures = [pool.submit(call) for call in waiting]
    for future in futures:
        future.result()
