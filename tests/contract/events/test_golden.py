"""Every version of an event that was ever shipped is read by today's readers (B.4).

A golden file holds events as they went over the wire, one list a type: `[minimal, full]`. Files
are added and never edited: a new optional field gets a new entry at the end of its list.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from chorus.events import ALL, Event, PersonTarget, PostTarget
from chorus.events.event import Part

GOLDEN = Path(__file__).parent / "golden"
MODELS = {model.type: model for model in ALL}
FILES = sorted(GOLDEN.glob("*.json"))


def shipped(file: Path) -> list[dict[str, Any]]:
    """The events of a golden file."""
    events: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return events


def faults(model: type[Part], event: dict[str, Any]) -> list[str]:
    """What a reader could not read, or would lose, of a shipped event."""
    try:
        read = model.model_validate_json(json.dumps(event))
    except ValidationError as error:
        return [f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in error.errors()]
    written = json.loads(read.model_dump_json())
    return [f"{name}: lost" for name, value in event.items() if not _kept(value, written, name)]


def _kept(value: object, written: dict[str, Any], name: str) -> bool:
    if name not in written:
        return False
    if isinstance(value, dict) and isinstance(written[name], dict):
        return all(_kept(inner, written[name], key) for key, inner in value.items())
    return bool(written[name] == value)


def test_every_event_has_golden_files() -> None:
    """A new type is shipped with its first examples."""
    assert {file.stem for file in FILES} == set(MODELS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_todays_readers_read_what_was_shipped(file: Path) -> None:
    """INVARIANT: no change of a model breaks a reader or loses a field of the same version."""
    for event in shipped(file):
        assert faults(MODELS[file.stem], event) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_golden_files_know_every_field(file: Path) -> None:
    """A field that was never shipped in an example could be removed unnoticed."""
    shown = set().union(*(event.keys() for event in shipped(file)))
    assert shown == set(MODELS[file.stem].model_fields)


def test_a_removed_field_is_found() -> None:
    """The check itself: a reader that no longer knows a field loses what was shipped in it."""

    class Narrower(Part):
        client_id: str

    assert faults(Narrower, {"client_id": "a", "url": "b"}) == ["url: lost"]


def test_a_newly_required_field_is_found() -> None:
    """The check itself: what was shipped without it can no longer be read."""

    class Stricter(Part):
        client_id: str
        invented: str

    assert faults(Stricter, {"client_id": "a"}) == ["invented: missing"]


def test_a_narrowed_word_list_is_found() -> None:
    """The check itself: a shipped word that is no longer allowed."""
    model: type[Event] = MODELS["chorus.post.published.v1"]
    event = {**shipped(GOLDEN / f"{model.type}.json")[0], "source": "imported"}
    assert faults(model, event) == ["source: literal_error"]


@pytest.mark.parametrize("kind", ["activity.due", "activity.scheduled", "activity.executed"])
def test_what_was_said_of_posts_alone_is_read_as_targets(kind: str) -> None:
    """I1: messages on their way, and rows of journals, name a post and no kind of target."""
    model = MODELS[f"chorus.{kind}.v1"]
    for event in shipped(GOLDEN / f"{model.type}.json"):
        read = model.model_validate(event)
        said = event.get("target") or event
        if said.get("kind", "post") not in {"person", "occasion"}:
            post = PostTarget(**{name: said.get(name) for name in ("post_id", "url", "social_id")})
            assert read.model_dump()["target"] == post.model_dump()


def test_a_post_is_said_for_readers_of_before_too() -> None:
    """Within a version: who reads `post_id` alone finds it, and none where there is no post."""
    model = MODELS["chorus.activity.executed.v1"]
    values = shipped(GOLDEN / f"{model.type}.json")[0]
    del values["post_id"]
    post = PostTarget(post_id=UUID(int=4))
    assert model.model_validate({**values, "target": post}).model_dump()["post_id"] == UUID(int=4)
    person = PersonTarget(person_id=UUID(int=5))
    assert model.model_validate({**values, "target": person}).model_dump()["post_id"] is None
