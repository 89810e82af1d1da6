"""Lists made once for a problem, with numba: periods of border rows, and where each product of coefficients goes in the factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.solvers.structured_crew import compiled


@compiled
def entries_by_row(
    start: Any, index: Any, timed: Any, column_chain: Any, column_step: Any, row_chain: Any, row_step: Any, rows: int
) -> Any:
    """Return for each row the number of its timed columns, whether they fit its step, and the period of these columns.

    The period is −2 where there is none, −1 where there are several.
    """
    count = np.zeros(rows, np.int32)
    fits = np.ones(rows, np.bool_)
    seen = np.full(rows, -2, np.int64)
    for j in range(len(timed)):
        if not timed[j]:
            continue
        chain, step = column_chain[j], column_step[j]
        for k in range(start[j], start[j + 1]):
            i = index[k]
            count[i] += 1
            if row_chain[i] != chain or not (row_step[i] == step or row_step[i] == step + 1):
                fits[i] = False
            seen[i] = chain if seen[i] == -2 or seen[i] == chain else -1
    return count, fits, seen


@compiled
def fold_periods(
    start: Any,
    index: Any,
    star: Any,
    timed: Any,
    border: Any,
    limit: Any,
    column_chain: Any,
    row_chain: Any,
    seen: Any,
    periods: int,
) -> Any:
    """Return the periods of rows and columns of the border (−1: common), so that no two periods touch each other.

    A border column belongs to the period of the limits and block rows that it stands in, a border row to that of its timed columns and
    border columns; rows of two periods that a column joins are common.
    """
    row_border = seen.copy()
    column_border = np.full(len(star), -2, np.int64)
    for j in range(len(star)):
        if star[j]:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if border[i]:
                continue
            chain = seen[i] if limit[i] else row_chain[i]
            own = chain if own == -2 or own == chain else -1
        column_border[j] = own
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if border[i] and own >= 0:
                row_border[i] = own if row_border[i] == -2 or row_border[i] == own else -1
    for j in range(len(star)):
        if not star[j] or timed[j]:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            chain = row_border[index[k]]
            if chain >= 0:
                own = chain if own == -2 or own == chain else -1
        if own == -1:
            for k in range(start[j], start[j + 1]):
                row_border[index[k]] = -1
    for i in range(len(row_border)):
        row_border[i] = max(row_border[i], -1)
    for j in range(len(star)):
        if star[j] or column_border[j] != -2:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            chain = row_border[index[k]]
            if chain >= 0:
                own = chain if own == -2 or own == chain else -1
        column_border[j] = max(own, -1)
    return row_border, column_border


@compiled
def couplings(start: Any, index: Any, timed: Any, block: Any, column_step: Any, row_step: Any) -> Any:
    """Return which rows of blocks share a column with the next step, and which with the step before."""
    after = np.zeros(len(block), np.bool_)
    before = np.zeros(len(block), np.bool_)
    for j in range(len(timed)):
        if not timed[j]:
            continue
        here = False
        there = False
        for k in range(start[j], start[j + 1]):
            if block[index[k]]:
                if row_step[index[k]] == column_step[j]:
                    here = True
                else:
                    there = True
        if here and there:
            for k in range(start[j], start[j + 1]):
                if block[index[k]]:
                    if row_step[index[k]] == column_step[j]:
                        after[index[k]] = True
                    else:
                        before[index[k]] = True
    return after, before


@compiled
def touches(
    start: Any, index: Any, row_start: Any, row_index: Any, stars: int, limits: int, chained: int, limit_start: Any, star_period: Any,
    chained_period: Any, border_period: Any, periods: int,
) -> Any:  # fmt: skip
    """Return for each period and border unknown 2 when it touches timed columns or blocks, 1 when only its border, else 0.

    `star_period` is −1 for a column without time.
    """
    columns = len(start) - 1 - stars
    found = np.zeros((periods, len(border_period)), np.int8)
    first = limits + chained
    for j in range(stars):
        p = star_period[j]
        if p >= 0:
            for k in range(start[j], start[j + 1]):
                if index[k] >= first:
                    found[p, columns + index[k] - first] = 2
            for i in range(limit_start[j], limit_start[j + 1]):
                for k in range(row_start[i], row_start[i + 1]):
                    if row_index[k] >= stars:
                        found[p, row_index[k] - stars] = 2
        else:
            for k in range(start[j], start[j + 1]):
                p = max(p, border_period[columns + index[k] - first])
            if p >= 0:
                for k in range(start[j], start[j + 1]):
                    z = columns + index[k] - first
                    found[p, z] = max(found[p, z], 1)
    for c in range(columns):
        for k in range(start[stars + c], start[stars + c + 1]):
            i = index[k]
            if i < limits:
                continue
            if i < first:
                found[chained_period[i - limits], c] = 2
                continue
            z = columns + i - first
            if border_period[z] >= 0:
                found[border_period[z], c] = max(found[border_period[z], c], 1)
            if border_period[c] >= 0:
                found[border_period[c], z] = max(found[border_period[c], z], 1)
    return found


@compiled
def _target(
    z: int, other: int, chained: int, block_of: Any, block_start: Any, width: Any, inner: Any, following: Any, inlet: Any,
    chained_period: Any, border_period: Any, place: Any, sizes: Any, blocks: int,
) -> Any:  # fmt: skip
    """Return where the product of two unknowns is stored: number of the dense matrix and the place in it (upper triangle)."""
    if z > other:
        z, other = other, z
    if other < chained:
        b, n = block_of[z], block_of[other]
        if b == n:
            return b, (z - block_start[b]) * width[b] + other - block_start[b]
        if following[b] == n:
            return b, (z - block_start[b]) * width[b] + block_start[b + 1] - block_start[b] + inlet[
                other, 0 if b + 1 == n else 1
            ]
        return n, (other - block_start[n]) * width[n] + block_start[n + 1] - block_start[n] + inlet[
            z, 0 if n + 1 == b else 1
        ]
    periods = len(sizes) - 1
    if z < chained:
        b = block_of[z]
        return b, (z - block_start[b]) * width[b] + inner[b] + place[chained_period[z], other - chained]
    p = max(border_period[z - chained], border_period[other - chained])
    if p < 0:
        p = periods
    i, j = place[p, z - chained], place[p, other - chained]
    return blocks + p, (i * sizes[p] + j) if i <= j else (j * sizes[p] + i)


@compiled
def products(
    start: Any, index: Any, value: Any, row_start: Any, row_index: Any, row_value: Any, stars: int, limits: int, chained: int,
    limit_start: Any, limit_value: Any, block_of: Any, block_start: Any, width: Any, inner: Any, following: Any, inlet: Any,
    chained_period: Any, border_period: Any, place: Any, sizes: Any, blocks: int, fill: Any, target: Any, source: Any, factor: Any,
) -> None:  # fmt: skip
    """List the products of coefficients that make up the dense matrices: target += factor * weight[source].

    With empty `target` the number of products of every dense matrix is counted in `fill`; otherwise `fill` holds the next free place of
    each. Weights stand in the order: 1, columns, limits (coupling), limits (own), pairs of limits of a column.
    """
    counting = len(target) == 0
    first = limits + chained
    columns = len(start) - 1 - stars
    pair = 1 + stars + 2 * limits
    scratch_z = np.empty(4096, np.int64)
    scratch_v = np.empty(4096)
    for j in range(len(start) - 1):
        number = 0
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if i >= limits:
                if number == len(scratch_z):
                    scratch_z, scratch_v = np.append(scratch_z, scratch_z), np.append(scratch_v, scratch_v)
                scratch_z[number] = i - limits if i < first else chained + columns + i - first
                scratch_v[number] = value[k]
                number += 1
        if j >= stars:
            for a in range(number):
                t, where = _target(
                    scratch_z[a], chained + j - stars, chained, block_of, block_start, width, inner, following, inlet, chained_period,
                    border_period, place, sizes, blocks,
                )  # fmt: skip
                if not counting:
                    target[fill[t]], source[fill[t]], factor[fill[t]] = where, 0, scratch_v[a]
                fill[t] += 1
            continue
        for a in range(number):
            for b in range(a, number):
                t, where = _target(
                    scratch_z[a], scratch_z[b], chained, block_of, block_start, width, inner, following, inlet, chained_period,
                    border_period, place, sizes, blocks,
                )  # fmt: skip
                if not counting:
                    target[fill[t]], source[fill[t]], factor[fill[t]] = where, 1 + j, scratch_v[a] * scratch_v[b]
                fill[t] += 1
        for i in range(limit_start[j], limit_start[j + 1]):
            for k in range(row_start[i], row_start[i + 1]):
                if row_index[k] < stars:
                    continue
                z = chained + row_index[k] - stars
                for a in range(number):
                    t, where = _target(
                        scratch_z[a], z, chained, block_of, block_start, width, inner, following, inlet, chained_period,
                        border_period, place, sizes, blocks,
                    )  # fmt: skip
                    if not counting:
                        target[fill[t]], source[fill[t]] = where, 1 + stars + i
                        factor[fill[t]] = -scratch_v[a] * limit_value[i] * row_value[k]
                    fill[t] += 1
                for other in range(k, row_start[i + 1]):
                    t, where = _target(
                        z, chained + row_index[other] - stars, chained, block_of, block_start, width, inner, following, inlet,
                        chained_period, border_period, place, sizes, blocks,
                    )  # fmt: skip
                    if not counting:
                        target[fill[t]], source[fill[t]] = where, 1 + stars + limits + i
                        factor[fill[t]] = -row_value[k] * row_value[other]
                    fill[t] += 1
        for i in range(limit_start[j], limit_start[j + 1]):
            for second in range(i + 1, limit_start[j + 1]):
                # the difference of two limits of a column, as combination of border columns in which the column itself cancels
                size = 0
                for row in range(2):
                    here, there = (i, second) if row == 0 else (second, i)
                    for k in range(row_start[here], row_start[here + 1]):
                        if row_index[k] < stars:
                            continue
                        v = limit_value[there] * row_value[k] * (1 if row == 0 else -1)
                        known = -1
                        for s in range(size):
                            if scratch_z[s] == chained + row_index[k] - stars:
                                known = s
                        if known >= 0:
                            scratch_v[known] += v
                        else:
                            scratch_z[size], scratch_v[size] = chained + row_index[k] - stars, v
                            size += 1
                for a in range(size):
                    for b in range(a, size):
                        t, where = _target(
                            scratch_z[a], scratch_z[b], chained, block_of, block_start, width, inner, following, inlet, chained_period,
                            border_period, place, sizes, blocks,
                        )  # fmt: skip
                        if not counting:
                            target[fill[t]], source[fill[t]], factor[fill[t]] = (
                                where,
                                pair,
                                -scratch_v[a] * scratch_v[b],
                            )
                        fill[t] += 1
                pair += 1
