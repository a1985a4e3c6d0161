"""How lazy objects show themselves."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd

from dusk.dataframe.collection import FrameBase, native


def _dtype_text(dtype: Any) -> str:
    if isinstance(dtype, pd.CategoricalDtype):
        from dusk.dataframe.exchange import UNKNOWN_CATEGORIES

        known = UNKNOWN_CATEGORIES not in dtype.categories
        return "category[known]" if known else "category[unknown]"
    return str(dtype)


class DisplayMixin(FrameBase):
    """``repr``, HTML and ``info``."""

    def _structure(self) -> pd.DataFrame:
        """dtypes in the first row, dots below, divisions as labels."""
        meta = self._meta
        frame = meta if isinstance(meta, pd.DataFrame) else pd.Series(meta).to_frame(name=meta.name)
        count = self.npartitions
        known = self._divisions is not None and not callable(self._divisions)
        if known and self.divisions[0] is not None:
            labels = pd.Index([str(d) for d in self.divisions])
        else:
            labels = pd.Index([""] * (count + 1))
        labels.name = f"npartitions={count}"
        data = {i: [_dtype_text(dtype), *["..."] * count] for i, dtype in enumerate(frame.dtypes)}
        made = pd.DataFrame(data, index=labels, dtype=object)
        made.columns = frame.columns
        return made

    def _footer(self) -> str:
        layers = len(self.dask)
        word = "expression" if layers == 1 else "expressions"
        return f"Dusk Name: {self.expr.name.rsplit('-', 1)[0]}, {layers} {word}"

    def __repr__(self) -> str:
        shown = self._structure()
        kind = type(self).__name__
        if isinstance(self._meta, pd.DataFrame):
            if shown.shape[1] == 0:
                return (
                    f"Empty Dusk DataFrame Structure:\nColumns: []\n"
                    f"Divisions: [{', '.join(str(d) for d in self.divisions)}]\n{self._footer()}"
                )
            text = shown.to_string(max_rows=5, show_dimensions=False)
            return f"Dusk DataFrame Structure:\n{text}\n{self._footer()}"
        series = shown.iloc[:, 0]
        text = series.to_string(max_rows=5, dtype=False, name=False)
        name = f"Name: {self._meta.name}, dtype: {_dtype_text(self._meta.dtype)}\n"
        label = name if self._meta.name is not None else ""
        return f"Dusk {kind} Structure:\n{text}\n{label}{self._footer()}"

    def _repr_html_(self) -> str:
        table = self._structure().to_html(max_rows=5, show_dimensions=False, notebook=False)
        kind = type(self).__name__
        return (
            f"<div><strong>Dusk {kind} Structure:</strong></div>\n{table}\n"
            f"<div>{self._footer()}</div>"
        )

    def to_html(self, max_rows: int = 5) -> str:
        """The structure as HTML."""
        return self._repr_html_()

    def to_string(self, max_rows: int = 5) -> str:
        """The structure as text."""
        return str(self._structure().to_string(max_rows=max_rows, show_dimensions=False))

    @native(False)
    def info(self, buf: Any = None, verbose: bool = False, memory_usage: bool = False) -> None:
        """Writes what is known about the frame; `verbose` counts the values."""
        out = buf if buf is not None else sys.stdout
        meta = self._meta
        lines = [str(type(self))]
        if not isinstance(meta, pd.DataFrame):
            raise NotImplementedError("info is for frames")
        labels = list(meta.columns)
        if verbose:
            counts = self.count().compute()  # type: ignore[attr-defined]
            lines.append(f"Data columns (total {len(labels)} columns):")
            lines += [f" {i}  {c}  {counts[c]} non-null  {meta[c].dtype}"
                      for i, c in enumerate(labels)]  # fmt: skip
        else:
            ends = f", {labels[0]} to {labels[-1]}" if labels else ""
            lines.append(f"Columns: {len(labels)} entries{ends}")
        kinds = pd.Series([str(d) for d in meta.dtypes]).value_counts().sort_index()
        lines.append("dtypes: " + ", ".join(f"{k}({n})" for k, n in kinds.items()))
        if memory_usage:
            used = self.memory_usage(index=True, deep=True).sum().compute()  # type: ignore
            lines.append(f"memory usage: {used / 1024:.1f} KB")
        out.write("\n".join(lines))
