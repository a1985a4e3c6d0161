"""How arrays show themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dusk.utils import format_bytes

if TYPE_CHECKING:
    from dusk.array.core import Array


def array_text(x: Array) -> str:
    """One line: name, shape, dtype, chunk size and the class of chunks."""
    name = x.expr.name.rsplit("-", 1)[0]
    kind = type(x._meta)
    module = kind.__module__.split(".")[0]
    return (
        f"dusk.array<{name}, shape={x.shape}, dtype={x.dtype}, chunksize={x.chunksize}, "
        f"chunktype={module}.{kind.__name__}>"
    )


def array_html(x: Array) -> str:
    """A table of sizes beside a drawing of the chunk grid."""
    known = not any(isinstance(n, float) and math.isnan(n) for n in x.shape)
    total = format_bytes(x.nbytes) if known and not x.dtype.hasobject else "unknown"
    chunk = math.prod(x.chunksize) * x.dtype.itemsize
    each = format_bytes(chunk) if known and not x.dtype.hasobject else "unknown"
    rows = [_row("Bytes", total, each)] if not x.dtype.hasobject else []
    rows.append(_row("Shape", str(x.shape), str(x.chunksize)))
    chunks = f"{x.npartitions} {'chunk' if x.npartitions == 1 else 'chunks'}"
    layers = len(x.dask)
    graph = f"{chunks} in {layers} graph {'layer' if layers == 1 else 'layers'}"
    rows.append(_row("Dusk graph", graph))
    kind = f"{type(x._meta).__module__.split('.')[0]}.{type(x._meta).__name__}"
    rows.append(_row("Data type", f"{x.dtype} {kind}"))
    table = (
        '<table style="border-collapse: collapse;"><thead><tr><td> </td><th> Array </th>'
        f"<th> Chunk </th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    if not known or not 1 <= x.ndim <= 3 or x.size == 0:
        return table
    return (
        f"<table><tr><td>{table}</td><td style='border-left:1px solid #ccc'>{array_svg(x, 140)}"
        "</td></tr></table>"
    )


def _row(title: str, array: str, chunk: str | None = None) -> str:
    if chunk is None:
        return f'<tr><th> {title} </th><td colspan="2"> {array} </td></tr>'
    return f"<tr><th> {title} </th><td> {array} </td><td> {chunk} </td></tr>"


def _cuts(sizes: tuple[Any, ...], length: float, most: int = 30) -> list[float]:
    """Positions of chunk borders on a side drawn `length` long."""
    total = sum(sizes) or 1
    at, cuts = 0, [0.0]
    for s in sizes:
        at += s
        cuts.append(at / total * length)
    if len(cuts) > most:
        step = len(cuts) / most
        cuts = [cuts[int(i * step)] for i in range(most)] + [cuts[-1]]
    return cuts


def array_svg(x: Array, size: int = 500) -> str:
    """The chunk grid of an array of one to three axes.

    Raises
    ------
    NotImplementedError
        For other numbers of axes, and unknown chunk sizes.
    """
    if not 1 <= x.ndim <= 3:
        raise NotImplementedError("only arrays of one to three axes are drawn")
    if any(n != n for n in x.shape):
        raise NotImplementedError("arrays of unknown chunk sizes are not drawn")
    longest = max(max(x.shape), 1)
    sides = [max(n / longest, 0.12) * size for n in x.shape]
    chunks = x.chunks
    if x.ndim == 1:
        sides, chunks = [size * 0.15, *sides], ((1,), *chunks)
    depth = sides[0] * 0.5 if x.ndim == 3 else 0.0
    height, width = sides[-2], sides[-1]
    rows, columns = _cuts(chunks[-2], height), _cuts(chunks[-1], width)
    shift = depth
    parts = [
        f"<polygon points='{shift},{shift} {shift + width:.1f},{shift} {shift + width:.1f},"
        f"{shift + height:.1f} {shift},{shift + height:.1f}' fill='#c5d5ee'/>"
    ]
    for y in rows:
        parts.append(_line(shift, shift + y, shift + width, shift + y))
    for c in columns:
        parts.append(_line(shift + c, shift, shift + c, shift + height))
    if x.ndim == 3:
        for z in _cuts(chunks[0], depth):
            parts.append(_line(z, z, z + width, z))
            parts.append(_line(z, z, z, z + height))
        for y in rows:
            parts.append(_line(0, y, shift, shift + y))
        for c in columns:
            parts.append(_line(c, 0, shift + c, shift))
    text_y = shift + height + 18
    shape = " × ".join(str(n) for n in x.shape)
    parts.append(
        f"<text x='{shift + width / 2:.1f}' y='{text_y:.1f}' text-anchor='middle' "
        f"font-size='12' font-family='sans-serif'>{shape}</text>"
    )
    full_width, full_height = shift + width + 10, text_y + 8
    return (
        f"<svg width='{full_width:.0f}' height='{full_height:.0f}' "
        f"viewBox='-2 -2 {full_width:.0f} {full_height:.0f}' "
        f"xmlns='http://www.w3.org/2000/svg'>{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
        "stroke='#3b5b92' stroke-width='0.8'/>"
    )
