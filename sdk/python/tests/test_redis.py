from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from kit import RedisServer, fresh_token, make_certificates, present, until, verifier_with

from oathmesh import Call, Verifier
from oathmesh.redis import RedisReplay, RedisSettings
from oathmesh.replay.record_key import record_keys, sharded_keys
from oathmesh.replay.record_lifetime import record_lifetime
from oathmesh.replay.replay_store import TokenUse

# Long enough for a busy machine: what is tested here is not how fast Redis is.
PATIENT = 5000


def settings_of(server: RedisServer, timeout: int = PATIENT) -> RedisSettings:
    return RedisSettings(port=server.port, timeout=timeout)


def opened(server: RedisServer, timeout: int = PATIENT) -> RedisReplay:
    replay = RedisReplay(settings_of(server, timeout))
    replay.open()
    return replay


def a_token(**claims: object) -> str:
    """A token that was issued after the history of a Redis that has just begun."""
    return fresh_token(iat=int(time.time()) + 5, exp=int(time.time()) + 125, **claims)


@pytest.fixture
def replay(shared_redis: RedisServer) -> Iterator[RedisReplay]:
    shared_redis.cli("flushall")
    replay = opened(shared_redis)
    yield replay
    replay.close()


@pytest.fixture
def verifier(replay: RedisReplay) -> Verifier:
    return verifier_with(replay.store(), deadline_ms=10_000)


USE = TokenUse(
    issuer="https://issuer.example.test",
    token_id="550e8400-e29b-41d4-a716-446655440000",
    subject="svc://a",
    issued_at=1000,
    acceptable_until=1150,
    leeway=30,
    token="t",
)


class TestKeys:
    def test_are_those_of_the_gateway(self) -> None:
        # What recordKeys and shardedKeys of the gateway's core give.
        digest = "JU6EPiHf0XCqho5NDMJkyJSTvWm4ohg_Tcc_eNyRxOw"
        assert record_keys(USE, "hashed") == (f"oathmesh:replay:{digest}", "oathmesh:replay:epoch")
        assert record_keys(USE, "jti").record == f"oathmesh:replay:{USE.token_id}"
        assert sharded_keys(USE) == (
            f"oathmesh:replay:{{25}}:{digest}",
            "oathmesh:replay:epoch:{25}",
        )

    def test_of_an_id_that_no_encoding_can_hold_are_those_of_the_gateway(self) -> None:
        digest = "X9Ah7UlegtEElt5E2Nq2Fb9LYqGGfxQeHOAW7OiNQnA"
        use = replace(USE, token_id="x\ud800")
        assert record_keys(use, "hashed").record == f"oathmesh:replay:{digest}"

    def test_of_an_id_called_epoch_is_not_the_epoch(self) -> None:
        keys = record_keys(replace(USE, token_id="epoch"), "jti")
        assert keys.record != keys.epoch

    @pytest.mark.parametrize(
        ("now", "seconds"), [(1000.0, 180), (1000.25, 180), (1001.0, 179), (1500.0, 1)]
    )
    def test_live_until_the_slowest_clock_refuses_the_token(self, now: float, seconds: int) -> None:
        assert record_lifetime(USE, now) == seconds

    def test_stand_in_redis_with_that_lifetime(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        token = a_token(jti="one")
        assert present(verifier, token) == "allow"
        names = set(shared_redis.cli("keys", "*").split())
        record = record_keys(TokenUse(USE.issuer, "one", "", 0, 0, 0, ""), "hashed").record
        assert names == {record, "oathmesh:replay:epoch"}
        # exp is 125 s from now, and the leeway 30.
        assert 180_000 < int(shared_redis.cli("pttl", record)) <= 186_000
        mark = shared_redis.cli("get", "oathmesh:replay:epoch").split()
        assert mark[1] in shared_redis.cli("info", "server")

    def test_may_be_bare_ids(self, replay: RedisReplay, shared_redis: RedisServer) -> None:
        verifier = verifier_with(replay.store(key_format="jti"), deadline_ms=10_000)
        assert present(verifier, a_token(jti="bare")) == "allow"
        assert shared_redis.cli("get", "oathmesh:replay:bare") == "1"

    def test_hold_ids_that_no_encoding_can(
        self, replay: RedisReplay, shared_redis: RedisServer
    ) -> None:
        verifier = verifier_with(replay.store(key_format="jti"), deadline_ms=10_000)
        token = a_token(jti="x\ud800")
        assert present(verifier, token) == "allow"
        assert present(verifier, token) == "jti_replay"


class TestReplay:
    def test_is_refused(self, verifier: Verifier) -> None:
        token = a_token()
        assert [present(verifier, token) for _ in range(3)] == ["allow"] + ["jti_replay"] * 2

    def test_of_one_issuers_id_by_another_is_none(self, verifier: Verifier) -> None:
        from vectors import KEYS

        from oathmesh import mint

        assert present(verifier, a_token(jti="shared")) == "allow"
        iat = int(time.time()) + 5
        other = {
            "iss": "https://second.example.test", "sub": "svc://b", "act": "a", "jti": "shared",
            "aud": "https://inventory.internal", "iat": iat, "exp": iat + 60,
        }  # fmt: skip
        assert present(verifier, mint(other, KEYS["second"])) == "allow"

    def test_race_of_many_threads_has_one_winner(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        others = opened(shared_redis)
        verifiers = [verifier, verifier_with(others.store(), deadline_ms=10_000)]
        for _ in range(5):
            token = a_token()
            start = threading.Barrier(32)

            def race(at: int, token: str = token, start: threading.Barrier = start) -> str:
                start.wait()
                return present(verifiers[at % 2], token)

            with ThreadPoolExecutor(32) as pool:
                outcomes = sorted(pool.map(race, range(32)))
            assert outcomes == ["allow"] + ["jti_replay"] * 31
        others.close()

    def test_race_of_two_processes_has_one_winner(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        tokens = [a_token() for _ in range(50)]
        assert present(verifier, a_token()) == "allow"  # the parent has connections to inherit
        read, write = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover - another process
            os.write(write, bytes(present(verifier, token) == "allow" for token in tokens))
            os._exit(0)
        ours = [present(verifier, token) == "allow" for token in tokens]
        os.close(write)
        theirs = b""
        while chunk := os.read(read, 100):
            theirs += chunk
        os.close(read)
        os.waitpid(child, 0)
        assert [our + bool(their) for our, their in zip(ours, theirs)] == [1] * 50

    def test_is_refused_though_redis_has_evicted_the_record(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        token = a_token(jti="evicted")
        assert present(verifier, token) == "allow"
        for name in shared_redis.cli("keys", "oathmesh:replay:[^e]*").split():
            shared_redis.cli("del", name)
        assert present(verifier, token) == "jti_replay"

    @pytest.mark.parametrize("async_calls", [1, 40])
    def test_is_refused_to_an_event_loop(self, verifier: Verifier, async_calls: int) -> None:
        import asyncio

        call = Call((f"OathMesh {a_token()}",))

        async def race() -> list[bool]:
            calls = (verifier.verify_async(call) for _ in range(async_calls))
            return [decision.caller is not None for decision in await asyncio.gather(*calls)]

        assert sum(asyncio.run(race())) == 1
        assert verifier.verify(call).caller is None


class TestRevocation:
    def test_refuses_and_does_not_spend_the_id(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        token = a_token(sub="svc://revoked")
        shared_redis.cli("hset", "oathmesh:revocations", "svc://revoked", "2026-01-01T00:00:00Z")
        assert present(verifier, token) == "subject_revoked"
        assert present(verifier, a_token(sub="svc://other")) == "allow"
        shared_redis.cli("hdel", "oathmesh:revocations", "svc://revoked")
        assert present(verifier, token) == "allow"

    def test_is_not_asked_about_where_it_is_off(
        self, replay: RedisReplay, shared_redis: RedisServer
    ) -> None:
        verifier = verifier_with(replay.store(revocation=False), deadline_ms=10_000)
        shared_redis.cli("hset", "oathmesh:revocations", "svc://revoked", "x")
        assert present(verifier, a_token(sub="svc://revoked")) == "allow"


class TestARedisThatForgot:
    @pytest.mark.parametrize("how", ["flushall", "flushdb", "delete the epoch"])
    def test_never_takes_a_used_token_again(
        self, verifier: Verifier, replay: RedisReplay, shared_redis: RedisServer, how: str
    ) -> None:
        used, unused = fresh_token(), fresh_token()
        late = a_token()
        until(lambda: present(verifier, fresh_token()) == "allow")
        assert present(verifier, late) == "allow"
        if how == "delete the epoch":
            names = shared_redis.cli("keys", "*").split()
            shared_redis.cli("del", *names)
        else:
            shared_redis.cli(how)
        assert present(verifier, used) == "replay_history_unknown"
        assert present(verifier, unused) == "replay_history_unknown"
        # Issued later than the history begins, yet known to this process.
        assert present(verifier, late) in ("replay_history_unknown", "jti_replay")
        until(lambda: present(verifier, a_token()) == "allow")

    def test_tells_other_processes_as_well(
        self, verifier: Verifier, shared_redis: RedisServer
    ) -> None:
        other = opened(shared_redis)
        behind = verifier_with(other.store(), deadline_ms=10_000)
        used, also_used = a_token(), a_token()
        assert present(verifier, used) == "allow"
        assert present(verifier, also_used) == "allow"
        shared_redis.cli("flushall")
        # Whoever comes first sees no epoch and begins one after the newest token it knows of.
        assert present(verifier, used) == "replay_history_unknown"
        assert present(behind, also_used) == "replay_history_unknown"
        other.close()

    def test_by_a_restart_is_noticed_though_its_records_are_back(
        self, redis_server: RedisServer
    ) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        until(lambda: present(verifier, fresh_token()) == "allow")
        snapshot = fresh_token()
        assert present(verifier, snapshot) == "allow"
        redis_server.cli("save")
        lost, also_lost = fresh_token(), fresh_token()
        assert present(verifier, lost) == "allow"
        assert present(verifier, also_lost) == "allow"
        redis_server.kill()
        redis_server.start()
        other = opened(redis_server)
        fresh = verifier_with(other.store(), deadline_ms=10_000)
        # A process that has never seen the first server, and one that has.
        assert present(fresh, lost) == "replay_history_unknown"
        until(lambda: present(verifier, also_lost) in ("replay_history_unknown", "jti_replay"))
        assert present(verifier, snapshot) in ("jti_replay", "replay_history_unknown")
        replay.close()
        other.close()


class TestRedisAway:
    def test_lets_what_was_verified_a_moment_ago_pass_and_nothing_else(
        self, redis_server: RedisServer
    ) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        strict = verifier_with(replay.store(known_good_window=0), deadline_ms=10_000)
        known, other = a_token(), a_token(aud="https://inventory.internal")
        assert present(verifier, known) == "allow"
        redis_server.kill()
        until(lambda: present(verifier, known) == "degraded")
        assert present(verifier, known) == "degraded"
        assert present(verifier, other) == "replay_store_unavailable"
        assert present(strict, known) == "replay_store_unavailable"
        assert present(verifier, known[:-2] + ("AA" if known[-2:] != "AA" else "BA")) in (
            "bad_signature",
            "signature_encoding",
        )
        redis_server.start()
        until(lambda: present(verifier, a_token()) == "allow")
        assert present(verifier, known) in ("jti_replay", "replay_history_unknown")
        replay.close()

    def test_keeps_the_window_from_a_token_that_was_refused_as_used(
        self, redis_server: RedisServer
    ) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        used, known = a_token(), a_token()
        assert present(verifier, used) == "allow"
        assert present(verifier, known) == "allow"
        assert present(verifier, used) == "jti_replay"
        redis_server.kill()
        until(lambda: present(verifier, known) == "degraded")
        assert present(verifier, used) == "replay_store_unavailable"
        replay.close()

    def test_remembers_who_was_revoked(self, redis_server: RedisServer) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        first, second, known = (
            a_token(sub="svc://a"),
            a_token(sub="svc://a"),
            a_token(sub="svc://b"),
        )
        assert present(verifier, first) == "allow"
        assert present(verifier, known) == "allow"
        redis_server.cli("hset", "oathmesh:revocations", "svc://a", "now")
        assert present(verifier, second) == "subject_revoked"
        redis_server.kill()
        until(lambda: present(verifier, known) == "degraded")
        assert present(verifier, first) == "subject_revoked"
        replay.close()

    @pytest.mark.parametrize("milliseconds", [50, 130, 400, 900])
    def test_is_not_concluded_from_a_pause(
        self, redis_server: RedisServer, milliseconds: int
    ) -> None:
        replay = opened(redis_server, timeout=100)
        verifier = verifier_with(replay.store())
        used = a_token()
        until(lambda: present(verifier, a_token()) == "allow")
        assert present(verifier, used) in ("allow", "replay_store_unavailable")
        redis_server.cli("client", "pause", str(milliseconds), "all")
        with ThreadPoolExecutor(30) as pool:
            outcomes = set(pool.map(lambda _: present(verifier, used), range(60)))
        assert outcomes <= {"jti_replay", "replay_store_unavailable", "deadline_exceeded"}
        until(lambda: present(verifier, used) == "jti_replay")
        until(lambda: present(verifier, a_token()) == "allow")
        replay.close()

    def test_is_concluded_from_silence_and_ends_with_an_answer(
        self, redis_server: RedisServer
    ) -> None:
        replay = opened(redis_server, timeout=100)
        verifier = verifier_with(replay.store())
        known = a_token()
        until(lambda: present(verifier, known) in ("allow", "jti_replay"))
        known = a_token()
        assert present(verifier, known) == "allow"
        with redis_server.frozen():
            assert present(verifier, known) == "replay_store_unavailable"
            until(lambda: present(verifier, known) == "degraded", 20)
            assert present(verifier, a_token()) == "replay_store_unavailable"
        until(lambda: present(verifier, known) == "jti_replay", 20)
        until(lambda: present(verifier, a_token()) == "allow", 20)
        replay.close()

    def test_is_not_concluded_from_an_answer_that_refuses(self, redis_server: RedisServer) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        known = a_token()
        assert present(verifier, known) == "allow"
        redis_server.cli("config", "set", "maxmemory", "1")
        for _ in range(20):
            assert present(verifier, known) in ("replay_store_unavailable", "jti_replay")
            assert present(verifier, a_token()) == "replay_store_unavailable"
        assert replay.availability.away is False
        redis_server.cli("config", "set", "maxmemory", "0")
        assert present(verifier, a_token()) == "allow"
        replay.close()

    def test_is_not_concluded_from_one_lost_connection(self, redis_server: RedisServer) -> None:
        replay = opened(redis_server)
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        known = a_token()
        assert present(verifier, known) == "allow"
        for _ in range(5):
            redis_server.cli("client", "kill", "type", "normal")
            assert present(verifier, known) in ("jti_replay", "replay_store_unavailable")
            assert replay.availability.away is False
        until(lambda: present(verifier, a_token()) == "allow")
        replay.close()

    def test_from_the_start_refuses_in_time(self) -> None:
        from kit import free_port

        replay = RedisReplay(RedisSettings(port=free_port()))
        replay.open()
        verifier = verifier_with(replay.store())
        assert present(verifier, a_token()) == "replay_store_unavailable"
        replay.close()


class TestConnections:
    def test_go_to_a_password_a_database_and_a_socket(self) -> None:
        server = RedisServer(
            "--user",
            *[
                "default",
                "on",
                "nopass",
                "~*",
                "+@all",
                "--user",
                "app",
                "on",
                ">pa:ss",
                "~*",
                "+@all",
            ],
        )
        urls = [
            f"redis://app:pa%3Ass@127.0.0.1:{server.port}/3",
            f"unix://{server.unix_socket}",
        ]
        for url in urls:
            replay = RedisReplay(url)
            replay.open()
            verifier = verifier_with(replay.store(), deadline_ms=10_000)
            until(lambda verifier=verifier: present(verifier, a_token()) == "allow")  # type: ignore[misc]
            replay.close()
        assert server.cli("-n", "3", "dbsize") == "2"
        server.stop()

    def test_are_encrypted_and_know_the_server(self, tmp_path: Path) -> None:
        folder = make_certificates(tmp_path)
        server = RedisServer(tls=folder)
        known = RedisSettings(
            port=server.port, ssl=True, ca_file=f"{folder}/ca.pem", timeout=PATIENT
        )
        for settings, trusted in (
            (known, True),
            (replace(known, ssl_verify=False, ca_file=None), True),
            (replace(known, ca_file=None), False),
            (replace(known, ssl=False), False),
        ):
            replay = RedisReplay(settings)
            replay.open()
            verifier = verifier_with(replay.store(), deadline_ms=10_000)
            outcome = present(verifier, a_token())
            assert (outcome == "allow") == trusted, (settings, outcome)
            replay.close()
        server.stop()

    def test_to_a_server_of_another_name_are_none(self, tmp_path: Path) -> None:
        folder = make_certificates(tmp_path, "DNS:elsewhere.test")
        server = RedisServer(tls=folder)
        settings = RedisSettings(port=server.port, ssl=True, ca_file=f"{folder}/ca.pem")
        replay = RedisReplay(settings)
        replay.open()
        assert present(verifier_with(replay.store()), a_token()) == "replay_store_unavailable"
        replay.close()
        server.stop()

    def test_follow_sentinel_to_the_new_master(self) -> None:
        master = RedisServer("--repl-diskless-sync-delay", "0")
        replica = RedisServer("--replicaof", "127.0.0.1", str(master.port))
        until(lambda: "master_link_status:up" in replica.cli("info", "replication"))
        sentinel = RedisServer(sentinel_of=master.port)
        until(lambda: str(replica.port) in sentinel.cli("sentinel", "replicas", "oathmesh"), 30)
        replay = RedisReplay(
            RedisSettings(
                sentinel_master="oathmesh",
                sentinel_nodes=(("127.0.0.1", sentinel.port),),
                timeout=PATIENT,
            )
        )
        replay.open()
        verifier = verifier_with(replay.store(), deadline_ms=10_000)
        used = a_token()
        assert present(verifier, used) == "allow"
        master.kill()
        until(lambda: replica.cli("role").startswith("master"), 60)
        until(lambda: present(verifier, a_token()) == "allow", 60)
        assert present(verifier, used) in ("jti_replay", "replay_history_unknown")
        assert int(replica.cli("dbsize")) >= 2
        replay.close()
        for server in (sentinel, replica, master):
            server.stop()

    @pytest.mark.parametrize("password", ["wrong", "x9y8z7\r\nFLUSHALL\r\n"])
    def test_with_a_wrong_password_refuse_and_repeat_it_nowhere(
        self, password: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = RedisServer("--requirepass", "right-password")
        server.cli("-a", "right-password", "set", "kept", "1")
        settings = RedisSettings(port=server.port, password=password)
        replay = RedisReplay(settings)
        replay.open()
        assert present(verifier_with(replay.store()), a_token()) == "replay_store_unavailable"
        assert replay.availability.away is False
        assert password not in repr(settings)
        assert password.split("\r")[0] not in caplog.text
        assert "WRONGPASS" in caplog.text or "invalid" in caplog.text.lower()
        assert "1" in server.cli("-a", "right-password", "get", "kept")
        replay.close()
        server.stop()

    def test_warn_of_a_server_that_may_forget(self, caplog: pytest.LogCaptureFixture) -> None:
        server = RedisServer("--maxmemory-policy", "allkeys-lru")
        replay = RedisReplay(server.settings)
        for _ in range(2):
            replay.open()
        assert caplog.text.count("set maxmemory-policy to noeviction") == 1
        replay.close()
        server.stop()

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1",
            "redis://",
            "redis://host/x",
            "redis://host:99999",
            "redis://host?db=1",
            "unix://",
            "s3cret",
        ],
    )
    def test_to_no_redis_url_are_refused_unquoted(self, url: str) -> None:
        with pytest.raises(TypeError, match="^redis: ") as caught:
            RedisReplay(url)
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("choice", "field"),
        [
            ({"key_format": "plain"}, "replay.key_format"),
            ({"known_good_window": 61}, "replay.known_good_window"),
            ({"known_good_window": -1}, "replay.known_good_window"),
        ],
    )
    def test_name_the_choice_at_fault(self, choice: dict[str, object], field: str) -> None:
        with pytest.raises(TypeError, match=field):
            RedisReplay("redis://127.0.0.1").store(**choice)  # type: ignore[arg-type]
