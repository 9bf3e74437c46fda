"""Ends this process when the engine asks for it, and when the engine is gone, even after a kill -9 of the engine.

Two signs tell that it is gone, because each has a gap: the engine holds the writing end of our standard input, which
the kernel closes when it dies; and our parent changes. A parent-death signal (prctl) is not used: it fires when the
starting *thread* ends, and the engine's runtime may end threads in the middle of a run.
"""

import os
import select
import signal
import stat
import threading
import time
from collections.abc import Iterable

POLL_SECONDS = 0.5
WAKE_SECONDS = 0.05


def end_with_engine() -> None:
    """Start watching. Call first thing in the process, while the parent is still the engine."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), name="engine-watch", daemon=True).start()


def _watch(parent: int) -> None:
    poll = select.poll()
    if _stdin_is_pipe():
        poll.register(0, 0)  # no event asked for: POLLHUP and POLLERR come unasked
    while os.getppid() == parent and not poll.poll(POLL_SECONDS * 1000):
        pass
    end_at_once()


def _stdin_is_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(0).st_mode)
    except OSError:
        return False


def end_at_once() -> None:
    """Take everything we started along.

    At once, and not after the running calls: the next `up` may start any moment, and an operation still under way
    here would then race with it. What is cut off is found again by its marker.
    """
    if os.getpgrp() == os.getpid():  # the engine makes each plug-in the leader of its own group
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def interrupt_on(numbers: Iterable[signal.Signals]) -> None:
    """Raise KeyboardInterrupt in the main thread, once, when one of these signals comes. Call in the main thread.

    Python's own handling is not enough here: a signal that the kernel gives to one of gRPC's threads, or that comes
    just before the main thread starts to wait, does not end its wait. Seen in about one run of fifty: the engine then
    waited its full five seconds and killed us. The wake-up pipe is written from whatever thread gets the signal.
    """
    noticed: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if not noticed:
            noticed.append(number)
            raise KeyboardInterrupt

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in numbers:
        signal.signal(number, handle)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    main = threading.main_thread().ident

    def wake() -> None:
        os.read(reading, 1)
        while main is not None:
            time.sleep(WAKE_SECONDS)
            if noticed:
                return
            signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=wake, name="engine-interrupt", daemon=True).start()
