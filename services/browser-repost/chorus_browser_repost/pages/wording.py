"""The words on LinkedIn's controls, in each language that is understood.

English is asked for (locale and the `lang` cookie); the others are for accounts where the site does
not follow. Accessible names of controls are localised. None of it is confirmed by LinkedIn: what
matches nothing ends as `layout_changed`, never as a click on something else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """`repost` names both the control in the action bar and the instant item of its menu."""

    like: str
    comment: str
    send: str
    repost: str
    reposted: str
    undo: str
    with_thoughts: str
    post: str
    you_reposted: str
    tombstone: str
    not_permitted: str
    already: str


WORDINGS: Final[Mapping[str, Wording]] = MappingProxyType(
    {
        "en": Wording(
            like="Like",
            comment="Comment",
            send="Send",
            repost="Repost",
            reposted="Reposted",
            undo="Undo repost",
            with_thoughts="Repost with your thoughts",
            post="Post",
            you_reposted="You reposted this",
            tombstone="This post cannot be displayed",
            not_permitted="This post can't be reposted.",
            already="You already reposted this post.",
        ),
        "de": Wording(
            like="Gefällt mir",
            comment="Kommentar",
            send="Senden",
            repost="Reposten",
            reposted="Repostet",
            undo="Repost rückgängig machen",
            with_thoughts="Mit eigenen Gedanken reposten",
            post="Posten",
            you_reposted="Sie haben dies repostet",
            tombstone="Dieser Beitrag kann nicht angezeigt werden",
            not_permitted="Dieser Beitrag kann nicht repostet werden.",
            already="Sie haben diesen Beitrag bereits repostet.",
        ),
        "fr": Wording(
            like="J'aime",
            comment="Commenter",
            send="Envoyer",
            repost="Republier",
            reposted="Republié",
            undo="Annuler la republication",
            with_thoughts="Republier avec vos réflexions",
            post="Publier",
            you_reposted="Vous avez republié ceci",
            tombstone="Ce post ne peut pas être affiché",
            not_permitted="Ce post ne peut pas être republié.",
            already="Vous avez déjà republié ce post.",
        ),
        "es": Wording(
            like="Recomendar",
            comment="Comentar",
            send="Enviar",
            repost="Volver a publicar",
            reposted="Publicado de nuevo",
            undo="Deshacer la nueva publicación",
            with_thoughts="Volver a publicar con tus comentarios",
            post="Publicar",
            you_reposted="Has vuelto a publicar esto",
            tombstone="Esta publicación no se puede mostrar",
            not_permitted="Esta publicación no se puede volver a publicar.",
            already="Ya has vuelto a publicar esta publicación.",
        ),
        "pt": Wording(
            like="Gostei",
            comment="Comentar",
            send="Enviar",
            repost="Compartilhar novamente",
            reposted="Compartilhado novamente",
            undo="Desfazer compartilhamento",
            with_thoughts="Compartilhar novamente com seus comentários",
            post="Publicar",
            you_reposted="Você compartilhou isto",
            tombstone="Não é possível exibir esta publicação",
            not_permitted="Não é possível compartilhar esta publicação.",
            already="Você já compartilhou esta publicação.",
        ),
    }
)


def wording_of(language: str) -> Wording:
    """The words of a page whose `lang` is this; English where it says nothing that is known."""
    return WORDINGS.get(language[:2].lower(), WORDINGS["en"])


def as_json() -> dict[str, dict[str, str]]:
    """All of it, for the scripts that read a page."""
    return {language: asdict(words) for language, words in WORDINGS.items()}


def as_typed(text: str) -> str:
    """A text as an editor's content is compared with it: spaces folded, every line break kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip("\n")


def tidy(text: str) -> str:
    """A text as it is compared: plain apostrophes, single spaces. The scripts do the same."""
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").split())
