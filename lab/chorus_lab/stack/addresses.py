"""Ports of the stack's processes, which stay theirs over restarts."""

import threading
from collections.abc import Mapping

from chorus_lab.local import ports
from chorus_lab.stack.errors import StackError


class Addresses:
    """`wanted`: ports by process that somebody chose; the others take free ones when asked for."""

    def __init__(self, wanted: Mapping[str, int]) -> None:
        self._wanted = dict(wanted)
        self._reserved: dict[str, ports.ReservedPort] = {}
        self._lock = threading.Lock()

    def port(self, name: str) -> int:
        """May be asked from several threads at once, about the same process too."""
        if name in self._wanted:
            return self._wanted[name]
        with self._lock:
            if name not in self._reserved:
                self._reserved[name] = ports.reserve()
            return self._reserved[name].number

    def url(self, name: str) -> str:
        """Without a slash at its end."""
        return f"http://{ports.HOST}:{self.port(name)}"

    def require_free(self) -> None:
        """StackError where a chosen port is somebody else's."""
        for name, port in self._wanted.items():
            if ports.accepts(port):
                raise StackError(
                    f"Port {port}, wanted for the {name}, is taken by another program: "
                    "stop that one, or choose another port."
                )

    def close(self) -> None:
        """Give the ports back. May be called again."""
        for reserved in self._reserved.values():
            reserved.close()
        self._reserved.clear()
