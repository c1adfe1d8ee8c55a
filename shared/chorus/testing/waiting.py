"""Waiting for a condition with a bound, where no signal can be awaited."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]],
    timeout: float = ...,  # noqa: ASYNC109
    *,
    every: float = ...,
    message: str | None = ...,
) -> T: ...


@overload
async def eventually(
    condition: Callable[[], T],
    timeout: float = ...,  # noqa: ASYNC109
    *,
    every: float = ...,
    message: str | None = ...,
) -> T: ...


async def eventually(
    condition: Callable[[], Any],
    timeout: float = 30.0,  # noqa: ASYNC109 - the condition is polled, not awaited
    *,
    every: float = 0.02,
    message: str | None = None,
) -> Any:
    """Poll `condition` until it is truthy and return its value; AssertionError after `timeout`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    while True:
        found = condition()
        value = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if loop.time() >= deadline:
            raise AssertionError(message or f"not within {timeout} s; the last value was {value!r}")
        await asyncio.sleep(every)
