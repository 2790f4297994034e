"""A password on its way through the program: what shows things shows three stars, and at the end it is overwritten."""

from __future__ import annotations

from typing import NoReturn, Self

from wizard.model.text import printable

_STARS = "***"
_FEWEST = 4
_LONG = 16
_WHOLE = 1 << 20


class Secret:
    """Bytes that only :meth:`reveal` gives; a password is kept as UTF-8, as it is sent.

    ``repr()``, ``str()`` and every format give ``***``; it can be neither copied nor pickled, so it gets into no file
    by accident. As a context manager it is wiped at the end. What ``reveal`` has handed out cannot be wiped.
    """

    __slots__ = ("_data",)

    def __init__(self, value: str | bytes) -> None:
        try:
            self._data = bytearray(value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value)
        except UnicodeEncodeError:
            raise ValueError("these characters have no UTF-8") from None  # that error holds the whole text

    def reveal(self) -> bytes:
        """The bytes themselves: for what goes onto the wire, in one expression, into no variable."""
        return bytes(self._data)

    def wipe(self) -> None:
        """Overwrite it, as far as that is in Python's hands; it is empty then."""
        self._data[:] = bytes(len(self._data))
        self._data.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.wipe()

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return _STARS

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return _STARS

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")

    def __copy__(self) -> NoReturn:
        raise TypeError("a secret is not copied")

    def __deepcopy__(self, _memo: object) -> NoReturn:
        raise TypeError("a secret is not copied")


def without(text: str, secrets: tuple[Secret, ...]) -> str:
    """``text``, which a server wrote, without what it may have repeated of ``secrets``; printable or not yet.

    A secret of fewer than four characters is left, because it is in every other word. Of a long one (a log-in as
    base64) the beginning is enough: everything from there on is dropped, because servers cut what they quote.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        raw = secret.reveal().decode("utf-8", "replace")
        for form in {raw, printable(raw, _WHOLE)}:
            if len(form) >= _FEWEST:
                text = _without(text, form)
    return text


def _without(text: str, secret: str) -> str:
    text = text.replace(secret, _STARS)
    if len(secret) >= _LONG:
        known, found, _rest = text.partition(secret[:_LONG])
        text = known + _STARS if found else text
    if text.endswith("…"):  # cut by us, maybe in the middle of it
        cut = next((n for n in range(len(secret) - 1, _FEWEST - 1, -1) if text[:-1].endswith(secret[:n])), 0)
        text = text[: len(text) - 1 - cut] + _STARS if cut else text
    return text
