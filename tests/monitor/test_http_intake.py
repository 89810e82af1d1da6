"""HTTP against a real server: receipts after fsync, all faults at once, back-pressure, tokens."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.monitor.listening import T0, held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor.batch import Batch, Receipt
from tanlu.monitor.http_intake import HttpIntake, HttpListener, read_tokens
from tanlu.monitor.intake import Intake
from tanlu.monitor.ledger import Ledger

TOKEN = "a-token-of-the-plant"


def serving(
    ledger: Ledger,
    talk: Callable[[httpx.AsyncClient], Awaitable[None]],
    *,
    tokens: Path | None = None,
    capacity: int = 1000,
    largest: int = 100_000,
) -> None:
    async def run() -> None:
        async with Intake(ledger, capacity=capacity) as intake:
            senders = None if tokens is None else read_tokens(tokens, ledger.registry)
            listener = HttpListener(HttpIntake(intake, senders, largest))
            port = await listener.start("127.0.0.1", 0)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
                await talk(client)
            await listener.stop()

    asyncio.run(run())


def readings(first: int, count: int = 3, meter: str = "m1") -> list[dict[str, Any]]:
    return [{"meter": meter, "time": T0 + 900 * i, "value": i + 0.5} for i in range(first, first + count)]


def test_a_batch_is_answered_when_it_is_durable_and_taken_once(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:

        async def talk(client: httpx.AsyncClient) -> None:
            for duplicate in (False, True):
                answer = await client.post("/readings", json={"batch": "b1", "readings": readings(1)})
                assert answer.status_code == 200
                record = answer.json()
                assert (record["batch"], record["accepted"], record["duplicate"]) == ("b1", 3, duplicate)
                assert held(ledger) == {("m1", T0 + 900 * i): (100 * i + 50, 0) for i in (1, 2, 3)}

        serving(ledger, talk)


def test_documents_of_all_kinds_are_taken(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:

        async def talk(client: httpx.AsyncClient) -> None:
            lines = "\n".join(map(json.dumps, readings(1, 1)))
            table = f"meter,time,value\nm2,{T0 + 900},7\n"
            for text, kind in ((lines, "application/x-ndjson"), (table, "text/csv; charset=utf-8")):
                answer = await client.post(
                    "/readings?batch=b2", content=text, headers={"content-type": kind, "x-batch-id": kind[:4]}
                )
                assert (answer.status_code, answer.json()["batch"]) == (200, kind[:4])
            large = await client.post("/readings", json={"readings": readings(10, 5000, "m2")[:80]})
            assert large.status_code == 200
            assert len(held(ledger)) == 82

        serving(ledger, talk)


def test_a_batch_with_faults_is_refused_whole_with_all_of_them(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:

        async def talk(client: httpx.AsyncClient) -> None:
            rows = [*readings(1), {"meter": "mx", "time": T0, "value": 1}, {"meter": "m1", "time": "?", "value": 1}]
            for language, wanted in (("en", "the meter 'mx' is not registered"), ("zh", "计量器具“mx”未登记")):
                answer = await client.post("/readings", json=rows, headers={"accept-language": language})
                assert answer.status_code == 400
                problems = answer.json()["problems"]
                assert [(p["row"], p["field"]) for p in problems] == [(4, "meter"), (5, "time")]
                assert problems[0]["problem"] == wanted
            assert held(ledger) == {}
            status = (await client.get("/status")).json()
            assert status["protocols"]["http"]["refused"] == {"document": 2}

        serving(ledger, talk)
        assert ledger.aside.path.read_text(encoding="utf-8").count("\n") == 2


def test_what_cannot_be_a_batch_is_answered(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:

        async def talk(client: httpx.AsyncClient) -> None:
            kind = {"content-type": "application/xml"}
            chunks = (b"x" * 60_000 for _ in range(2))

            async def endless() -> Any:
                for chunk in chunks:
                    yield chunk

            asked = [
                (await client.post("/readings", content=b"<x/>", headers=kind), 415),
                (await client.post("/readings", content=b"x" * 100_001), 413),
                (await client.post("/readings", content=endless()), 413),
                (await client.get("/readings"), 405),
                (await client.get("/elsewhere"), 404),
                (await client.get("/health"), 200),
            ]
            assert [answer.status_code for answer, _ in asked] == [wanted for _, wanted in asked]

        serving(ledger, talk)


def test_a_full_queue_is_answered_with_429(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is slow the queue of 5 readings is full; what was taken is answered later, the rest is to come again."""
    with ledger_of(tmp_path) as ledger:
        gate = threading.Event()
        whole = ledger.append_many

        def slow(batches: list[Batch]) -> list[Receipt]:
            gate.wait(10)
            return whole(batches)

        monkeypatch.setattr(ledger, "append_many", slow)

        async def talk(client: httpx.AsyncClient) -> None:
            first = asyncio.create_task(client.post("/readings", json=readings(1, 5)))
            while not (await client.get("/status")).json()["waiting"]:
                await asyncio.sleep(0.005)
            refused = await client.post("/readings", json=readings(6, 1))
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            gate.set()
            assert (await first).status_code == 200
            assert (await client.post("/readings", json=readings(6, 1))).status_code == 200

        serving(ledger, talk, capacity=5)
        assert len(held(ledger)) == 6


def test_a_token_writes_the_meters_of_its_unit_only(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        tokens = tmp_path / "tokens.csv"
        tokens.write_text(f"name,token,unit\nPlant,{TOKEN},plant\nNobody,{TOKEN}-2,p/c\n", encoding="utf-8")
        other = tmp_path / "other.csv"
        other.write_text(f"name,token,unit\nPlant,{TOKEN},plant\n", encoding="utf-8")

        async def talk(client: httpx.AsyncClient) -> None:
            async def post(token: str) -> int:
                headers = {"authorization": f"Bearer {token}"} if token else {}
                return (await client.post("/readings", json=readings(1), headers=headers)).status_code

            assert [await post(t) for t in ("", "wrong", TOKEN)] == [401, 401, 200]
            assert (await client.get("/status")).status_code == 401

        serving(ledger, talk, tokens=tokens)
        assert len(held(ledger)) == 3


def test_meters_of_others_are_refused(tmp_path: Path) -> None:
    from tanlu.monitor.registry import Meter, Unit
    from tanlu.monitor.schema import MeterKind, UnitKind

    with ledger_of(tmp_path) as ledger:
        ledger.register(
            [Unit("other", 0, UnitKind.ENTERPRISE, "p/c", "他", "Other", "p/c")],
            [Meter("o1", 0, "other", "electricity", MeterKind.REGISTER, 900)],
        )
        tokens = tmp_path / "tokens.csv"
        tokens.write_text(f"name,token,unit\nPlant,{TOKEN},plant\n", encoding="utf-8")

        async def talk(client: httpx.AsyncClient) -> None:
            rows = [*readings(1), *readings(1, 1, "o1")]
            headers = {"authorization": f"Bearer {TOKEN}", "accept-language": "en"}
            answer = await client.post("/readings", json=rows, headers=headers)
            assert answer.status_code == 400
            assert [(p["row"], p["problem"]) for p in answer.json()["problems"]] == [
                (4, "the token may not write the meter 'o1'")
            ]

        serving(ledger, talk, tokens=tokens)


def test_all_faults_of_the_tokens_are_told(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        path = tmp_path / "tokens.csv"
        path.write_text(f"name,token,unit\nA,short,plant\nB,{TOKEN},nowhere\nC,{TOKEN},\n", encoding="utf-8")
        with pytest.raises(DataError) as error:
            read_tokens(path, ledger.registry)
        assert sorted(p.code for p in error.value.problems) == [
            "duplicate",
            "monitor_token_short",
            "monitor_token_unit",
        ]
        assert "short" not in error.value.problems[0].value
