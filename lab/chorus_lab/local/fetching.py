"""Jars that are all there: what is missing is fetched, and everything is verified."""

from chorus_lab.local.errors import JarsUnavailable
from chorus_lab.local.jars import JarSet, Progress


def provide(jars: JarSet, *, progress: Progress) -> None:
    """Fetch what is missing, then verify all. Without a network once they are there.

    JarsUnavailable (one sentence) where some cannot be had, JarRefused where one is not right.
    """
    missing = jars.missing()
    if missing:
        from chorus_lab.local import maven  # noqa: PLC0415 - half a second, once a machine

        try:
            maven.fetch(missing, jars.folder, progress=progress)
        except JarsUnavailable as error:
            raise JarsUnavailable(
                f"{len(missing)} of the {len(jars.jars)} jars of Apache Kafka are not in "
                f"{jars.folder}, and {error}: start it once with access to Maven's central "
                "repository, or name a folder that has them in CHORUS_JARS_DIR."
            ) from error
    jars.verify()
