"""The text in the modules of a QR code, where every module is known (a file, not a photograph).

Source: ISO/IEC 18004. Nothing is corrected: a code from a file has no dirt on it, and a wrong one gives a wrong text,
which the reader of the text then refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

Matrix = Sequence[Sequence[bool]]
"""Rows of modules, dark ones true, without the white around them."""

# Error correction codewords of a block, and blocks of a code, for versions 1 to 40 (table 9 of the standard).
_CORRECTION = {
    0b01: "7 10 15 20 26 18 20 24 30 18 20 24 26 30 22 24 28 30 28 28 28 28 30 30 26 28" + " 30" * 14,
    0b00: "10 16 26 18 24 16 18 22 22 26 30 22 22 24 24 28 28 26 26 26 26" + " 28" * 19,
    0b11: "13 22 18 26 18 24 18 22 20 24 28 26 24 20 30 24 28 28 26 30 28 30 30 30 30 28" + " 30" * 14,
    0b10: "17 28 22 16 22 28 26 26 24 28 24 28 22 24 24 30 28 28 26 28 30 24" + " 30" * 18,
}
_BLOCKS = {
    0b01: "1 1 1 1 1 2 2 2 2 4 4 4 4 4 6 6 6 6 7 8 8 9 9 10 12 12 12 13 14 15 16 17 18 19 19 20 21 22 24 25",
    0b00: "1 1 1 2 2 4 4 4 5 5 5 8 9 9 10 10 11 13 14 16 17 17 18 20 21 23 25 26 28 29 31 33 35 37 38 40 43 45 47 49",
    0b11: "1 1 2 2 4 4 6 6 8 8 8 10 12 16 12 17 16 18 21 20 23 23 25 27 29 34 34 35 38 40 43 45 48 51 53 56 59 62"
    " 65 68",
    0b10: "1 1 2 4 4 4 5 6 8 8 11 11 16 16 18 16 19 21 25 25 25 34 30 32 35 37 40 42 45 48 51 54 57 60 63 66 70 74"
    " 77 81",
}
_MASKS: tuple[Callable[[int, int], int], ...] = (
    lambda y, x: (y + x) % 2,
    lambda y, _x: y % 2,
    lambda _y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_COUNT_BITS = {0b0001: (10, 12, 14), 0b0010: (9, 11, 13), 0b0100: (8, 16, 16)}
"""Bits of the length of a segment by its mode, for versions to 9, to 26 and above."""


class NoCode(Exception):
    """The modules are no QR code that can be read here."""


def text_in(matrix: Matrix) -> str:
    """The text of a whole code; raises NoCode."""
    size = len(matrix)
    version, rest = divmod(size - 17, 4)
    if rest or not 1 <= version <= 40 or any(len(row) != size for row in matrix):
        raise NoCode(f"{size} modules")
    level, mask = _format(matrix)
    stream = _codewords(matrix, version, mask)
    data = _data(stream, version, level)
    try:
        return _segments(data, version).decode()
    except UnicodeDecodeError:
        raise NoCode("not UTF-8") from None


def _format(matrix: Matrix) -> tuple[int, int]:
    """The level of error correction and the number of the mask, from beside the upper left square."""
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    read = 0
    for y, x in places:
        read = read << 1 | matrix[y][x]
    read ^= 0b101010000010010
    return read >> 13, read >> 10 & 0b111


def _is_function(size: int, version: int, y: int, x: int, centres: tuple[int, ...]) -> bool:
    """Whether a module belongs to the pattern, not to the data."""
    corner = (y < 9 and (x < 9 or x >= size - 8)) or (y >= size - 8 and x < 9)
    of_version = version >= 7 and ((y < 6 and size - 11 <= x < size - 8) or (x < 6 and size - 11 <= y < size - 8))
    if corner or of_version or y == 6 or x == 6:
        return True
    near_y = next((one for one in centres if abs(y - one) <= 2), None)
    near_x = next((one for one in centres if abs(x - one) <= 2), None)
    if near_y is None or near_x is None:
        return False
    last = centres[-1]
    return (near_y, near_x) not in ((6, 6), (6, last), (last, 6))


def centres_of(version: int) -> tuple[int, ...]:
    """The rows (and columns) of the centres of the alignment patterns."""
    if version == 1:
        return ()
    count = version // 7 + 2
    step = 26 if version == 32 else (version * 4 + count * 2 + 1) // (count * 2 - 2) * 2
    last = version * 4 + 10
    return (6, *sorted(last - step * one for one in range(count - 1)))


def _codewords(matrix: Matrix, version: int, mask: int) -> bytes:
    size, centres = len(matrix), centres_of(version)
    flips = _MASKS[mask]
    made, bits, count = bytearray(), 0, 0
    for y, x in _way(size):
        if _is_function(size, version, y, x, centres):
            continue
        bits = bits << 1 | (matrix[y][x] ^ (flips(y, x) == 0))
        count += 1
        if count == 8:
            made.append(bits)
            bits = count = 0
    return bytes(made)


def _way(size: int) -> Iterator[tuple[int, int]]:
    """Every module in the order of the data: pairs of columns from the right, up and down in turn."""
    upwards = True
    right = size - 1
    while right > 0:
        right -= right == 6
        for step in range(size):
            y = size - 1 - step if upwards else step
            yield y, right
            yield y, right - 1
        upwards = not upwards
        right -= 2


def _data(stream: bytes, version: int, level: int) -> bytes:
    """The data of all blocks, one after the other; their bytes lie in turn in the stream."""
    correction = int(_CORRECTION[level].split()[version - 1])
    blocks = int(_BLOCKS[level].split()[version - 1])
    short = len(stream) // blocks - correction
    longer = len(stream) % blocks
    made: list[bytearray] = [bytearray() for _ in range(blocks)]
    at = 0
    for column in range(short + (longer > 0)):
        for block in range(blocks if column < short else 0):
            made[block].append(stream[at])
            at += 1
        if column == short:
            for block in range(blocks - longer, blocks):
                made[block].append(stream[at])
                at += 1
    return b"".join(made)


class _Bits:
    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "big"), len(data) * 8

    def take(self, count: int) -> int:
        if count > self.left:
            raise NoCode("it ends too soon")
        self.left -= count
        return self.value >> self.left & ((1 << count) - 1)


def _segments(data: bytes, version: int) -> bytes:
    bits, made = _Bits(data), bytearray()
    size = 0 if version <= 9 else 1 if version <= 26 else 2
    while bits.left >= 4 and (mode := bits.take(4)):
        if mode == 0b0111:  # ECI: the character set; only what says UTF-8 is let through
            if bits.take(8) != 26:
                raise NoCode("another character set than UTF-8")
            continue
        if mode not in _COUNT_BITS:
            raise NoCode(f"mode {mode}")
        count = bits.take(_COUNT_BITS[mode][size])
        if mode == 0b0100:
            made += bytes(bits.take(8) for _ in range(count))
        else:
            made += _characters(bits, mode, count).encode()
    return bytes(made)


def _characters(bits: _Bits, mode: int, count: int) -> str:
    """The characters of a segment of digits, or of capital letters and signs."""
    if mode == 0b0001:
        lengths = [min(3, left) for left in range(count, 0, -3)]
        return "".join(str(bits.take((4, 7, 10)[digits - 1])).zfill(digits) for digits in lengths)
    made: list[int] = []
    for left in range(count, 0, -2):
        made += divmod(bits.take(11), 45) if left > 1 else (bits.take(6),)
    if any(one >= len(_ALPHANUMERIC) for one in made):
        raise NoCode("no such character")
    return "".join(_ALPHANUMERIC[one] for one in made)
