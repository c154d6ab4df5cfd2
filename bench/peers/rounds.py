"""Round trips between processes with Python's multiprocessing, for `ipc-lab bench`: how many a second.

    rounds.py WHAT PROCESSES BYTES WARM_UP_MS WINDOW_MS
"""

import multiprocessing
import sys

from common import TURNS, count_for, join

context = multiprocessing.get_context("fork")


def count_rounds(go_round, warm_up_ms, window_ms):
    def go_rounds():
        for _ in range(TURNS):
            go_round()

    count_for(go_rounds, warm_up_ms)
    print("throughput", count_for(go_rounds, window_ms))


def answer_by_event(asked, answered, over):
    while True:
        asked.wait()
        if over.value:
            return
        asked.clear()
        answered.set()


def event(processes, size, *times):
    asked, answered, over = context.Event(), context.Event(), context.RawValue("i", 0)
    child = context.Process(target=answer_by_event, args=(asked, answered, over))
    child.start()

    def go_round():
        asked.set()
        answered.wait()
        answered.clear()

    count_rounds(go_round, *times)
    over.value = 1
    asked.set()
    join([child])


def answer_in_turn(condition, turn, over):
    while not over.value:
        with condition:
            condition.wait_for(lambda: turn.value == 1)
            turn.value = 0
            condition.notify()


def condition(processes, size, *times):
    condition, turn, over = context.Condition(), context.RawValue("i", 0), context.RawValue("i", 0)
    child = context.Process(target=answer_in_turn, args=(condition, turn, over))
    child.start()

    def go_round():
        with condition:
            turn.value = 1
            condition.notify()
            condition.wait_for(lambda: turn.value == 0)

    count_rounds(go_round, *times)
    with condition:
        over.value = 1
        turn.value = 1
        condition.notify()
    join([child])


def follow(barrier, last):
    number = 0
    while last.value != number or number == 0:
        barrier.wait()
        number += 1


def barrier(processes, size, *times):
    barrier, last = context.Barrier(processes), context.RawValue("i", 0)
    children = [context.Process(target=follow, args=(barrier, last)) for _ in range(processes - 1)]
    for child in children:
        child.start()
    number = 0

    def go_round():
        nonlocal number
        barrier.wait()
        number += 1

    count_rounds(go_round, *times)
    last.value = number + 1
    barrier.wait()
    join(children)


def echo(far):
    while message := far.recv_bytes():
        far.send_bytes(message)


def pipe(processes, size, *times):
    near, far = context.Pipe()
    child = context.Process(target=echo, args=(far,))
    child.start()
    message = bytes(size)

    def go_round():
        near.send_bytes(message)
        near.recv_bytes()

    count_rounds(go_round, *times)
    near.send_bytes(b"")
    join([child])


WHAT = {"event": event, "condition": condition, "barrier": barrier, "pipe": pipe}

if __name__ == "__main__":
    WHAT[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
