"""What can go wrong with a local server."""

from chorus.errors import DependencyUnavailable


class LocalServerError(DependencyUnavailable):
    """A local server did not start, or died. The message ends with the last lines of its log."""


class JarsUnavailable(DependencyUnavailable):
    """Jars of Apache Kafka are missing and could not be fetched. The message is one sentence."""


class JarRefused(DependencyUnavailable):
    """A jar is not, byte for byte, the one that jars.lock names."""
