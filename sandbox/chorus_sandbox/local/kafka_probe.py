"""Asks a broker three things over its own protocol, without a client library and its event loop.

Requests and answers follow the published protocol guide of Apache Kafka: Metadata version 1,
FindCoordinator version 0.
"""

import socket
import struct

from chorus_sandbox.local.ports import HOST

_METADATA = 3
_FIND_COORDINATOR = 10
_TIMEOUT_S = 2.0


def brokers(port: int) -> set[int]:
    """The ids of the brokers in service that this one knows. OSError if it does not answer."""
    no_topics = struct.pack(">i", 0)
    answer = _ask(port, _METADATA, 1, no_topics)
    (count,) = struct.unpack_from(">i", answer, 0)
    offset = 4
    found = set()
    for _ in range(count):
        (node_id,) = struct.unpack_from(">i", answer, offset)
        found.add(node_id)
        offset = _skip_string(answer, offset + 4)  # host
        offset = _skip_string(answer, offset + 4)  # port, rack
    return found


def coordinates_groups(port: int) -> bool:
    """Whether consumer groups work yet; asking makes their internal topic. OSError as above."""
    group = b"chorus-probe"
    answer = _ask(port, _FIND_COORDINATOR, 0, struct.pack(">h", len(group)) + group)
    (error,) = struct.unpack_from(">h", answer, 0)
    return bool(error == 0)


def _ask(port: int, api: int, version: int, body: bytes) -> bytes:
    client = b"chorus-probe"
    header = struct.pack(">hhih", api, version, 1, len(client)) + client
    with socket.create_connection((HOST, port), timeout=_TIMEOUT_S) as connection:
        connection.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
        (size,) = struct.unpack(">i", _read(connection, 4))
        return _read(connection, size)[4:]  # less the correlation id


def _read(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = connection.recv(size - len(received))
        if not chunk:
            raise ConnectionError("the broker closed the connection")
        received += chunk
    return received


def _skip_string(answer: bytes, offset: int) -> int:
    (length,) = struct.unpack_from(">h", answer, offset)
    return int(offset + 2 + max(0, length))
