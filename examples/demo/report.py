"""One self-contained HTML page: tables, plots and the task timeline, drawn as SVG."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dusk.diagnostics.timeline import TaskRecord

COLOURS = ["#4063d8", "#389826", "#9558b2", "#cb3c33", "#d98e04", "#1b998b", "#7a6f9b", "#5f6b7a"]

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1000px;padding:24px;color:#1c2430}
h1{font-size:26px}h2{font-size:18px;margin-top:36px;border-bottom:1px solid #d8dee8}
table{border-collapse:collapse;font-size:13px}th,td{padding:3px 10px;text-align:right}
th{background:#f2f4f8}tr:nth-child(even) td{background:#fafbfc}
pre{background:#f6f8fa;padding:12px;overflow:auto;font-size:12px}svg{max-width:100%}
.note{color:#5f6b7a}
"""


@dataclass
class Report:
    """Collects sections and writes the page."""

    title: str
    sections: list[str] = field(default_factory=list)

    def add(self, heading: str, *parts: str) -> None:
        self.sections.append(f"<h2>{html.escape(heading)}</h2>{''.join(parts)}")

    def write(self, path: Path) -> None:
        path.write_text(
            f"<!doctype html><html lang='en'><meta charset='utf-8'>"
            f"<title>{html.escape(self.title)}</title><style>{STYLE}</style>"
            f"<h1>{html.escape(self.title)}</h1>{''.join(self.sections)}</html>"
        )


def table(frame: pd.DataFrame) -> str:
    """A frame as an HTML table, at most 24 rows."""
    return frame.head(24).to_html(border=0, float_format=lambda v: f"{v:,.2f}")


def text(content: str) -> str:
    return f"<pre>{html.escape(content)}</pre>"


def note(content: str) -> str:
    return f"<p class='note'>{html.escape(content)}</p>"


def bars(labels: Sequence[object], values: Sequence[float], unit: str) -> str:
    """A horizontal bar chart; negative values go left of the axis."""
    width, row, left = 800, 22, 190
    largest = max((abs(v) for v in values), default=1.0) or 1.0
    signed = any(v < 0 for v in values)
    origin = left + (width - left) / 2 if signed else left
    scale = (width - origin - 90) / largest
    parts = []
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        y, length = i * row + 4, abs(value) * scale
        x = origin if value >= 0 else origin - length
        parts.append(
            f"<text x='{left - 8}' y='{y + 13}' text-anchor='end'>{html.escape(str(label))}</text>"
            f"<rect x='{x:.1f}' y='{y}' width='{length:.1f}' height='{row - 7}' rx='2' "
            f"fill='{COLOURS[0] if value >= 0 else COLOURS[3]}'/>"
            f"<text x='{max(x + length, origin) + 6:.1f}' y='{y + 13}'>{value:,.2f} {unit}</text>"
        )
    height = len(values) * row + 8
    return _svg(width, height, parts)


def timeline(tasks: Sequence[TaskRecord]) -> str:
    """Every task as a bar on its thread's line, coloured by name."""
    if not tasks:
        return note("no task ran")
    width, row, left = 940, 26, 70
    threads = sorted({t.thread for t in tasks})
    names = sorted({t.name for t in tasks}, key=lambda n: -sum(t.name == n for t in tasks))
    end = max(t.end for t in tasks) or 1.0
    parts = []
    for line, thread in enumerate(threads):
        parts.append(f"<text x='0' y='{line * row + 17}'>thread {thread}</text>")
    for t in tasks:
        x = left + t.start / end * (width - left)
        w = max((t.end - t.start) / end * (width - left), 0.6)
        y = threads.index(t.thread) * row + 3
        colour = COLOURS[names.index(t.name) % len(COLOURS)]
        title = f"{t.key} {1000 * (t.end - t.start):.2f} ms"
        parts.append(
            f"<rect x='{x:.2f}' y='{y}' width='{w:.2f}' height='{row - 6}' fill='{colour}'>"
            f"<title>{html.escape(title)}</title></rect>"
        )
    base = len(threads) * row + 18
    for i, name in enumerate(names[:12]):
        x, y = left + i % 4 * 210, base + i // 4 * 18
        parts.append(
            f"<rect x='{x}' y='{y - 10}' width='11' height='11' "
            f"fill='{COLOURS[i % len(COLOURS)]}'/>"
            f"<text x='{x + 16}' y='{y}'>{html.escape(name[:28])}</text>"
        )
    return _svg(width, base + (min(len(names), 12) + 3) // 4 * 18, parts)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f"<svg viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
        f"font-family='system-ui,sans-serif' font-size='12' fill='#1c2430'>{''.join(parts)}</svg>"
    )
