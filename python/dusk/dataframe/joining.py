"""merge, join and concat."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, fields, native, new_collection, schema_of_expr
from dusk.dataframe.meta import emulate, nonempty
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.repartition import by_count, to_common_divisions
from dusk.dataframe.rowwise import REFUSED, fits

Column = _core.Column
HOW = ("left", "right", "outer", "inner", "leftsemi", "leftanti")


class JoiningMixin(FrameBase):
    """``merge`` and ``join`` of frames."""

    @native(True)
    def merge(
        self,
        right: Any,
        how: str = "inner",
        on: Any = None,
        left_on: Any = None,
        right_on: Any = None,
        left_index: bool = False,
        right_index: bool = False,
        suffixes: Any = ("_x", "_y"),
        indicator: bool = False,
        shuffle_method: Any = None,
        npartitions: Any = None,
        broadcast: Any = None,
    ) -> Any:
        """Rows of two frames with equal keys; see :func:`dusk.dataframe.merge`."""
        return merge(
            self, right, how, on, left_on, right_on, left_index, right_index,
            suffixes=suffixes, indicator=indicator, npartitions=npartitions,
        )  # fmt: skip

    @native(True)
    def join(
        self,
        other: Any,
        on: Any = None,
        how: str = "left",
        lsuffix: str = "",
        rsuffix: str = "",
        shuffle_method: Any = None,
        npartitions: Any = None,
    ) -> Any:
        """Columns of another frame, by index (or by column `on` with the other's index)."""
        if isinstance(other, list | tuple):
            made = self
            for item in other:
                made = made.join(item, on=on, how=how, lsuffix=lsuffix, rsuffix=rsuffix)
            return made
        if isinstance(other._meta if isinstance(other, FrameBase) else other, pd.Series):
            other = other.to_frame()
        return merge(
            self, other, how, None, on, None, on is None, True, suffixes=(lsuffix, rsuffix),
            npartitions=npartitions,
        )  # fmt: skip


def _labels(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


@native(True)
def merge(
    left: Any,
    right: Any,
    how: str = "inner",
    on: Any = None,
    left_on: Any = None,
    right_on: Any = None,
    left_index: bool = False,
    right_index: bool = False,
    sort: bool = False,
    suffixes: Any = ("_x", "_y"),
    copy: Any = None,
    indicator: bool = False,
    validate: Any = None,
    *,
    npartitions: Any = None,
    **kwargs: Any,
) -> Any:
    """Rows of two frames with equal keys, as pandas' merge.

    Parameters
    ----------
    left, right : DataFrame of Dusk or pandas
    how : {"inner", "left", "right", "outer", "leftsemi"}
    on, left_on, right_on : label or list of labels
        The keys; by default the labels that both frames have.
    left_index, right_index : bool
        Whether the index is the key.
    suffixes : pair of str
        For labels that both have.
    npartitions : int, optional
        Of the result, unless one side is a single partition that is joined to all of the other.

    Raises
    ------
    KeyError
        For labels that are not there.
    ValueError
        For other values of `how`.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> left = dd.from_pandas(pd.DataFrame({"k": [1, 2], "a": [3, 4]}), npartitions=1)
    >>> dd.merge(left, pd.DataFrame({"k": [2, 9], "b": [5, 6]}), on="k").compute()
       k  a  b
    0  2  4  5
    """
    if how not in HOW:
        raise ValueError(
            f"dusk.dataframe.merge does not support how='{how}'. Options are: {HOW[:5]}."
        )
    for key in (on, left_on, right_on):
        if isinstance(key, FrameBase):
            raise NotImplementedError(
                "merge by a lazy series does not exist in Dusk yet (docs/status.md); assign it "
                "as a column first"
            )
    left, right = _lazy(left), _lazy(right)
    if on is None and left_on is None and right_on is None and not (left_index or right_index):
        on = [c for c in left._meta.columns if c in right._meta.columns]
        if not on:
            raise pd.errors.MergeError(
                "No common columns to perform merge on. Merge options: left_on=None, "
                "right_on=None, left_index=False, right_index=False"
            )
    mine, theirs = (_labels(on if on is not None else key) for key in (left_on, right_on))
    plan = _Merge(
        how, mine, theirs,
        left_index, right_index, tuple(suffixes), indicator,
    )  # fmt: skip
    meta = emulate(plan, left, right).iloc[:0]
    found = _by_divisions(plan, left, right, meta)
    if found is not None:
        return found
    count = _merged_count(plan, left, right, npartitions)
    found = None if indicator else plan.natively(left, right, meta, count)
    if found is None:
        found = _joined_by_pandas(plan, left, right, meta)
    return found._in_runs(count) if found.npartitions == 1 else by_count(found, count)


def _known(frame: Any) -> bool:
    """Whether the divisions are known without computing."""
    return not callable(frame._divisions) and frame.known_divisions


def _by_divisions(plan: _Merge, left: Any, right: Any, meta: pd.DataFrame) -> Any:
    """A merge on an index whose divisions are known, which the result keeps; None otherwise."""
    one_left, one_right = left.npartitions == 1, right.npartitions == 1
    if plan.left_index and one_left and plan.how in ("inner", "right"):
        if not _known(right):
            return None
        divisions, numbers = right.divisions, range(right.npartitions)
        pairs = [(left, right.get_partition(i)) for i in numbers]
    elif plan.right_index and one_right and plan.how in ("inner", "left"):
        if not _known(left):
            return None
        divisions, pairs = left.divisions, [(left, right)]
    elif plan.left_index and plan.right_index and _known(left) and _known(right):
        left, right = to_common_divisions([left, right])
        divisions, numbers = left.divisions, range(left.npartitions)
        pairs = [(left.get_partition(i), right.get_partition(i)) for i in numbers]
    else:
        return None
    return _joined_pairs(plan, pairs, meta, divisions)


def _joined_pairs(
    plan: _Merge, pairs: list[tuple[Any, Any]], meta: pd.DataFrame, divisions: Any
) -> Any:
    """The merges of pairs of frames, after each other."""
    joined = []
    for left, right in pairs:
        found = None if plan.indicator else plan.natively(left, right, meta, 0)
        if found is None:
            found = partitionwise(
                plan, left, right, meta=meta, name="merge", align=False, divisions=None
            )
        joined.append(found.expr)
    expr = _core.frame_concat(joined) if len(joined) > 1 else joined[0]
    return new_collection(expr, meta, divisions)


def _merged_count(plan: _Merge, left: Any, right: Any, npartitions: Any) -> int:
    """The partitions of a merge: as many as asked for, unless one side goes to every partition."""
    if right.npartitions == 1 and plan.how in ("inner", "left", "leftsemi"):
        return int(left.npartitions)
    if left.npartitions == 1 and plan.how in ("inner", "right"):
        return int(right.npartitions)
    most = max(left.npartitions, right.npartitions)
    return npartitions if isinstance(npartitions, int) and most > 1 else most


def _joined_by_pandas(plan: _Merge, left: Any, right: Any, meta: pd.DataFrame) -> Any:
    how = plan.how
    one_right = right.npartitions == 1 and how in ("inner", "left", "leftsemi")
    one_left = left.npartitions == 1 and how in ("inner", "right")
    if not (one_left or one_right):
        left, right = left._single(), right._single()
    made = partitionwise(plan, left, right, meta=meta, name="merge", align=False, divisions=None)
    numbered = not plan.left_index and not plan.right_index and how != "leftsemi"
    return made.reset_index(drop=True) if numbered else made


def _lazy(frame: Any) -> Any:
    from dusk.dataframe.io.memory import from_pandas

    if isinstance(frame, pd.Series | pd.DataFrame):
        frame = from_pandas(frame, npartitions=1, sort=False)
    if not isinstance(frame, FrameBase):
        raise TypeError(f"right must be DataFrame or Series, not {type(frame).__name__}")
    return frame.to_frame() if isinstance(frame._meta, pd.Series) else frame  # type: ignore


class _Merge:
    """A merge's arguments: as pandas does it, and as the engine does."""

    def __init__(
        self,
        how: str,
        left_on: list[Any],
        right_on: list[Any],
        left_index: bool,
        right_index: bool,
        suffixes: tuple[Any, ...],
        indicator: bool,
    ) -> None:
        self.how, self.left_on, self.right_on = how, left_on, right_on
        self.left_index, self.right_index = left_index, right_index
        self.suffixes, self.indicator = suffixes, indicator
        self.__name__ = "merge"

    def __dask_tokenize__(self) -> Any:
        return tuple(self.__dict__.items())

    def __call__(self, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        how = self.how
        if how in ("leftsemi", "leftanti"):
            keys = right[self.right_on].drop_duplicates()
            keys.columns = self.left_on
            both = left.merge(keys, on=self.left_on, how="left", indicator="__side__")
            kept = (both["__side__"] == "both").to_numpy() == (how == "leftsemi")
            return left[kept]
        return left.merge(
            right,
            how=how,
            left_on=self.left_on or None,
            right_on=self.right_on or None,
            left_index=self.left_index,
            right_index=self.right_index,
            suffixes=self.suffixes,
            indicator=self.indicator,
        )

    def natively(self, left: Any, right: Any, meta: pd.DataFrame, count: int) -> Any:
        if self.left_index != self.right_index and self.how == "outer":
            return None
        keys = self._keys(left, right)
        if keys is None:
            return None
        columns = self._columns(left, right)
        if [label for label, _, _ in columns] != list(meta.columns):
            return None
        names = exchange.column_names(meta.columns)
        wanted = [
            (name, side, source) for name, (_, side, source) in zip(names, columns, strict=True)
        ]
        try:
            expr = _core.frame_merge(
                left.expr, right.expr, self.how, keys[0], keys[1], wanted,
                self._index(left, right), count,
            )  # fmt: skip
        except REFUSED:
            return None
        if not self._index(left, right):
            # Row numbers of the whole result, not of each partition.
            expr = _core.frame_project(expr, [(c, Column.field(c)) for c in expr.columns], [])
            meta = meta.set_axis(pd.RangeIndex(0), axis=0)
        elif expr.index != exchange.index_names(len(expr.index)):
            expr = _renamed_index(expr)
        if not fits(expr, meta):
            return None
        return new_collection(expr, meta, None)

    def _keys(self, left: Any, right: Any) -> tuple[list[str], list[str]] | None:
        def names(frame: Any, use_index: bool, labels: list[Any]) -> list[str] | None:
            if use_index:
                hidden: list[str] = list(frame.expr.index)
                return hidden if len(hidden) == 1 else None
            own = list(frame._meta.columns)
            if any(label not in own for label in labels):
                return None
            return [frame.expr.columns[own.index(label)] for label in labels]

        mine = names(left, self.left_index, self.left_on)
        theirs = names(right, self.right_index, self.right_on)
        if not mine or not theirs or len(mine) != len(theirs):
            return None
        for a, b in zip(mine, theirs, strict=True):
            x, y = (schema_of_expr(f.expr).field(k).type for f, k in ((left, a), (right, b)))
            if str(x).startswith("dictionary") != str(y).startswith("dictionary"):
                return None
        return mine, theirs

    def _columns(self, left: Any, right: Any) -> list[tuple[Any, int, str]]:
        """(label, side, source) of the result's columns in pandas' order."""
        mine, theirs = list(left._meta.columns), list(right._meta.columns)
        shared = {
            a for a, b in zip(self.left_on, self.right_on, strict=False) if a == b
        } if not (self.left_index or self.right_index) else set()  # fmt: skip
        if self.how in ("leftsemi", "leftanti"):
            theirs = []
        both = (set(mine) & set(theirs)) - shared
        found = []
        for label, source in zip(mine, left.expr.columns, strict=True):
            side, name = 0, source
            if label in shared and self.how == "right":
                side, name = 1, right.expr.columns[theirs.index(label)]
            found.append((self._suffixed(label, 0, both), side, name))
        for label, source in zip(theirs, right.expr.columns, strict=False):
            if label not in shared:
                found.append((self._suffixed(label, 1, both), 1, source))
        return found

    def _suffixed(self, label: Any, side: int, both: set[Any]) -> Any:
        suffix = self.suffixes[side]
        return f"{label}{suffix}" if label in both and suffix is not None else label

    def _index(self, left: Any, right: Any) -> list[tuple[str, int, str]]:
        """The result's index: the keys' where both are indexes, else one side's, or none."""
        if self.how in ("leftsemi", "leftanti"):
            return [(n, 0, n) for n in left.expr.index]
        if self.left_index and self.right_index:
            side = 1 if self.how == "right" else 0
            source = (right if side else left).expr.index[0]
            return [(exchange.INDEX, side, source)]
        if self.right_index and self.how in ("left", "inner") and len(left.expr.index) == 1:
            return [(exchange.INDEX, 0, left.expr.index[0])]
        if self.left_index and self.how in ("right", "inner") and len(right.expr.index) == 1:
            return [(exchange.INDEX, 1, right.expr.index[0])]
        return []


def _renamed_index(expr: Any) -> Any:
    hidden = [
        (name, Column.field(old))
        for name, old in zip(exchange.index_names(len(expr.index)), expr.index, strict=True)
    ]
    return _core.frame_project(expr, [(c, Column.field(c)) for c in expr.columns], hidden)


@native(True)
def concat(
    dfs: Sequence[Any],
    axis: Any = 0,
    join: str = "outer",
    ignore_unknown_divisions: bool = False,
    ignore_order: bool = False,
    interleave_partitions: bool = False,
    **kwargs: Any,
) -> Any:
    """Frames (or series) one after the other; or side by side with ``axis=1``.

    Parameters
    ----------
    dfs : list
        Frames or series of Dusk or pandas.
    axis : {0, 1}
    join : {"outer", "inner"}
        Whether columns that some frames lack are kept.
    interleave_partitions : bool, default False
        Whether to merge partitions in the order of their divisions.

    Raises
    ------
    TypeError
        For anything but a list.
    ValueError
        For an empty list.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> ddf = dd.from_pandas(pd.DataFrame({"x": [1, 2]}), npartitions=1)
    >>> dd.concat([ddf, ddf]).x.compute().tolist()
    [1, 2, 1, 2]
    """
    if not isinstance(dfs, list | tuple):
        raise TypeError("dfs must be a list of DataFrames/Series objects")
    if len(dfs) == 0:
        raise ValueError("No objects to concatenate")
    if join not in ("inner", "outer"):
        raise ValueError("'join' must be 'inner' or 'outer'")
    from dusk.dataframe.io.memory import from_pandas

    frames = [
        f if isinstance(f, FrameBase) else from_pandas(f, npartitions=1, sort=False) for f in dfs
    ]
    if len(frames) == 1:
        return frames[0]
    if axis in (1, "columns"):
        return partitionwise(_Concat(1, join), frames, name="concat")
    if axis not in (0, "index"):
        raise ValueError(f"No axis named {axis} for object type DataFrame")
    if interleave_partitions and all(f.known_divisions for f in frames):
        from dusk.dataframe.repartition import to_common_divisions

        frames = to_common_divisions(frames)
        return partitionwise(_Concat(0, join), frames, name="concat", align=False,
                             divisions=frames[0].divisions)  # fmt: skip
    return _after_each_other(frames, join)


class _Concat:
    def __init__(self, axis: int, join: str) -> None:
        self.axis, self.join = axis, join

    def __call__(self, frames: Any) -> Any:
        return pd.concat(list(frames), axis=self.axis, join=self.join)


def _after_each_other(frames: list[Any], join: str) -> Any:
    sample = pd.concat([nonempty(f._meta) for f in frames], join=join)
    meta = sample.iloc[:0]
    labels = exchange.as_frame(meta).columns
    kinds = exchange.as_frame(meta).dtypes
    ready = [_conformed(f, meta, labels, kinds, sample) for f in frames]
    schema = schema_of_expr(ready[0].expr)
    for item in ready[1:]:
        if schema_of_expr(item.expr) != schema:
            ready = [
                partitionwise(_As(meta), f, meta=meta, sample=sample, name="concat-part")
                for f in frames
            ]
            break
    expr = _core.frame_concat([f.expr for f in ready])
    return new_collection(expr, meta, _joined_divisions(frames))


def _conformed(frame: Any, meta: Any, labels: Any, kinds: Any, sample: Any) -> Any:
    own = exchange.as_frame(frame._meta)
    names = exchange.column_names(labels)
    same = isinstance(frame._meta, type(meta)) and len(frame.expr.index) == meta.index.nlevels
    if isinstance(meta, pd.Series):
        fine = same and frame._meta.dtype == meta.dtype
        columns = fields(frame)
    else:
        fine = same and all(
            label in own.columns and own[label].dtype == kind
            for label, kind in zip(labels, kinds, strict=True)
        )
        columns = [fields(frame)[own.columns.get_loc(label)] for label in labels] if fine else []
    if not fine or any(isinstance(k, pd.CategoricalDtype) for k in kinds):
        return partitionwise(_As(meta), frame, meta=meta, sample=sample, name="concat-part")
    if frame.expr.columns == names and frame.expr.index == exchange.index_names(
        len(frame.expr.index)
    ):
        return frame
    expr = _renamed_index(_core.frame_project(frame.expr, list(zip(names, columns, strict=True))))
    return new_collection(expr, meta, None)


class _As:
    """A partition with the columns and dtypes of the concatenated frame."""

    def __init__(self, meta: Any) -> None:
        self.meta = meta

    def __call__(self, x: Any) -> Any:
        if isinstance(self.meta, pd.Series):
            return x.rename(self.meta.name)
        x = x.to_frame() if isinstance(x, pd.Series) else x
        absent = {
            c: d
            for c, d in self.meta.dtypes.items()
            if c not in x.columns and not isinstance(d, pd.CategoricalDtype)
        }
        return x.reindex(columns=self.meta.columns).astype(absent)


def _joined_divisions(frames: list[Any]) -> Any:
    if not all(f.known_divisions for f in frames):
        return None
    for before, after in itertools.pairwise(frames):
        if not before.divisions[-1] < after.divisions[0]:
            return None
    starts = [d for f in frames for d in f.divisions[:-1]]
    return (*starts, frames[-1].divisions[-1])
