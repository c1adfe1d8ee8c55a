"""Ports for local servers that stay theirs while the server is down."""

import contextlib
import random
import socket

HOST = "127.0.0.1"

# Below the range from which the kernel takes ports for outgoing connections (32768 and up):
# otherwise a client's connection could sit on a server's port while that server restarts.
_FIRST = 20_000
_LAST = 32_000
_ATTEMPTS = 200


class ReservedPort:
    """A TCP port that no other program of ours takes until `close`.

    What reserves it is a UDP socket on the same number: it does not stand in the way of the TCP
    server, and it goes with the process, however that ends.
    """

    def __init__(self, number: int, reservation: socket.socket) -> None:
        self.number = number
        self._reservation = reservation

    def close(self) -> None:
        """Give the port back. May be called again."""
        self._reservation.close()


def reserve() -> ReservedPort:
    """A free port on the loopback address. OSError where none is found."""
    for _ in range(_ATTEMPTS):
        number = random.randint(_FIRST, _LAST)  # noqa: S311 - only to keep apart
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind((HOST, number))
            _require_free(number)
        except OSError:
            reservation.close()
            continue
        return ReservedPort(number, reservation)
    raise OSError(f"no free port on {HOST} between {_FIRST} and {_LAST}")


def accepts(number: int) -> bool:
    """Whether something listens there. Takes half a second at most."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, number), timeout=0.5):
        return True
    return False


def _require_free(number: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, number))
