"""Real servers on loopback, and tokens minted now."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable

from vectors import BASE_CONFIG, KEYS

from oathmesh import Call, Denial, Verifier, mint
from oathmesh.keys.key_cache import KeyCache
from oathmesh.replay.redis_settings import RedisSettings
from oathmesh.replay.replay_store import ReplayStore
from oathmesh.verify.attempt import VerifierPorts
from oathmesh.verify.settings import read_settings


def fresh_token(**claims: object) -> str:
    """A token for the base configuration of the vectors, minted now."""
    iat = int(time.time())
    members = {
        "iss": "https://issuer.example.test",
        "sub": "agent://ci/deploy-bot",
        "aud": "https://inventory.internal",
        "act": "inventory.write",
        "iat": iat,
        "exp": iat + 120,
        "jti": str(uuid.uuid4()),
        **claims,
    }
    return mint(members, KEYS["trusted"])


def verifier_with(replay: ReplayStore, **config: object) -> Verifier:
    settings = read_settings({**BASE_CONFIG, **config})
    return Verifier(settings, VerifierPorts(KeyCache(settings.issuers, settings.keys), replay))


def present(verifier: Verifier, token: str) -> str:
    """What becomes of one presentation: ``allow``, ``degraded`` or the reason."""
    decision = verifier.verify(Call(authorization=(f"OathMesh {token}",)))
    if isinstance(decision.verdict, Denial):
        return decision.verdict.reason
    return "degraded" if decision.verdict.degraded else "allow"


def until(condition: Callable[[], bool], limit: float = 10.0) -> float:
    """Waits for something outside this process, and gives the seconds it took."""
    started_at = time.monotonic()
    while not condition():
        if time.monotonic() - started_at > limit:
            raise AssertionError(f"not within {limit} s")
        time.sleep(0.005)
    return time.monotonic() - started_at


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


# Redis goes when this process does, however that ends: the pipe to the shell then closes.
_SUPERVISED = '"$0" "$@" & echo $!; cat > /dev/null; kill -9 $! 2> /dev/null'


class RedisServer:
    """A redis-server process on a loopback port, with a directory of its own."""

    def __init__(
        self, *options: str, tls: Path | None = None, sentinel_of: int | None = None
    ) -> None:
        """``tls`` is a folder made by ``make_certificates``; ``sentinel_of`` is a master's port."""
        self.port = free_port()
        self._folder = tempfile.mkdtemp(prefix="om-redis-")
        self._cli: tuple[str, ...] = ()
        self._options: tuple[str, ...] = ("--save", "", "--appendonly", "no", *options)
        self._options += ("--unixsocket", f"{self._folder}/redis.sock")
        self._port: tuple[str, ...] = ("--port", str(self.port))
        if tls is not None:
            self._port = ("--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no")
            for option, name in (("cert", "tls.pem"), ("key", "tls.key"), ("ca-cert", "ca.pem")):
                self._options += (f"--tls-{option}-file", str(tls / name))
            self._cli = ("--tls", "--insecure")
        if sentinel_of is not None:
            file = Path(self._folder) / "sentinel.conf"
            file.write_text(
                f"sentinel monitor oathmesh 127.0.0.1 {sentinel_of} 1\n"
                "sentinel down-after-milliseconds oathmesh 500\n"
                "sentinel failover-timeout oathmesh 3000\n"
            )
            self._options = ("--sentinel",)
            self._port = (str(file), *self._port)
        self._shell: subprocess.Popen[str] | None = None
        self.pid = 0
        self.start()

    @property
    def settings(self) -> RedisSettings:
        return RedisSettings(port=self.port)

    def start(self) -> None:
        """Starts it, on the same port and with the same data if there was one before."""
        command = [
            "sh", "-c", _SUPERVISED, "redis-server", *self._port, "--bind", "127.0.0.1",
            "--dir", self._folder, "--logfile", f"{self._folder}/log", *self._options,
        ]  # fmt: skip
        self._shell = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._shell.stdout is None:
            raise AssertionError("no output")
        self.pid = int(self._shell.stdout.readline())
        until(lambda: self.cli("ping", check=False) != "")

    @property
    def unix_socket(self) -> str:
        return f"{self._folder}/redis.sock"

    def cli(self, *command: str, check: bool = True) -> str:
        run = subprocess.run(
            ["redis-cli", "-p", str(self.port), *self._cli, *command],
            capture_output=True,
            text=True,
            check=check,
            timeout=10,
        )
        return run.stdout.strip()

    def kill(self) -> None:
        """Ends the process at once and keeps its data."""
        shell, self._shell = self._shell, None
        if shell is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if shell.stdin is not None and shell.stdout is not None:
            shell.stdin.close()
            shell.stdout.close()
        shell.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Connected, and silent."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def make_certificates(folder: Path, names: str = "IP:127.0.0.1") -> Path:
    """An authority, and a certificate of it for ``names``, in a folder."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    # Python 3.13 and later verify by the letter of RFC 5280.
    (folder / "ext").write_text(
        f"subjectAltName={names}\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca"]
    openssl("req", "-x509", *key, *usage, *authority)
    openssl("req", *key, "-keyout", "tls.key", "-out", "csr", "-subj", "/CN=test")
    openssl(
        "x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-extfile", "ext", "-out", "tls.pem",
    )  # fmt: skip
    return folder


@dataclass
class Reply:
    """What an HTTP server answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(
            status, json.dumps(value).encode(), {"Content-Type": "application/json", **named}
        )


@dataclass
class Seen:
    """What an HTTP server was asked."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "")


Answer = Callable[[Seen], Reply]


class HttpServer:
    """A real server on loopback, whose answer a test may change at any time."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.seen: list[Seen] = []
        self.answer: Answer = answer or (lambda _seen: Reply())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                # self.path would be a repaired form of it.
                target = self.requestline.split(" ")[1]
                seen = Seen(self.command, target, dict(self.headers), body)
                server.seen.append(seen)
                reply = server.answer(seen)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: Any) -> None:
                pass

        for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            setattr(Handler, f"do_{method}", Handler.answer)
        return Handler


class RawServer:
    """Answers each connection by a function on its socket; for peers that keep to no rules."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.connections = 0
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self._answer(sock)


def read_request(sock: socket.socket) -> bytes:
    """The head of a request, and what came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            break
        data += chunk
    return data


def endless(sock: socket.socket) -> None:
    """A body without end, as fast as it goes."""
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        sock.sendall(b"x" * 65536)


def dripping(sock: socket.socket) -> None:
    """A byte now and then, for ever."""
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
    while True:
        time.sleep(0.05)
        sock.sendall(b" ")


def dripping_head(sock: socket.socket) -> None:
    """Header fields for ever."""
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        time.sleep(0.02)
        sock.sendall(b"X-Y: z\r\n")


def continuing(sock: socket.socket) -> None:
    """Asks to go on, for ever."""
    read_request(sock)
    while True:
        time.sleep(0.02)
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def silent(sock: socket.socket) -> None:
    """Reads, and says nothing."""
    read_request(sock)
    time.sleep(30)


def garbage(sock: socket.socket) -> None:
    """Not HTTP."""
    read_request(sock)
    sock.sendall(b"\x00\xff\r\n" * 100)


def closing(sock: socket.socket) -> None:
    """Hangs up."""
    read_request(sock)


def long_line(sock: socket.socket) -> None:
    """A header line without end."""
    read_request(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        sock.sendall(b"y" * 65536)
