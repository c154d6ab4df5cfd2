"""The same work with Python's multiprocessing, for `ipc-lab bench`. Prints lines of a metric and a number.

    peers.py loop NAME PROCESSES WARM_UP_MS WINDOW_MS    a rate, and how fairly it was shared
    peers.py messages WHAT PROCESSES BYTES WARM_UP_MS WINDOW_MS    messages or requests a second
    peers.py start fork|spawn                            milliseconds from start() to the child's first message
    peers.py program NAME fork|spawn                     a whole tutorial program, for whoever holds the stopwatch
"""

import mmap
import multiprocessing
import sys
import tempfile
import time

ELEMENTS = 1_000_000
PATIENCE_S = 20


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


def meet(arrived, lock, count):
    with lock:
        arrived.value += 1
    patience = time.perf_counter() + PATIENCE_S
    while arrived.value < count:
        if time.perf_counter() > patience:
            sys.exit("the others did not come")


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
        "array": context.Array("i", ELEMENTS if name.startswith("array") else 1),
    }
    arrived, gate, windows = context.RawValue("i", 0), context.Lock(), context.RawArray("d", 3 * processes)
    task = (name, shared, processes, arrived, gate, windows, warm_up_ms, window_ms)
    children = [context.Process(target=repeat, args=(i, *task)) for i in range(processes)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode != 0 for child in children):
        sys.exit("a child failed")
    counts = windows[2::3]
    print("throughput", sum(counts) / (max(windows[1::3]) - min(windows[0::3])))
    print("fairness", min(counts) / max(counts))


def produce(queue, message, over):
    while over.value == 0:
        for _ in range(100):
            queue.put(message)


def count_for(work, ms):
    start = end = time.perf_counter()
    count = 0
    while (end - start) * 1000 < ms:
        work()
        count += 100
        end = time.perf_counter()
    return count / (end - start)


def measure_queue(kind, producers, size, warm_up_ms, window_ms):
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue() if kind == "simple-queue" else context.Queue()
    over = context.RawValue("i", 0)
    message = "hello 0 times" if size == 0 else bytes(size)
    children = [context.Process(target=produce, args=(queue, message, over)) for _ in range(producers)]
    for child in children:
        child.start()

    def take():
        for _ in range(100):
            queue.get()

    count_for(take, warm_up_ms)
    rate = count_for(take, window_ms)
    over.value = 1
    for child in children:
        child.kill()
        child.join()
    print("throughput", rate)


def ask(what, entries, arrived, gate, clients, rates, index, warm_up_ms, window_ms):
    def set_all():
        for i in range(100):
            entries["key"] = i

    def get_all():
        for _ in range(100):
            entries["key"]

    work = set_all if what == "dict-set" else get_all
    meet(arrived, gate, clients)
    count_for(work, warm_up_ms)
    meet(arrived, gate, 2 * clients)
    rates[index] = count_for(work, window_ms)


def measure_manager(what, clients, warm_up_ms, window_ms):
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        entries = manager.dict(key=0)
        arrived, gate, rates = context.RawValue("i", 0), context.Lock(), context.RawArray("d", clients)
        task = (what, entries, arrived, gate, clients, rates)
        children = [context.Process(target=ask, args=(*task, i, warm_up_ms, window_ms)) for i in range(clients)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        if any(child.exitcode != 0 for child in children):
            sys.exit("a child failed")
        print("throughput", sum(rates))


def measure_messages(what, processes, size, warm_up_ms, window_ms):
    if what.startswith("dict"):
        measure_manager(what, processes, warm_up_ms, window_ms)
    else:
        measure_queue(what, processes, size, warm_up_ms, window_ms)


def speak(silence):
    silence.release()


def measure_start(method):
    context = multiprocessing.get_context(method)
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
    "value-array": program_value_array,
    "raw-counter": program_raw_counter,
    "manager-dict": program_manager_dict,
    "queue-greetings": program_queue_greetings,
    "mmap": program_mmap,
}


def main(what, *rest):
    if what == "loop":
        name, processes, warm_up_ms, window_ms = rest
        measure_loop(name, int(processes), float(warm_up_ms), float(window_ms))
    elif what == "messages":
        name, processes, size, warm_up_ms, window_ms = rest
        measure_messages(name, int(processes), int(size), float(warm_up_ms), float(window_ms))
    elif what == "start":
        measure_start(*rest)
    elif what == "program":
        name, method = rest
        PROGRAMS[name](multiprocessing.get_context(method))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
