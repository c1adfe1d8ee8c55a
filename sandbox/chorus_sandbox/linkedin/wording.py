"""Every word that a person reads on the site, in five languages. Their truth is not confirmed.

`{name}` is a person, `{count}` a number.
"""
# ruff: noqa: RUF001 - the site writes typographic apostrophes

from collections.abc import Mapping

Words = Mapping[str, str]

_KEYS = (
    "like", "comment", "send", "repost", "reposted", "undo",
    "with_thoughts", "thoughts_hint", "repost_hint",
    "composer", "editor", "post", "dismiss",
    "done", "undone", "view_repost", "view_post",
    "failed", "not_permitted", "already",
    "you_reposted", "x_reposted", "reposts", "repost_settings", "see_reposts",
    "follow", "main", "aside", "comments", "more_from", "tombstone", "tombstone_hint",
    "amplify", "amplify_now", "amplify_note",
)  # fmt: skip

_TEXTS: dict[str, tuple[str, ...]] = {
    "en": (
        "Like", "Comment", "Send", "Repost", "Reposted", "Undo repost",
        "Repost with your thoughts", "Create a new post with {name}’s post attached",
        "Instantly bring {name}’s post to others’ feeds",
        "Create a post", "Text editor for creating content", "Post", "Dismiss",
        "Repost successful.", "Repost removed.", "View repost", "View post",
        "Something went wrong. Please try again.", "This post can’t be reposted.",
        "You already reposted this post.",
        "You reposted this", "{name} reposted this", "{count} reposts", "Repost settings",
        "Reposts",
        "Follow", "Main content", "More for you", "Comments", "More from {name}",
        "This post cannot be displayed", "It may have been removed, or you have no access to it.",
        "Amplify", "Amplify now", "Amplify with a note",
    ),
    "de": (
        "Gefällt mir", "Kommentar", "Senden", "Reposten", "Repostet", "Repost rückgängig machen",
        "Mit eigenen Gedanken reposten", "Neuen Beitrag mit dem Beitrag von {name} erstellen",
        "Den Beitrag von {name} sofort in andere Feeds bringen",
        "Beitrag erstellen", "Texteditor zum Erstellen von Inhalten", "Posten", "Verwerfen",
        "Erfolgreich repostet.", "Repost entfernt.", "Repost ansehen", "Beitrag ansehen",
        "Etwas ist schiefgelaufen. Bitte versuchen Sie es erneut.",
        "Dieser Beitrag kann nicht repostet werden.",
        "Sie haben diesen Beitrag bereits repostet.",
        "Sie haben dies repostet", "{name} hat dies repostet", "{count} Reposts",
        "Repost-Einstellungen", "Reposts",
        "Folgen", "Hauptinhalt", "Mehr für Sie", "Kommentare", "Mehr von {name}",
        "Dieser Beitrag kann nicht angezeigt werden",
        "Er wurde vielleicht entfernt, oder Sie haben keinen Zugriff darauf.",
        "Verstärken", "Jetzt verstärken", "Mit Notiz verstärken",
    ),
    "fr": (
        "J’aime", "Commenter", "Envoyer", "Republier", "Republié", "Annuler la republication",
        "Republier avec vos réflexions", "Créer un post avec le post de {name} en pièce jointe",
        "Diffuser immédiatement le post de {name} dans d’autres fils",
        "Créer un post", "Éditeur de texte pour créer du contenu", "Publier", "Ignorer",
        "Republication réussie.", "Republication supprimée.", "Voir la republication",
        "Voir le post",
        "Une erreur s’est produite. Veuillez réessayer.", "Ce post ne peut pas être republié.",
        "Vous avez déjà republié ce post.",
        "Vous avez republié ceci", "{name} a republié ceci", "{count} republications",
        "Préférences de republication", "Republications",
        "Suivre", "Contenu principal", "Plus pour vous", "Commentaires", "Plus de {name}",
        "Ce post ne peut pas être affiché", "Il a peut-être été supprimé, ou l’accès est limité.",
        "Amplifier", "Amplifier maintenant", "Amplifier avec une note",
    ),
    "es": (
        "Recomendar", "Comentar", "Enviar", "Volver a publicar", "Publicado de nuevo",
        "Deshacer la nueva publicación",
        "Volver a publicar con tus comentarios",
        "Crear una publicación con la publicación de {name} adjunta",
        "Llevar al instante la publicación de {name} a otros feeds",
        "Crear publicación", "Editor de texto para crear contenido", "Publicar", "Descartar",
        "Se ha vuelto a publicar.", "Nueva publicación eliminada.", "Ver nueva publicación",
        "Ver publicación",
        "Algo ha ido mal. Inténtalo de nuevo.", "Esta publicación no se puede volver a publicar.",
        "Ya has vuelto a publicar esta publicación.",
        "Has vuelto a publicar esto", "{name} ha vuelto a publicar esto",
        "{count} veces compartido", "Ajustes de nuevas publicaciones", "Veces compartido",
        "Seguir", "Contenido principal", "Más para ti", "Comentarios", "Más de {name}",
        "Esta publicación no se puede mostrar", "Puede que se haya eliminado o no tengas acceso.",
        "Amplificar", "Amplificar ahora", "Amplificar con una nota",
    ),
    "pt": (
        "Gostei", "Comentar", "Enviar", "Compartilhar novamente", "Compartilhado novamente",
        "Desfazer compartilhamento",
        "Compartilhar novamente com seus comentários",
        "Criar uma publicação com a publicação de {name} anexada",
        "Levar imediatamente a publicação de {name} a outros feeds",
        "Criar publicação", "Editor de texto para criação de conteúdo", "Publicar", "Fechar",
        "Compartilhado novamente com sucesso.", "Compartilhamento removido.",
        "Ver compartilhamento", "Ver publicação",
        "Algo deu errado. Tente novamente.", "Não é possível compartilhar esta publicação.",
        "Você já compartilhou esta publicação.",
        "Você compartilhou isto", "{name} compartilhou isto", "{count} compartilhamentos",
        "Configurações de compartilhamento", "Compartilhamentos",
        "Seguir", "Conteúdo principal", "Mais para você", "Comentários", "Mais de {name}",
        "Não é possível exibir esta publicação",
        "Ela pode ter sido removida ou você não tem acesso.",
        "Ampliar", "Ampliar agora", "Ampliar com uma nota",
    ),
}  # fmt: skip

WORDS: Mapping[str, Words] = {
    language: dict(zip(_KEYS, texts, strict=True)) for language, texts in _TEXTS.items()
}


def language_of(cookie: str | None, usual: str) -> str:
    """The language that a `lang` cookie as `v=2&lang=en-us` asks for, or the usual one."""
    if cookie is None:
        return usual
    _, _, tail = cookie.partition("lang=")
    asked = tail.split("&")[0].split("-")[0].lower()
    return asked if asked in WORDS else usual
