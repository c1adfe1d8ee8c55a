"""Where a request comes from: what a proxy says is believed of proxies alone that we know."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"


def client_address(peer: str | None, forwarded: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is none of our proxies.

    `forwarded` is X-Forwarded-For: each proxy adds at its end whom it was called by, and whoever
    calls may have written anything before that.
    """
    nearest = _read(peer or "")
    if nearest is None or not _among(nearest, trusted):
        return str(nearest) if nearest is not None else (peer or UNKNOWN)
    for text in reversed(forwarded.split(",")):
        hop = _read(text.strip())
        if hop is None:
            break
        nearest = hop
        if not _among(hop, trusted):
            break
    return str(nearest)


def network_of(address: str) -> str:
    """What one neighbour can choose addresses from: of IPv6 a /64, of IPv4 the address itself."""
    read = _read(address)
    if isinstance(read, IPv6Address):
        return str(IPv6Network((read, 64), strict=False))
    return str(read) if read is not None else address


def _read(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("[") and "]" in text:
        text = text[1 : text.index("]")]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _among(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
