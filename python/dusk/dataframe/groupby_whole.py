"""What needs whole groups: pandas on one partition that holds all rows.

Rows keep their order on the way there, so that running values and shifts are those of the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from dusk.dataframe.collection import native
from dusk.dataframe.meta import empty, make_meta

_NO_META = "__no_default__"


def without_splits(options: dict[str, Any]) -> dict[str, Any]:
    """Options of pandas' functions, without those that say how Dask cuts the work."""
    cuts = ("split_every", "split_out", "shuffle_method")
    return {k: v for k, v in options.items() if k not in cuts}


class WholeGroupsMixin:
    """Methods of groups that see each group at once."""

    obj: Any
    by: list[Any]
    _select: Any
    _try: Callable[..., Any]
    _by_pandas: Callable[..., Any]

    def _of_whole_groups(self, method: str, *args: Any, **kwargs: Any) -> Any:
        sample = self._try(method, args, kwargs)
        return self._by_pandas(method, args, kwargs, empty(sample), sample)

    def _called(self, method: str, func: Any, args: Any, kwargs: Any, meta: Any) -> Any:
        if isinstance(meta, str) and meta == _NO_META:
            try:
                sample = self._try(method, (func, *args), kwargs)
            except Exception as error:
                raise ValueError(
                    f"Metadata inference failed in `groupby.{method}`.\n\nTo resolve this please "
                    f"provide a meta= keyword.\n\nOriginal error is below:\n{error!r}"
                ) from error
            made = empty(sample)
        else:
            made, sample = self._indexed(make_meta(meta), method, (func, *args), kwargs), None
        return self._by_pandas(method, (func, *args), kwargs, made, sample)

    def _indexed(self, meta: Any, method: str, args: Any, kwargs: Any) -> Any:
        """`meta` with the index that the call gives: names and dtypes do not tell it."""
        if not isinstance(meta, pd.DataFrame | pd.Series):
            return meta
        try:
            index = empty(self._try(method, args, kwargs)).index
        except Exception:
            index = empty(self._try("size", (), {})).index
        meta = meta.copy()
        meta.index = index
        return meta

    @native(False)
    def apply(
        self, func: Any, *args: Any, meta: Any = _NO_META, shuffle_method: Any = None, **kwargs: Any
    ) -> Any:
        """`func` called on every group.

        Parameters
        ----------
        func : callable
            Takes the rows of a group.
        meta : optional
            What the result looks like; worked out on invented rows when not given.

        Raises
        ------
        ValueError
            When `func` fails on invented rows and `meta` is missing.

        Examples
        --------
        >>> import pandas as pd, dusk.dataframe as dd
        >>> frame = dd.from_pandas(pd.DataFrame({"k": list("aba"), "v": [1, 2, 3]}), npartitions=2)
        >>> frame.groupby("k").v.apply(lambda v: v.max() - v.min(), meta=("v", "i8")).compute()
        k
        a    2
        b    0
        Name: v, dtype: int64
        """
        return self._called("apply", func, args, kwargs, meta)

    @native(False)
    def transform(
        self, func: Any, meta: Any = _NO_META, shuffle_method: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        """`func` of every group, row for row; parameters as :meth:`apply`."""
        return self._called("transform", func, args, kwargs, meta)

    @native(False)
    def shift(
        self, periods: Any = 1, meta: Any = _NO_META, shuffle_method: Any = None, *args: Any,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Values moved by `periods` rows of their group."""
        return self._called("shift", periods, args, kwargs, meta)

    @native(False)
    def cumsum(self, numeric_only: bool = False) -> Any:
        """Running sums by group."""
        return self._of_whole_groups("cumsum", **_numbers(numeric_only))

    @native(False)
    def cumprod(self, numeric_only: bool = False) -> Any:
        """Running products by group."""
        return self._of_whole_groups("cumprod", **_numbers(numeric_only))

    @native(False)
    def cumcount(self) -> Any:
        """The number of each row in its group, from 0."""
        return self._of_whole_groups("cumcount")

    @native(False)
    def ffill(self, limit: Any = None, shuffle_method: Any = None) -> Any:
        """Missing values replaced by the last one of the group before them."""
        return self._of_whole_groups("ffill", limit=limit)

    @native(False)
    def bfill(self, limit: Any = None, shuffle_method: Any = None) -> Any:
        """Missing values replaced by the next one of the group after them."""
        return self._of_whole_groups("bfill", limit=limit)

    @native(False)
    def head(self, n: int = 5, split_every: Any = None, split_out: Any = None) -> Any:
        """The first `n` rows of every group."""
        return self._of_whole_groups("head", n)

    @native(False)
    def tail(self, n: int = 5, split_every: Any = None, split_out: Any = None) -> Any:
        """The last `n` rows of every group."""
        return self._of_whole_groups("tail", n)

    @native(False)
    def idxmin(
        self, split_every: Any = None, split_out: Any = None, skipna: bool = True,
        numeric_only: bool = False, shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Index labels of the least values by group."""
        return self._of_whole_groups("idxmin", skipna=skipna, **_numbers(numeric_only))

    @native(False)
    def idxmax(
        self, split_every: Any = None, split_out: Any = None, skipna: bool = True,
        numeric_only: bool = False, shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Index labels of the greatest values by group."""
        return self._of_whole_groups("idxmax", skipna=skipna, **_numbers(numeric_only))

    @native(False)
    def corr(
        self, split_every: Any = None, split_out: Any = None, numeric_only: bool = False,
        shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Correlations of columns by group."""
        return self._of_whole_groups("corr", **_numbers(numeric_only))

    @native(False)
    def cov(
        self, ddof: int = 1, split_every: Any = None, split_out: Any = None,
        numeric_only: bool = False, shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Covariances of columns by group."""
        return self._of_whole_groups("cov", ddof=ddof, **_numbers(numeric_only))

    @native(True)
    def get_group(self, key: Any) -> Any:
        """The rows of one group: a filter.

        Raises
        ------
        NotImplementedError
            For groups by anything but columns.
        """
        values = key if isinstance(key, tuple) and len(self.by) > 1 else (key,)
        frame = isinstance(self.obj._meta, pd.DataFrame)
        if not frame or any(k not in self.obj._meta.columns for k in map(_hashable, self.by)):
            raise NotImplementedError("get_group exists for groups by columns (docs/status.md)")
        if len(values) != len(self.by):
            raise ValueError(f"a group has {len(self.by)} keys, got {key!r}")
        chosen = self.obj
        for label, value in zip(self.by, values, strict=True):
            chosen = chosen[chosen[label] == value]
        return chosen if self._select is None else chosen[self._select]


def _numbers(numeric_only: bool) -> dict[str, Any]:
    return {"numeric_only": True} if numeric_only else {}


def _hashable(key: Any) -> Any:
    return key if isinstance(key, str | int | float | tuple) else None
