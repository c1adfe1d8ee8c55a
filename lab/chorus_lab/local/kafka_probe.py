"""Asks a broker three things over its own protocol, without a client library and its event loop.

Requests and answers follow the published protocol guide of Apache Kafka: Metadata version 1,
FindCoordinator version 0, SaslHandshake version 1, SaslAuthenticate version 0.
"""

import socket
import struct

from chorus_lab.local.kafka_config import SignIn
from chorus_lab.local.ports import HOST

_METADATA = 3
_FIND_COORDINATOR = 10
_SASL_HANDSHAKE = 17
_SASL_AUTHENTICATE = 36
_TIMEOUT_S = 2.0


def brokers(port: int, sign_in: SignIn | None = None) -> set[int]:
    """The ids of the brokers in service that this one knows. OSError if it does not answer."""
    no_topics = struct.pack(">i", 0)
    answer = _ask(port, sign_in, _METADATA, 1, no_topics)
    (count,) = struct.unpack_from(">i", answer, 0)
    offset = 4
    found = set()
    for _ in range(count):
        (node_id,) = struct.unpack_from(">i", answer, offset)
        found.add(node_id)
        offset = _skip_string(answer, offset + 4)  # host
        offset = _skip_string(answer, offset + 4)  # port, rack
    return found


def coordinates_groups(port: int, sign_in: SignIn | None = None) -> bool:
    """Whether consumer groups work yet; asking makes their internal topic. OSError as above."""
    group = b"chorus-probe"
    answer = _ask(port, sign_in, _FIND_COORDINATOR, 0, struct.pack(">h", len(group)) + group)
    (error,) = struct.unpack_from(">h", answer, 0)
    return bool(error == 0)


def _ask(port: int, sign_in: SignIn | None, api: int, version: int, body: bytes) -> bytes:
    with socket.create_connection((HOST, port), timeout=_TIMEOUT_S) as connection:
        if sign_in is not None:
            _sign_in(connection, sign_in)
        return _exchange(connection, api, version, body)


def _sign_in(connection: socket.socket, sign_in: SignIn) -> None:
    mechanism = b"PLAIN"
    _exchange(connection, _SASL_HANDSHAKE, 1, struct.pack(">h", len(mechanism)) + mechanism)
    words = f"\0{sign_in.operator}\0{sign_in.password}".encode()
    answer = _exchange(connection, _SASL_AUTHENTICATE, 0, struct.pack(">i", len(words)) + words)
    (error,) = struct.unpack_from(">h", answer, 0)
    if error:
        raise ConnectionError("the broker does not let us in")


def _exchange(connection: socket.socket, api: int, version: int, body: bytes) -> bytes:
    client = b"chorus-probe"
    header = struct.pack(">hhih", api, version, 1, len(client)) + client
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
