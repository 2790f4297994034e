"""Records what is observed while it happens: at any moment the observation is whole, so a deadline loses nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from wizard.model.diagnosis import Certificate, LoginAttempt, Observation, Rung, RungName, RungStatus, Target
from wizard.model.secret import without
from wizard.model.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.model.secret import Secret
    from wizard.net.failures import Failure

_DEADLINE = "timeout"


class Recorder:
    """The observation of one target as it grows. ``secrets``: what no text of a server may repeat.

    ``on_rung`` is called with each rung that has ended.
    """

    def __init__(
        self,
        target: Target,
        *,
        on_rung: Callable[[Target, Rung], None] | None = None,
        secrets: tuple[Secret, ...] = (),
    ) -> None:
        self.observation = Observation(target=target)
        """All that was seen so far, as it came."""
        self._on_rung, self._secrets = on_rung, secrets
        self._rung: RungName | None = None
        self._started = 0.0

    @property
    def target(self) -> Target:
        return self.observation.target

    def record(self, **values: Any) -> None:
        """Fields of the observation, by name; TypeError for one that there is not."""
        self.observation = replace(self.observation, **values)

    def record_extra(self, **facts: str) -> None:
        """Further facts, by the names that :class:`~wizard.model.diagnosis.Observation` lists."""
        self.record(extra={**self.observation.extra, **facts})

    def start(self, rung: RungName) -> None:
        """The rung starts now."""
        self._rung, self._started = rung, monotonic()

    def passed(self, detail: str = "") -> None:
        """The rung has succeeded."""
        self._end(RungStatus.OK, detail)

    def skipped(self, rung: RungName) -> None:
        """A rung that is not tried."""
        self.start(rung)
        self._end(RungStatus.SKIPPED, "")

    def failed(self, failure: Failure) -> None:
        """The rung has failed."""
        self.failed_with(failure.kind.value, failure.detail)

    def failed_with(self, kind: str, detail: str) -> None:
        """The rung has failed; ``kind`` is a word of ``Observation.failure``, which keeps the first."""
        if self.observation.failure is None:
            self.record(failure=kind, detail=printable(without(detail, self._secrets)))
        self._end(RungStatus.FAILED, detail or kind)

    def deadline_reached(self) -> None:
        """The time is over: a rung that was under way has failed by that."""
        self.record_extra(deadline="reached")
        if self._rung is not None:
            self.failed_with(_DEADLINE, "")

    def finished(self) -> Observation:
        """All that was seen, without what a server may have repeated of the secrets."""
        if not self._secrets:
            return self.observation
        names = [field.name for field in fields(Observation) if field.name not in ("target", "rungs")]
        return replace(self.observation, **{name: self._clean(getattr(self.observation, name)) for name in names})

    def _end(self, status: RungStatus, detail: str) -> None:
        if self._rung is None:
            return
        elapsed_ms = round((monotonic() - self._started) * 1000)
        rung = Rung(self._rung, status, printable(without(detail, self._secrets)), elapsed_ms)
        self._rung = None
        self.record(rungs=(*self.observation.rungs, rung))
        if self._on_rung is not None:
            self._on_rung(self.target, rung)

    def _clean(self, value: Any) -> Any:
        """``value`` without the secrets, however deep they stand in it."""
        if type(value) is str:
            return without(value, self._secrets)
        if isinstance(value, tuple):
            return tuple(map(self._clean, value))
        if isinstance(value, dict):
            return {name: self._clean(item) for name, item in value.items()}
        if isinstance(value, LoginAttempt):  # the user name is personal
            return replace(value, code=self._clean(value.code), text=self._clean(value.text))
        if isinstance(value, Certificate):
            return Certificate(**{field.name: self._clean(getattr(value, field.name)) for field in fields(value)})
        return value
