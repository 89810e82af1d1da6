"""Turns: first come, first served; who waits too long is told; nobody is let in beside another."""

from __future__ import annotations

import threading
import time

from tanlu.records.turns import Turns


def test_who_came_first_is_let_in_first() -> None:
    turns, order, threads = Turns(), list[int](), list[threading.Thread]()
    assert turns.take(0)

    def work(number: int) -> None:
        assert turns.take(30)
        order.append(number)
        turns.give()

    for number in range(8):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) < number + 1:
            time.sleep(0.001)
    turns.give()
    for thread in threads:
        thread.join(30)
    assert order == list(range(8))
    assert turns.take(0), "nobody holds it any more"


def test_who_waits_in_vain_leaves_the_queue() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0) and not turns.take(0)


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        for _ in range(200):
            assert turns.take(30)
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1
            turns.give()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1] and inside == [0]
