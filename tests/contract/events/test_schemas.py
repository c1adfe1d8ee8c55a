"""The generated documents follow the models, and what producers write follows the documents."""

import json
from pathlib import Path

import pytest
import yaml

from chorus import events
from chorus.events import ALL, Event
from chorus.kafka import asyncapi
from tests.contract.events.samples import full_sample

EVENTS = sorted(ALL, key=lambda model: model.type)


def test_the_committed_documents_are_up_to_date() -> None:
    """K1: `python -m chorus.kafka.asyncapi` was run after the last change of a model."""
    assert asyncapi.drift() == []
    assert asyncapi.main(["--check"]) == 0


def test_a_document_that_differs_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing, changed and left-over files are named."""
    monkeypatch.setattr(asyncapi, "_FOLDER", tmp_path)
    assert asyncapi.main([]) == 0
    (tmp_path / "asyncapi.yaml").write_text("asyncapi: 3.0.0", encoding="utf-8")
    (tmp_path / "schemas" / "chorus.lead.captured.v1.json").unlink()
    (tmp_path / "schemas" / "chorus.gone.v1.json").touch()
    assert asyncapi.main(["--check"]) == 1
    complaint = capsys.readouterr().err
    for name in ("asyncapi.yaml", "chorus.lead.captured.v1.json", "chorus.gone.v1.json"):
        assert name in complaint


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.type)
def test_schemas_are_closed_for_producers(model: type[Event]) -> None:
    """B.4: a producer writes what is declared and nothing else, at every depth."""
    schema = asyncapi.schema_of(model)
    parts = [schema, *schema.get("$defs", {}).values()]
    objects = [part for part in parts if "properties" in part]
    assert objects
    assert all(part["additionalProperties"] is False for part in objects)


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.type)
def test_what_is_written_has_every_declared_field(model: type[Event]) -> None:
    """An event on the wire shows its optional fields too, so that readers see their defaults."""
    written = json.loads(full_sample(model).model_dump_json())
    assert set(written) == set(asyncapi.schema_of(model)["properties"])


def test_asyncapi_names_every_topic_and_message() -> None:
    """The document is YAML, and every reference in it leads somewhere."""
    document = yaml.safe_load(asyncapi.outputs()[Path(events.__file__).parent / "asyncapi.yaml"])
    assert document == asyncapi.asyncapi()
    assert set(document["components"]["messages"]) == {model.__name__ for model in ALL}
    assert {"post.published", "activity.due.api", "activity.due.browser"} <= set(
        document["channels"]
    )
    for reference in _references(document):
        target = document
        if reference.startswith("#/"):
            for step in reference[2:].split("/"):
                target = target[step]
        else:
            assert (Path(events.__file__).parent / reference).is_file()


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for child in node.values() for found in _references(child)]
    if isinstance(node, list):
        return [found for child in node for found in _references(child)]
    return []
