"""Answers with thousands of entries, made a slice at a time: the loop goes on between slices."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from pydantic import BaseModel

SLICE: Final = 200


class Rendered(BaseModel):
    """An answer that is JSON already."""

    text: str


async def render(
    head: BaseModel, lists: Mapping[str, tuple[Sequence[Any], Callable[[Any], BaseModel]]]
) -> Rendered:
    """The document `head` with its empty members `lists` filled: entries, and what shows one."""
    members = orjson.loads(head.model_dump_json(by_alias=True))
    parts = [
        f"{_text(name)}:{_text(value)}" for name, value in members.items() if name not in lists
    ]
    for name, (entries, view) in lists.items():
        shown: list[str] = []
        for start in range(0, len(entries), SLICE):
            some = entries[start : start + SLICE]
            shown.extend(view(entry).model_dump_json(by_alias=True) for entry in some)
            await asyncio.sleep(0)
        parts.append(f"{_text(name)}:[{','.join(shown)}]")
    return Rendered(text="{" + ",".join(parts) + "}")


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
