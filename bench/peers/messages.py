"""Bytes, messages and requests with Python's multiprocessing, for `ipc-lab bench`: how many a second.

    messages.py WHAT PROCESSES BYTES WARM_UP_MS WINDOW_MS
"""

import multiprocessing
import sys
from multiprocessing import shared_memory

from common import TURNS, count_for, join, meet

context = multiprocessing.get_context("fork")
# Blocks of a ring in shared memory.
BLOCKS = 8


def while_produced(children, take, warm_up_ms, window_ms):
    """Counts what one process takes while others produce, which may be blocked when it is over."""

    def take_all():
        for _ in range(TURNS):
            take()

    for child in children:
        child.start()
    count_for(take_all, warm_up_ms)
    print("throughput", count_for(take_all, window_ms))
    for child in children:
        child.kill()
        child.join()


def produce(queue, message):
    while True:
        queue.put(message)


def queue(make, producers, size, *times):
    queue = make()
    message = "hello 0 times" if size == 0 else bytes(size)
    while_produced([context.Process(target=produce, args=(queue, message)) for _ in range(producers)], queue.get, *times)


def send_all(writer, message):
    while True:
        writer.send_bytes(message)


def pipe(duplex, size, *times):
    reader, writer = context.Pipe(duplex)
    while_produced([context.Process(target=send_all, args=(writer, bytes(size)))], reader.recv_bytes, *times)


def fill(memory, size, free, full):
    block = bytes([1]) * size
    at = 0
    while True:
        free.acquire()
        memory.buf[at : at + size] = block
        full.release()
        at = (at + size) % (BLOCKS * size)


def ring(size, *times):
    memory = shared_memory.SharedMemory(create=True, size=BLOCKS * size)
    free, full = context.Semaphore(BLOCKS), context.Semaphore(0)
    block = bytearray(size)
    at = 0

    def take():
        nonlocal at
        full.acquire()
        block[:] = memory.buf[at : at + size]
        free.release()
        at = (at + size) % (BLOCKS * size)

    try:
        while_produced([context.Process(target=fill, args=(memory, size, free, full))], take, *times)
    finally:
        memory.close()
        memory.unlink()


def ask(what, entries, arrived, gate, clients, rates, index, warm_up_ms, window_ms):
    def set_all():
        for i in range(TURNS):
            entries["key"] = i

    def get_all():
        for _ in range(TURNS):
            entries["key"]

    work = set_all if what == "dict-set" else get_all
    meet(arrived, gate, clients)
    count_for(work, warm_up_ms)
    meet(arrived, gate, 2 * clients)
    rates[index] = count_for(work, window_ms)


def requests(what, clients, *times):
    with context.Manager() as manager:
        entries = manager.dict(key=0)
        arrived, gate, rates = context.RawValue("i", 0), context.Lock(), context.RawArray("d", clients)
        task = (what, entries, arrived, gate, clients, rates)
        children = [context.Process(target=ask, args=(*task, i, *times)) for i in range(clients)]
        for child in children:
            child.start()
        join(children)
        print("throughput", sum(rates))


def main(what, processes, size, *times):
    if what.startswith("dict"):
        requests(what, processes, *times)
    elif what.startswith("pipe"):
        pipe(what == "pipe-duplex", size, *times)
    elif what == "ring":
        ring(size, *times)
    else:
        queue(context.SimpleQueue if what == "simple-queue" else context.Queue, processes, size, *times)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
