"""Which addresses may be asked: public ones over http and https, and no others.

A page can name any address, also one of this machine or its neighbours. A check of the *name* does not
help, since the name may answer differently a moment later (DNS rebinding). So a name is resolved once,
at the moment of connecting; every address it has is checked; and the connection goes to one of these,
not to the name again. TLS still proves the name, which httpcore takes from the request.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from scrapers.errors import FaultKind, ScrapeFailed

SCHEMES = {"http": 80, "https": 443}
#: RFC 6052: an IPv4 address in an IPv6 one, which a gateway unpacks again.
NAT64 = IPv6Network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, as the system gives them; OSError if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the open internet; also what an IPv6 address wraps."""
    number = ip_address(address.split("%")[0])
    if isinstance(number, IPv6Address):
        wrapped = number.ipv4_mapped or number.sixtofour or _behind_gateway(number)
        if wrapped:
            return is_public(str(wrapped))
        if number.teredo or number.is_site_local:  # the latter is out of use, and still local
            return False
    return number.is_global and not number.is_multicast and not number.is_reserved


def _behind_gateway(number: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(number) & 0xFFFFFFFF) if number in NAT64 else None


def host_and_port(url: str) -> tuple[str, int]:
    """The host in small letters and the port of an address.

    Raises ScrapeFailed(ADDRESS) for another scheme, no host, a name and password, or a bad port.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # of urlsplit: brackets or a port that cannot be read
        raise ScrapeFailed(FaultKind.ADDRESS, url, str(error)) from error
    if parts.scheme not in SCHEMES:
        raise ScrapeFailed(FaultKind.ADDRESS, url, f"scheme {parts.scheme!r}")
    if not parts.hostname or parts.username is not None:
        raise ScrapeFailed(FaultKind.ADDRESS, url, "no host, or a user name in the address")
    return parts.hostname, SCHEMES[parts.scheme] if port is None else port


class PublicOnly(httpcore2.NetworkBackend):
    """Connects to public addresses, and to the hosts that are explicitly allowed."""

    def __init__(self, resolve: Resolve, allowed: frozenset[str]) -> None:
        """``allowed`` holds ``host:port`` of what may be reached although it is not public."""
        self._resolve = resolve
        self._allowed = allowed
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host; ScrapeFailed(ADDRESS) if one is not public."""
        return self._backend.connect_tcp(
            self._checked(host, port), port, timeout, local_address, socket_options
        )

    def _checked(self, host: str, port: int) -> str:
        if f"{host}:{port}" in self._allowed:
            return host
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        for address in addresses:
            if not is_public(address):
                raise ScrapeFailed(FaultKind.ADDRESS, f"{host}:{port}", f"resolves to {address}")
        return addresses[0]
