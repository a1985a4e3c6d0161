"""DataFrame: labelled columns in partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pandas.api.types import is_list_like

from dusk import _core
from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.common import Common, index_of, reset_index, rows_of
from dusk.dataframe.groupby import GroupByMixin
from dusk.dataframe.joining import JoiningMixin
from dusk.dataframe.missing import missing_attribute
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.selection import (
    ILocIndexer,
    boolean_expression,
    by_places,
    filtered,
    getitem,
    select,
)
from dusk.dataframe.transform import (
    assign,
    by_pandas,
    dropna_rows,
    relabel,
)

Column = _core.Column
_missing: Any = object()


class DataFrame(Common, GroupByMixin, JoiningMixin):
    """A lazy pandas DataFrame in partitions.

    Made by :func:`from_pandas`, :func:`read_parquet`, :func:`read_csv` and others, not by its
    constructor.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> df = dd.from_pandas(pd.DataFrame({"k": list("abab"), "v": [1, 2, 3, 4]}), npartitions=2)
    >>> df[df.v > 1].groupby("k").v.sum().compute().to_dict()
    {'a': 3, 'b': 6}
    """

    @classmethod
    def from_dict(
        cls,
        data: Any,
        *,
        npartitions: int = 1,
        orient: Any = "columns",
        dtype: Any = None,
        columns: Any = None,
    ) -> Any:
        """As :func:`dusk.dataframe.from_dict`."""
        from dusk.dataframe.io.memory import from_dict

        return from_dict(data, npartitions, orient=orient, dtype=dtype, columns=columns)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        meta = self.__dict__.get("_meta")
        if meta is not None and name in meta.columns:
            return self[name]
        raise missing_attribute("DataFrame", name)

    def __setattr__(self, name: str, value: Any) -> None:
        meta = self.__dict__.get("_meta")
        if meta is not None and name in meta.columns and not hasattr(type(self), name):
            self[name] = value
        else:
            object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        labels = [c for c in self._meta.columns if isinstance(c, str) and c.isidentifier()]
        return sorted({*object.__dir__(self), *labels})

    def __getitem__(self, key: Any) -> Any:
        return getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        changed: Any = self
        if is_list_like(key) and not isinstance(key, tuple):
            for label in key:
                item = value[label] if isinstance(value, DataFrame) else value
                changed = assign(changed, label, item)
        elif isinstance(key, FrameBase):
            mask: Any = key
            changed = self.where(~mask, value)
        else:
            changed = assign(self, key, value)
        self._become(changed)

    def __delitem__(self, key: Any) -> None:
        self._become(self.drop(columns=[key]))

    def _become(self, other: Any) -> None:
        self.expr, self._meta, self._divisions = other.expr, other._meta, other._divisions

    def __iter__(self) -> Iterator[Any]:
        return iter(self._meta.columns)

    def __contains__(self, key: Any) -> bool:
        return key in self._meta.columns

    @property
    def columns(self) -> pd.Index:
        """The labels of the columns."""
        labels: pd.Index = self._meta.columns
        return labels

    @columns.setter
    def columns(self, labels: Any) -> None:
        meta = self._meta.copy()
        meta.columns = labels
        self._become(relabel(self, meta))

    @property
    def index(self) -> Any:
        """The index, as a lazy :class:`Index`."""
        return index_of(self)

    @index.setter
    def index(self, value: Any) -> None:
        self._become(partitionwise(_set_index, self, value, name="set-index"))

    @property
    def dtypes(self) -> pd.Series:
        """The dtypes of the columns."""
        return self._meta.dtypes

    @property
    def ndim(self) -> int:
        """2."""
        return 2

    @property
    def shape(self) -> tuple[Any, int]:
        """(lazy number of rows, number of columns)."""
        return self.index.size if self._meta.shape[1] == 0 else rows_of(self), self._meta.shape[1]

    @property
    def size(self) -> Any:
        """The lazy number of values."""
        return rows_of(self) * self._meta.shape[1]

    @property
    def empty(self) -> bool:
        """Whether there are no values; computes the number of rows."""
        return not self._meta.shape[1] or len(self) == 0

    @property
    def axes(self) -> list[Any]:
        """[index, columns]."""
        return [self.index, self.columns]

    @property
    def iloc(self) -> Any:
        """Columns by number: ``df.iloc[:, [0, 2]]``."""
        return ILocIndexer(self)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Pairs of label and lazy column."""
        for place, label in enumerate(self._meta.columns):
            yield label, by_places(self, [place], self._meta.iloc[:, place])

    def iterrows(self) -> Iterator[Any]:
        """As pandas' iterrows, partition after partition."""
        for part in self.partitions:
            yield from part.compute().iterrows()

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:
        """As pandas' itertuples, partition after partition."""
        for part in self.partitions:
            yield from part.compute().itertuples(index=index, name=name)

    @native(True)
    def assign(self, **pairs: Any) -> Any:
        """New or replaced columns: series, scalars, or functions of the frame.

        Rows take the values of a pandas series by label.
        """
        changed: Any = self
        for label, value in pairs.items():
            fits = isinstance(value, FrameBase | pd.Series) or callable(value)
            if not (fits or pd.api.types.is_scalar(value)):
                kind = type(value)
                raise TypeError(
                    f"Column assignment doesn't support type {kind.__module__}.{kind.__name__}"
                )
            changed = assign(changed, label, value)
        return changed

    @native(True)
    def drop(
        self, labels: Any = None, axis: Any = 0, columns: Any = None, errors: str = "raise"
    ) -> Any:
        """Without columns (or, with ``axis=0``, rows of these labels)."""
        if columns is None and labels is None:
            raise TypeError("must either specify 'columns' or 'labels'")
        if columns is None and axis not in (1, "columns"):
            return by_pandas(self, "drop", labels, errors=errors)
        meta = self._meta.drop(columns=columns if columns is not None else labels, errors=errors)
        return select(self, None, meta=meta)

    def pop(self, item: Any) -> Any:
        """The column, which leaves the frame."""
        column = self[item]
        del self[item]
        return column

    @native(True)
    def rename(self, index: Any = None, columns: Any = None) -> Any:
        """Columns under other labels: a dictionary or a function."""
        if index is not None:
            raise ValueError("Cannot rename index.")
        if columns is None:
            return self
        return relabel(self, self._meta.rename(columns=columns))

    @native(True)
    def dropna(self, how: Any = _missing, subset: Any = None, thresh: Any = _missing) -> Any:
        """Rows without missing values."""
        if how is not _missing and thresh is not _missing:
            raise TypeError("You cannot set both the how and thresh arguments at the same time.")
        if thresh is not _missing:
            return by_pandas(self, "dropna", thresh=thresh, subset=subset, meta=self._meta)
        how = "any" if how is _missing else how
        if how not in ("any", "all"):
            raise ValueError(f"invalid how option: {how}")
        return dropna_rows(self, how, subset)

    @native(True)
    def query(self, expr: str, **kwargs: Any) -> Any:
        """The rows for which the expression holds: ``df.query("amount > 0 and kind == 'a'")``.

        Comparisons joined by ``and``, ``or`` and ``not`` run natively; everything else by pandas
        on every partition. ``@name`` needs ``local_dict={"name": value}``.
        """
        mask = boolean_expression(self, expr, kwargs)
        if mask is not None and mask._meta.dtype == bool:
            return filtered(self, mask)
        return by_pandas(self, "query", expr, meta=self._meta, **kwargs)

    @native(False)
    def eval(self, expr: str, **kwargs: Any) -> Any:
        """pandas' eval on every partition."""
        if kwargs.get("inplace"):
            raise NotImplementedError("inplace eval not supported. Please use inplace=False")
        return by_pandas(self, "eval", expr, **kwargs)

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> Any:
        """The columns of some dtypes."""
        return select(self, None, meta=self._meta.select_dtypes(include=include, exclude=exclude))

    @native(False)
    def explode(self, column: Any) -> Any:
        """A row for every element of lists in a column."""
        return by_pandas(self, "explode", column)

    @native(False)
    def melt(
        self,
        id_vars: Any = None,
        value_vars: Any = None,
        var_name: Any = None,
        value_name: str = "value",
        col_level: Any = None,
    ) -> Any:
        """Columns into rows."""
        options = {
            "id_vars": id_vars,
            "value_vars": value_vars,
            "var_name": var_name,
            "value_name": value_name,
        }
        return by_pandas(self, "melt", **options, divisions=None)

    @native(True)
    def reset_index(self, drop: bool = False) -> Any:
        """The index as columns (or forgotten), and row numbers as the new index."""
        return reset_index(self, drop)

    def squeeze(self, axis: Any = None) -> Any:
        """The only column as a series."""
        if axis in (None, 1, "columns"):
            return self.iloc[:, 0] if self._meta.shape[1] == 1 else self
        if axis in (0, "index"):
            raise NotImplementedError(f"{type(self)} does not support squeeze along axis 0")
        raise ValueError(f"No axis {axis} for object type {type(self)}")


def _set_index(x: Any, index: Any) -> Any:
    x = x.copy()
    x.index = index
    return x
