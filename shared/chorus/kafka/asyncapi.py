"""JSON Schemas and the AsyncAPI document, made from the models and committed beside them.

`python -m chorus.kafka.asyncapi` writes them; `--check` only tells whether they are up to date.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chorus import events
from chorus.events import ALL, Event
from chorus.kafka.topics import topics_of

_FOLDER = Path(events.__file__).parent
_MEDIA_TYPE = "application/json"


def schema_of(model: type[Event]) -> dict[str, Any]:
    """What a producer may write: closed at every depth. Readers are open and ignore the rest."""
    schema = model.model_json_schema(mode="serialization")
    for part in _objects(schema):
        part["additionalProperties"] = False
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:chorus:{model.type}",
        "description": model.description,
    }
    return head | {name: value for name, value in schema.items() if name not in head}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of all topics."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chorus events",
            "version": "1.0.0",
            "description": (
                "CloudEvents 1.0 over Kafka, binary mode, with `traceparent`. Delivery is at "
                "least once: (`ce_source`, `ce_id`) names an event. Messages with the same key "
                "keep their order. What cannot be handled goes to `<topic>.dlq`."
            ),
        },
        "defaultContentType": _MEDIA_TYPE,
        "channels": {
            topic: {
                "address": topic,
                "description": model.description,
                "messages": {
                    _message_name(model): {"$ref": f"#/components/messages/{_message_name(model)}"}
                },
                "bindings": {"kafka": {"topic": topic}},
            }
            for topic, model in _channels()
        },
        "operations": {
            f"{action}.{topic}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{topic}"},
            }
            for topic, _ in _channels()
            for action in ("send", "receive")
        },
        "components": {
            "messages": {_message_name(model): _message(model) for model in ALL},
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
        },
    }


def outputs() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {_FOLDER / "schemas" / f"{model.type}.json": _json(schema_of(model)) for model in ALL}
    files[_FOLDER / "asyncapi.yaml"] = _yaml(asyncapi())
    return files


def drift() -> list[str]:
    """The generated files that are missing, superfluous or differ from the models."""
    expected = outputs()
    found = {*(_FOLDER / "schemas").glob("*.json"), *_FOLDER.glob("asyncapi.yaml")}
    wrong = {path for path, text in expected.items() if not _same(path, text)}
    return sorted(path.name for path in wrong | (found - set(expected)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with `--check` name those that are not up to date."""
    parser = argparse.ArgumentParser(prog="chorus.kafka.asyncapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args(arguments).check:
        differing = drift()
        for name in differing:
            sys.stderr.write(f"{name} is not up to date: run python -m chorus.kafka.asyncapi\n")
        return 1 if differing else 0
    for path, text in outputs().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _channels() -> list[tuple[str, type[Event]]]:
    return [(topic, model) for model in ALL for topic in topics_of(model.topic)]


def _message_name(model: type[Event]) -> str:
    return model.__name__


def _message(model: type[Event]) -> dict[str, Any]:
    return {
        "name": model.type,
        "title": model.__name__,
        "summary": model.description,
        "contentType": _MEDIA_TYPE,
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"$ref": f"schemas/{model.type}.json"},
    }


def _headers() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject"],
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "format": "uuid"},
            "ce_source": text,
            "ce_type": text,
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_subject": text,
            "traceparent": text,
        },
    }


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _yaml(document: Any, depth: int = 0) -> str:
    """YAML of nested mappings and lists; each scalar as JSON, which is YAML as well."""
    margin = "  " * depth
    if isinstance(document, dict):
        return "".join(
            f"{margin}{_yaml_key(name)}:{_yaml_value(value, depth)}"
            for name, value in document.items()
        )
    return "".join(f"{margin}-{_yaml_value(value, depth)}" for value in document)


def _yaml_key(name: str) -> str:
    return json.dumps(name) if name.startswith("$") else name


def _yaml_value(value: Any, depth: int) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + _yaml(value, depth + 1)
    return f" {json.dumps(value, ensure_ascii=False)}\n"


if __name__ == "__main__":
    sys.exit(main())
