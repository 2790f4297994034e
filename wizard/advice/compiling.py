"""From the rules of a scoring file to their flat form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.advice.compiled import Compiled, FlatVeto, pack
from wizard.advice.rules import SCORED, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wizard.advice.compiled import Masks
    from wizard.advice.rules import Condition, Group, Line, Points, VetoRule


def _swing(answers: Sequence[Points]) -> int:
    """How far going from one of ``answers`` to another can move two outcomes apart, at most; a cap only lessens it."""
    columns = [[points[place] for points in answers] for place in range(len(SCORED))]
    return 2 * max(max(column) - min(column) for column in columns)


def compile_rules(
    lines: Mapping[str, Mapping[str, Line]],
    base: Points,
    groups: Sequence[Group],
    vetoes: Sequence[VetoRule],
) -> Compiled:
    """The flat form of the rules. Every key and value of the conditions must be in ``lines``."""
    keys = tuple(lines)
    place = {key: number for number, key in enumerate(keys)}
    bits, offset = [], 0
    for key in keys:
        bits.append(tuple(1 << (offset + number) for number in range(len(lines[key]) + 1)))
        offset += len(lines[key]) + 1
    member = {key: number for number, group in enumerate(groups) for key in group.keys}
    packed = {key: (0, *(pack(line.points) for line in lines[key].values())) for key in keys}
    nothing = {key: (0,) * (len(lines[key]) + 1) for key in keys}

    def masks(condition: Condition) -> Masks:
        made = []
        for key, allowed in condition.values:
            numbers = (UNKNOWN, *lines[key])
            made.append(sum(bits[place[key]][numbers.index(value)] for value in allowed))
        return tuple(made)

    flat = tuple(
        FlatVeto(
            masks(veto.when),
            tuple(masks(condition) for condition in veto.unless),
            sum(1 << (8 * SCORED.index(option)) for option in veto.exclude),
            veto.kind == "fact",
            tuple(place[key] for key, _allowed in veto.when.values),
            tuple(sorted(place[key] for key in veto.mentions)),
        )
        for veto in vetoes
    )
    mentioning = tuple(tuple(n for n, veto in enumerate(vetoes) if key in veto.mentions) for key in keys)
    simple = frozenset(n for n, veto in enumerate(vetoes) if len(veto.mentions) == 1)
    closed_by = tuple(
        tuple(tuple(n for n in of if n in simple and flat[n].fires(bit)) for bit in bits[place[key]])
        for key, of in zip(keys, mentioning, strict=True)
    )
    return Compiled(
        keys=keys,
        place=place,
        values=tuple(tuple(lines[key]) for key in keys),
        bits=tuple(bits),
        plain=tuple(nothing[key] if key in member else packed[key] for key in keys),
        grouped=tuple(packed[key] if key in member else nothing[key] for key in keys),
        group_of=tuple(member.get(key, -1) for key in keys),
        most=tuple(group.most for group in groups),
        base=pack(base),
        vetoes=flat,
        closing=tuple(tuple(sum(flat[n].blocks for n in of) for of in choices) for choices in closed_by),
        closed_by=closed_by,
        swing=tuple(_swing([(0, 0, 0, 0), *(line.points for line in lines[key].values())]) for key in keys),
        linked=tuple(n for n in range(len(vetoes)) if n not in simple),
        guarding=tuple(
            tuple(tuple(n for n in of if vetoes[n].kind != "fact" and option in vetoes[n].exclude) for of in mentioning)
            for option in SCORED
        ),
        shares=tuple((0, *(line.share for line in lines[key].values())) for key in keys),
        capped=[{} for _group in groups],
    )
