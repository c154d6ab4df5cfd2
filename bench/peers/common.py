"""What the peers have in common: how they meet, and how they are counted."""

import sys
import time

PATIENCE_S = 20
# Operations between two looks at the clock.
TURNS = 100


def meet(arrived, lock, count):
    with lock:
        arrived.value += 1
    patience = time.perf_counter() + PATIENCE_S
    while arrived.value < count:
        if time.perf_counter() > patience:
            sys.exit("the others did not come")


def count_for(work, ms):
    start = end = time.perf_counter()
    count = 0
    while (end - start) * 1000 < ms:
        work()
        count += TURNS
        end = time.perf_counter()
    return count / (end - start)


def join(children):
    for child in children:
        child.join()
    if any(child.exitcode != 0 for child in children):
        sys.exit("a child failed")
