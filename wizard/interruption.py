"""Ctrl-C, SIGTERM and SIGHUP: none is lost, and none breaks into what has to stay whole.

A signal is noted, then raised: KeyboardInterrupt for Ctrl-C, :class:`Terminated` for the others. It stays noted until
somebody takes it (:func:`skippable`) or the program ends, since Python drops what is raised in ``__del__`` or in the
callback of a weak reference. What was dropped is raised again, and what was swallowed is found by :func:`check` before
the next wait and at the end. A block under :data:`held` is not interrupted; the signal is raised when it is over.
"""

from __future__ import annotations

import signal
import sys
from _thread import get_ident
from time import monotonic

TYPE_CHECKING = False  # typing takes longer to import than all of this, and a signal may come meanwhile
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType
    from typing import Any, TypeVar

    Result = TypeVar("Result")

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Windows has no SIGHUP."""

AGAIN = 0.01
"""Seconds until a signal that Python dropped is raised once more."""

PATIENCE = 2.0
"""Seconds that cleaning up may take before a further signal breaks into it."""


class Terminated(SystemExit):
    """SIGTERM or SIGHUP. ``code`` is the exit code, 128 and the number, as a shell shows it."""


class _Gate:
    """``closed``: nothing is raised any more, the run is at its end. Setting it is one step that nothing interrupts.

    ``noted``: the first signal, None when there was none or somebody took it; ``raised_at``: when it was raised last.
    ``depth``: how many blocks are held. ``deliver``: who is told instead of raising (an event loop). ``thread``: the
    main one, where signals are raised; 0 before :func:`install`.
    """

    closed = False
    noted: int | None = None
    raised_at = 0.0
    depth = 0
    deliver: Callable[[], None] | None = None
    thread = 0


gate = _Gate()


def install() -> None:
    """Note signals from now on; they are raised once :func:`begin` has been called. A signal that the parent process
    ignores (nohup, a background job) stays ignored.
    """
    if gate.thread:
        return
    gate.thread, gate.closed = get_ident(), True
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _handle)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda _number, _frame: _raise_again())
    dropped = sys.unraisablehook
    sys.unraisablehook = lambda lost: _lost(lost, dropped)


def begin() -> None:
    """Raise signals from now on, first of all one that came before."""
    gate.closed = False
    check()


def end() -> None:
    """The process ends with the exit code that it has now; nothing is left that a signal could stop."""
    if gate.thread:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def exit_code() -> int | None:
    """The exit code of the signal that ends this run, or None."""
    return None if gate.noted is None else 128 + gate.noted


def check() -> None:
    """Raise the signal that came, if it is not to be held."""
    if gate.noted is not None and not gate.closed and not gate.depth and get_ident() == gate.thread:
        gate.raised_at = monotonic()
        raise _error()


def error() -> BaseException | None:
    """What is raised for the signal that came; None when there is none."""
    return None if gate.noted is None else _error()


class _Held:
    """A context that no signal breaks into; one that comes is raised at its end."""

    def __enter__(self) -> None:
        if get_ident() == gate.thread:
            gate.depth += 1

    def __exit__(self, kind: type[BaseException] | None, *_raised: object) -> None:
        if get_ident() != gate.thread:
            return
        gate.depth -= 1
        if kind is None or not issubclass(kind, KeyboardInterrupt | Terminated):
            check()


held = _Held()


class skippable:  # noqa: N801 - used as contextlib.suppress is
    """A context that Ctrl-C ends without ending more than that."""

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, *_raised: object) -> bool:
        if gate.noted == signal.SIGINT:
            gate.noted = None
            gate.raised_at = 0.0
        return kind is not None and issubclass(kind, KeyboardInterrupt)


class told:  # noqa: N801 - as above
    """A context in which ``deliver`` is called for a signal instead of raising it: for an event loop, whose own work
    must not be broken off. The signal is raised at the end.
    """

    def __init__(self, deliver: Callable[[], None]) -> None:
        self._deliver = deliver

    def __enter__(self) -> None:
        held.__enter__()
        if get_ident() == gate.thread:
            gate.deliver = self._deliver

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if get_ident() == gate.thread:
            gate.deliver = None
        held.__exit__(kind, *raised)


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """``asyncio.run``; a signal cancels the task and is raised once everything is closed."""
    import asyncio

    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    def cancel() -> None:
        for loop, task in running:
            loop.call_soon_threadsafe(task.cancel)

    async def cancellable() -> Result:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        if gate.noted is not None and not gate.closed:
            task.cancel()
        try:
            return await coroutine
        finally:
            running.clear()

    with told(cancel):
        return asyncio.run(cancellable())


def _error() -> BaseException:
    assert gate.noted is not None
    return KeyboardInterrupt() if gate.noted == signal.SIGINT else Terminated(128 + gate.noted)


def _handle(number: int, _frame: FrameType | None) -> None:
    if gate.noted is None:
        gate.noted, gate.raised_at = number, 0.0
    if gate.closed:
        return
    if gate.deliver is not None:
        gate.deliver()
    elif not gate.depth and (not gate.raised_at or monotonic() - gate.raised_at > PATIENCE):
        gate.raised_at = monotonic()
        raise _error()


def _lost(lost: Any, otherwise: Callable[[Any], Any]) -> None:
    """A signal that was raised where Python drops what is raised: it comes again a moment later, elsewhere."""
    if gate.noted is None or not issubclass(lost.exc_type, KeyboardInterrupt | Terminated):
        otherwise(lost)
    elif hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, AGAIN)
    else:
        import _thread
        import threading

        gate.raised_at = 0.0
        threading.Timer(AGAIN, _thread.interrupt_main).start()


def _raise_again() -> None:
    if gate.noted is not None:
        gate.raised_at = 0.0
        _handle(gate.noted, None)
