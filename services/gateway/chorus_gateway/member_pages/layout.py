"""What all pages share: the frame, fields with their faults beside them, and how they look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chorus_gateway.member_pages.markup import Child, Markup, el, text, together
from chorus_gateway.member_pages.paths import SCRIPT, STYLE

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where the pages stand, and what each of their forms carries."""

    root: str
    """The path of the public address."""
    form_token: str
    typed: bool = False

    def page(
        self, title: str, *body: Child, again: int | None = None, wide: bool = False
    ) -> Markup:
        """A whole document. `again`: it is loaded anew after so many seconds."""
        head = [
            el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width,initial-scale=1"),
            el("meta", http_equiv="refresh", content=again) if again else None,
            el("title", title),
            el("link", rel="stylesheet", href=self.to(STYLE)),
        ]
        main = el("main", *body, class_="wide" if wide else None)
        whole = el("html", el("head", *[one for one in head if one]), el("body", main), lang="en")
        return Markup(f"<!doctype html>{whole}")

    def to(self, path: str) -> str:
        """A path of ours as links name it."""
        return f"{self.root}{path}"

    def form(self, action: str, *body: Child, class_: str | None = None) -> Markup:
        """A form that this browser alone can send."""
        guard = el("input", type="hidden", name="form", value=self.form_token)
        return el(
            "form", guard, *body, method="post", action=self.to(action), class_=class_,
            novalidate=True,
        )  # fmt: skip

    def press(self, action: str, words: str, *, class_: str | None = None, **hidden: str) -> Markup:
        """A form that is one button."""
        fields = [
            el("input", type="hidden", name=name, value=value) for name, value in hidden.items()
        ]
        return self.form(action, fields, el("button", words, class_=class_))

    def link(self, path: str, words: str, *, class_: str | None = None) -> Markup:
        """A link to a page of ours."""
        return el("a", words, href=self.to(path), class_=class_)

    def script(self) -> Markup:
        """What chooses the browser's own zone where it is known. Pages work without it."""
        return el("script", src=self.to(SCRIPT), defer=True)


def field(
    name: str, label: str, control: Markup, *, hint: str | None = None, fault: str | None = None
) -> Markup:
    """A control with its label, its hint, and what is wrong with it."""
    return el(
        "div",
        el("label", label, for_=name),
        el("p", hint, class_="hint", id=f"{name}-hint") if hint else None,
        el("p", fault, class_="fault", id=f"{name}-fault") if fault else None,
        control,
        class_="field faulty" if fault else "field",
    )


def entry(
    name: str,
    label: str,
    value: str,
    *,
    hint: str | None = None,
    fault: str | None = None,
    type_: str = "text",
    autocomplete: str | None = None,
) -> Markup:
    """A line to type in."""
    control = el(
        "input",
        id=name,
        name=name,
        type=type_,
        value=value,
        autocomplete=autocomplete,
        aria_invalid="true" if fault else None,
        aria_describedby=described(name, hint, fault),
    )
    return field(name, label, control, hint=hint, fault=fault)


def described(name: str, hint: str | None, fault: str | None) -> str | None:
    """The ids of what is said about a control."""
    parts = [f"{name}-hint" if hint else "", f"{name}-fault" if fault else ""]
    return " ".join(one for one in parts if one) or None


def summary(faults: dict[str, str]) -> Markup:
    """What is wrong, on top, with the way to each."""
    if not faults:
        return together()
    rows = [el("li", el("a", words, href=f"#{name}")) for name, words in faults.items()]
    return el("div", el("h2", "Look at this again"), el("ul", rows), class_="faults", role="alert")


def told(title: str, *sentences: str) -> list[Markup]:
    """A page that only says something."""
    return [el("h1", title), text(*sentences)]


def choice(value: str, words: str, chosen: Sequence[str]) -> Markup:
    """An option of a list."""
    return el("option", words, value=value, selected=value in chosen)
