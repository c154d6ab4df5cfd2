"""Tutorial programs with Python's multiprocessing, for `ipc-lab bench`.

    programs.py NAME fork|spawn     the whole program, for whoever holds the stopwatch
    programs.py start fork|spawn    milliseconds from start() to the child's first message
"""

import mmap
import multiprocessing
import sys
import tempfile
import time

PATIENCE_S = 20


def speak(silence):
    silence.release()


def start(context):
    silence = context.Lock()
    silence.acquire()
    requested_at = time.perf_counter()
    child = context.Process(target=speak, args=(silence,))
    child.start()
    if not silence.acquire(timeout=PATIENCE_S):
        sys.exit("the child did not speak")
    print("latency", (time.perf_counter() - requested_at) * 1000)
    child.join()


def change(number, numbers):
    number.value = 3.1415927
    for i in range(len(numbers)):
        numbers[i] = numbers[i] * numbers[i]


def program_value_array(context):
    number = context.Value("d", 0.0)
    numbers = context.Array("i", range(10))
    child = context.Process(target=change, args=(number, numbers))
    child.start()
    child.join()
    print(number.value)
    print(numbers[:])


def add(counter, lock, increments):
    with lock:
        for _ in range(increments):
            counter.value += 1


def square(numbers, lock):
    with lock:
        for i in range(len(numbers)):
            numbers[i] *= numbers[i]


def program_raw_counter(context):
    counter = context.RawValue("i", 0)
    numbers = context.RawArray("i", [1, 2, 3, 4, 5])
    lock = context.Lock()
    children = [
        context.Process(target=add, args=(counter, lock, 10_000)),
        context.Process(target=square, args=(numbers, lock)),
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print(counter.value)
    print(numbers[:])


def store(entries, i):
    entries[i] = i * i


def program_manager_dict(context):
    with context.Manager() as manager:
        entries = manager.dict()
        children = [context.Process(target=store, args=(entries, i)) for i in range(10)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        print(dict(sorted(entries.items())))


def greet(queue, times):
    queue.put("hello %d times" % times)


def program_queue_greetings(context):
    queue = context.Queue()
    for i in range(3):
        child = context.Process(target=greet, args=(queue, i))
        child.start()
        child.join()
    for _ in range(3):
        print(queue.get())


def write_text(path, text):
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[: len(text)] = text


def read_text(path):
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        print(memory[:].rstrip(b"\0").decode())


def program_mmap(context):
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(1024)
        for target, args in ((write_text, (file.name, b"Hello from the producer")), (read_text, (file.name,))):
            child = context.Process(target=target, args=args)
            child.start()
            child.join()


PROGRAMS = {
    "start": start,
    "value-array": program_value_array,
    "raw-counter": program_raw_counter,
    "manager-dict": program_manager_dict,
    "queue-greetings": program_queue_greetings,
    "mmap": program_mmap,
}


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](multiprocessing.get_context(sys.argv[2]))
