"""Loops with Python's multiprocessing, for `ipc-lab bench`: a rate, and how fairly it was shared.

    loops.py NAME PROCESSES WARM_UP_MS WINDOW_MS
"""

import multiprocessing
import sys
import time

from common import join, meet

ELEMENTS = 1_000_000


def raw_value_lock(shared, times):
    counter, lock = shared["raw"], shared["lock"]
    for _ in range(times):
        lock.acquire()
        counter.value += 1
        lock.release()


def raw_value_with_lock(shared, times):
    counter, lock = shared["raw"], shared["lock"]
    for _ in range(times):
        with lock:
            counter.value += 1


def value_get_lock(shared, times):
    counter = shared["value"]
    for _ in range(times):
        with counter.get_lock():
            counter.value += 1


def acquire_release(shared, times):
    lock = shared["lock"]
    for _ in range(times):
        lock.acquire()
        lock.release()


def semaphore(shared, times):
    semaphore = shared["semaphore"]
    for _ in range(times):
        semaphore.acquire()
        semaphore.release()


def raw_value(shared, times):
    counter = shared["raw"]
    for _ in range(times):
        counter.value += 1


def array_elements(shared, times):
    numbers = shared["array"]
    with numbers.get_lock():
        for i in range(times):
            numbers[i] = numbers[i] * numbers[i]


def array_get_obj(shared, times):
    with shared["array"].get_lock():
        numbers = shared["array"].get_obj()
        for i in range(times):
            numbers[i] = numbers[i] * numbers[i]


def refill(shared):
    numbers = shared["array"].get_obj()
    numbers[:] = [i % 1000 for i in range(len(numbers))]


# name: the loop, how many operations one call does, what goes before each call and is not timed
LOOPS = {
    "raw-value-lock": (raw_value_lock, 1000, None),
    "raw-value-with-lock": (raw_value_with_lock, 1000, None),
    "value-get-lock": (value_get_lock, 1000, None),
    "acquire-release": (acquire_release, 10_000, None),
    "semaphore": (semaphore, 1000, None),
    "raw-value": (raw_value, 10_000, None),
    "array-elements": (array_elements, ELEMENTS, refill),
    "array-get-obj": (array_get_obj, ELEMENTS, refill),
}


def repeat_for(name, shared, ms):
    loop, times, prepare = LOOPS[name]
    count = 0
    start = end = time.perf_counter()
    while True:
        if prepare is not None:
            prepare(shared)
            start += time.perf_counter() - end
        loop(shared, times)
        count += times
        end = time.perf_counter()
        if (end - start) * 1000 >= ms:
            return start, end, count


def repeat(index, name, shared, processes, arrived, gate, windows, warm_up_ms, window_ms):
    meet(arrived, gate, processes)
    repeat_for(name, shared, warm_up_ms)
    meet(arrived, gate, 2 * processes)
    windows[3 * index : 3 * index + 3] = repeat_for(name, shared, window_ms)


def measure_loop(name, processes, warm_up_ms, window_ms):
    context = multiprocessing.get_context("fork")
    shared = {
        "raw": context.RawValue("i", 0),
        "value": context.Value("i", 0),
        "lock": context.Lock(),
        "semaphore": context.Semaphore(1),
        "array": context.Array("i", ELEMENTS if name.startswith("array") else 1),
    }
    arrived, gate, windows = context.RawValue("i", 0), context.Lock(), context.RawArray("d", 3 * processes)
    task = (name, shared, processes, arrived, gate, windows, warm_up_ms, window_ms)
    children = [context.Process(target=repeat, args=(i, *task)) for i in range(processes)]
    for child in children:
        child.start()
    join(children)
    counts = windows[2::3]
    print("throughput", sum(counts) / (max(windows[1::3]) - min(windows[0::3])))
    print("fairness", min(counts) / max(counts))


if __name__ == "__main__":
    measure_loop(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
