"""multipart/form-data bodies."""

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, create_form_parser

from chorus_sandbox.asgi import Request
from chorus_sandbox.unipile.fields import refuse_unknown
from chorus_sandbox.world.calls import Refusal

_WHOLE_FILE_IN_MEMORY = 64 * 1024 * 1024


@dataclass(slots=True)
class Form:
    """Values in the order given; of a file, its name and size are kept, not its content."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        found = self.values.get(name)
        if found is None:
            return None
        if len(found) > 1:
            raise Refusal("invalid_parameters", f"{name} is given more than once.")
        return found[0]

    def required(self, name: str) -> str:
        value = self.one(name)
        if value is None:
            raise Refusal("missing_parameters", f"Missing field: {name}.")
        if not value:
            raise Refusal("invalid_parameters", f"{name} must not be empty.")
        return value

    def many(self, name: str) -> list[str]:
        """Values of a list field, sent as `name` repeated or as `name[]`."""
        return self.values.get(name, []) + self.values.get(f"{name}[]", [])


def read_form(
    request: Request, *, texts: frozenset[str], files: frozenset[str], strict: bool
) -> Form:
    """Parse the form. `linkedin[api]` counts as `linkedin`; other names are refused if strict."""
    form = _parse(request)
    if not strict:
        return form
    refuse_unknown((name.partition("[")[0] for name in form.values), texts)
    refuse_unknown((name.partition("[")[0] for name in form.files), files)
    return form


def _parse(request: Request) -> Form:
    content_type = request.headers.get(b"content-type", b"")
    if not content_type.startswith(b"multipart/form-data"):
        raise Refusal("unsupported_media_type", "The body must be multipart/form-data.")
    form = Form()

    def on_field(item: Field) -> None:
        name = (item.field_name or b"").decode()
        form.values.setdefault(name, []).append((item.value or b"").decode())

    def on_file(item: File) -> None:
        name = (item.field_name or b"").decode()
        form.files.setdefault(name, []).append(((item.file_name or b"").decode(), item.size))
        item.close()

    try:
        parser = create_form_parser(
            {"Content-Type": content_type},
            on_field,
            on_file,
            {"MAX_MEMORY_FILE_SIZE": _WHOLE_FILE_IN_MEMORY},
        )
        parser.write(request.body)
        parser.finalize()
    except (FormParserError, UnicodeDecodeError) as error:
        raise Refusal("malformed_request", f"The form cannot be read: {error}") from error
    return form
