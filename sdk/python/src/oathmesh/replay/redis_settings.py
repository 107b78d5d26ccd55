"""Which Redis, in the words of the gateway's configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class RedisSettings:
    """One Redis that verifiers share.

    ``sentinel_nodes`` with ``sentinel_master`` make it a master found through Sentinel; otherwise
    it is the server at ``unix_socket`` or at ``host`` and ``port``. Times are milliseconds. Raises
    ``TypeError`` that names the field.
    """

    host: str = "127.0.0.1"
    port: int = 6379
    unix_socket: str | None = None
    #: ACL user; the default user when absent.
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    ssl: bool = False
    #: Verify the certificate of the server.
    ssl_verify: bool = True
    #: PEM file of the authorities to trust instead of the built-in ones.
    ca_file: str | None = None
    #: Bound on one claim, waiting included.
    timeout: int = 100
    #: Bound on establishing one connection, TLS included.
    connect_timeout: int = 1000
    sentinel_master: str | None = None
    sentinel_nodes: tuple[tuple[str, int], ...] = ()
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("timeout", "connect_timeout"):
            if getattr(self, name) <= 0:
                raise TypeError(f"redis.{name}: must be a positive number of milliseconds")
        if bool(self.sentinel_nodes) != bool(self.sentinel_master):
            raise TypeError("redis.sentinel_master: needed with sentinel_nodes, and the reverse")

    @classmethod
    def from_url(cls, url: str) -> RedisSettings:
        """``redis[s]://[user[:password]@]host[:port][/database]`` or ``unix:///path``.

        Raises ``TypeError``, which quotes nothing of the URL, for anything else.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 6379
        except ValueError:
            raise TypeError("redis: is not a URL") from None
        if parts.query or parts.fragment:
            raise TypeError("redis: the URL must be without query and fragment")
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        if parts.scheme == "unix" and parts.path:
            return cls(unix_socket=parts.path, username=username, password=password)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise TypeError(
                "redis: the URL must begin with redis://, rediss:// or unix:// and a host"
            )
        database = parts.path.lstrip("/")
        if database and not database.isdecimal():
            raise TypeError("redis: the path of the URL must be the number of the database")
        return cls(
            host=parts.hostname,
            port=port,
            username=username,
            password=password,
            database=int(database or 0),
            ssl=parts.scheme == "rediss",
        )
