"""pandas to the engine's tables and back, without losing a dtype.

The engine's table holds the index levels first (``__index__``, ``__index__1``...), then the data
columns. Labels and engine names correspond by position, so that labels may be any object.
Missing values are Arrow nulls inside the engine, whatever pandas calls them. Object columns that
pandas made of unlike values travel as pickled cells: ``large_binary`` under dtype object.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import is_extension_array_dtype, union_categoricals

from dusk import _core

INDEX = "__index__"
UNKNOWN_CATEGORIES = "__UNKNOWN_CATEGORIES__"


def index_names(count: int) -> list[str]:
    """The engine's names of `count` index levels."""
    return [INDEX + (str(i) if i else "") for i in range(count)]


def column_names(labels: Sequence[Any]) -> list[str]:
    """Unique engine names of column labels: the label itself where it is a fitting string."""
    names: list[str] = []
    seen: set[str] = set()
    for place, label in enumerate(labels):
        fits = isinstance(label, str) and label and not label.startswith("__index__")
        name = str(label) if fits else f"__column{place}__"
        if name in seen:
            raise NotImplementedError(
                f"two columns are called {label!r}: Dusk's frames need distinct labels "
                "(docs/status.md); rename one of them"
            )
        seen.add(name)
        names.append(name)
    return names


def levels_of(index: pd.Index) -> list[pd.Index]:
    """The levels of an index, as flat indexes of full length."""
    if isinstance(index, pd.MultiIndex):
        return [index.get_level_values(i) for i in range(index.nlevels)]
    return [index]


def as_frame(obj: Any) -> pd.DataFrame:
    """`obj` (frame, series, index) as a frame whose columns are its data."""
    if isinstance(obj, pd.DataFrame):
        return obj
    if isinstance(obj, pd.Series):
        return obj.to_frame(name="__series__" if obj.name is None else obj.name)
    return pd.DataFrame(index=obj)


def arrow_type(dtype: Any, values: Any = None, pickled: bool = False) -> pa.DataType:
    """The Arrow type that holds a pandas dtype; `values` decide for object columns.

    With `pickled`, object columns that Arrow cannot hold become pickled cells.

    Raises
    ------
    NotImplementedError
        For dtypes that Arrow cannot hold.
    """
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        inner = pa.string() if categories is None else arrow_type(categories.dtype, categories)
        if pa.types.is_null(inner):
            inner = pa.string()
        return pa.dictionary(pa.int32(), inner, bool(dtype.ordered))
    if isinstance(dtype, pd.StringDtype):
        return pa.large_string()
    if isinstance(dtype, pd.ArrowDtype):
        return dtype.pyarrow_dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pa.timestamp(dtype.unit, tz=str(dtype.tz))
    if is_extension_array_dtype(dtype):
        plain = getattr(dtype, "numpy_dtype", None)
        if plain is not None and plain.kind in "iufb":
            return pa.from_numpy_dtype(plain)
        raise NotImplementedError(
            f"columns of dtype {dtype} have no place in Dusk's tables (docs/status.md); "
            "convert them with astype first"
        )
    if dtype.kind == "O":
        return _object_type(values, pickled)
    if dtype.kind in "iufbmM":
        return pa.from_numpy_dtype(dtype)
    raise NotImplementedError(
        f"columns of dtype {dtype} have no place in Dusk's tables (docs/status.md)"
    )


def _object_type(values: Any, pickled: bool) -> pa.DataType:
    if values is None or len(values) == 0:
        return pa.large_string()
    try:
        found = pa.array(values, from_pandas=True).type
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        if pickled:
            return pa.large_binary()
        raise NotImplementedError(
            "an object column holds values that Arrow cannot hold together "
            f"({str(error).splitlines()[0]}); convert it with astype, or to strings by "
            "dusk.config.set({'dataframe.convert-string': True})"
        ) from error
    if pa.types.is_null(found) or pa.types.is_string(found):
        return pa.large_string()
    return found


def schema_of(meta: Any, sample: Any = None, pickled: bool = False) -> pa.Schema:
    """The Arrow schema of `meta`'s table.

    Object columns and unknown categories take their type from `sample`.
    """
    frame = as_frame(meta)
    source = as_frame(sample) if sample is not None else frame
    levels = levels_of(frame.index)
    fields = [
        pa.field(name, arrow_type(level.dtype, like, pickled))
        for name, level, like in zip(
            index_names(len(levels)), levels, levels_of(source.index), strict=True
        )
    ]
    for place, name in enumerate(column_names(frame.columns)):
        dtype, like = frame.dtypes.iloc[place], source.dtypes.iloc[place]
        if is_unknown(dtype) and isinstance(like, pd.CategoricalDtype):
            dtype = like
        fields.append(pa.field(name, arrow_type(dtype, source.iloc[:, place], pickled)))
    return pa.schema(fields)


def is_object(dtype: Any) -> bool:
    """Whether `dtype` is NumPy's object."""
    return isinstance(dtype, np.dtype) and dtype.kind == "O"


def is_unknown(dtype: Any) -> bool:
    """Whether `dtype` is a category whose categories are found out by computing."""
    if not isinstance(dtype, pd.CategoricalDtype):
        return False
    return dtype.categories is None or list(dtype.categories) == [UNKNOWN_CATEGORIES]


def _to_arrow(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        values = values.array if hasattr(values, "array") else values
        if not isinstance(values, pd.Categorical):
            values = pd.Categorical(values)
        words = pa.array(values.categories, type=kind.value_type, from_pandas=True)
        codes = np.asarray(values.codes, dtype="int32")
        return pa.DictionaryArray.from_arrays(
            pa.array(codes, mask=codes < 0), words, ordered=kind.ordered
        )
    if pa.types.is_large_binary(kind):
        return pa.array([pickle.dumps(v) for v in values], type=kind)
    array = values.array if hasattr(values, "array") else values
    if isinstance(array, pd.Categorical):
        array = np.asarray(array)
    if not pa.types.is_primitive(kind) and array.dtype.kind == "f" and pd.isna(array).all():
        return pa.nulls(len(array), kind)  # what pandas makes of nothing but missing values
    try:
        made = pa.array(array, type=_loose(array, kind), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        label = getattr(values, "name", None)
        raise TypeError(
            f"[{label!r}] has values that a column of {kind} cannot hold ({error}); cast it first, "
            "or leave it out"
        ) from error
    if isinstance(made, pa.ChunkedArray):
        made = made.combine_chunks()
    return made if made.type == kind else made.cast(kind)


def _loose(array: Any, kind: pa.DataType) -> pa.DataType | None:
    """The type to ask Arrow for: none where extension arrays know their own."""
    return kind if isinstance(array, np.ndarray) or getattr(array, "dtype", None) == "O" else None


def to_arrow(obj: Any, schema: pa.Schema | None = None) -> pa.Table:
    """A pandas object as an Arrow table of `schema` (by default its own)."""
    frame = as_frame(obj)
    schema = schema if schema is not None else schema_of(frame)
    levels = levels_of(frame.index)
    columns: list[Any] = [*levels, *(frame.iloc[:, i] for i in range(frame.shape[1]))]
    arrays = [_to_arrow(v, f.type) for v, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def to_table(obj: Any, schema: pa.Schema | None = None) -> Any:
    """A pandas object as an engine's table."""
    return _core.table(to_arrow(obj, schema), index_names(as_frame(obj).index.nlevels))


def from_arrow(values: pa.ChunkedArray, dtype: Any) -> Any:
    """An Arrow column as an array of a pandas dtype."""
    if isinstance(dtype, pd.CategoricalDtype):
        return _categorical(values, dtype)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if is_extension_array_dtype(dtype):
        wanted = arrow_type(dtype)
        if values.type != wanted and not isinstance(dtype, pd.StringDtype):
            values = values.cast(wanted, safe=False)
        return dtype.__from_arrow__(values)
    return _numpy(values, np.dtype(dtype))


def _numpy(values: pa.ChunkedArray, dtype: np.dtype[Any]) -> Any:
    if dtype.kind in "mM":
        values = values.cast(arrow_type(dtype), safe=False)
        return _writable(values.to_numpy(), dtype)
    if dtype.kind == "O":
        if pa.types.is_large_string(values.type) or pa.types.is_string(values.type):
            return np.asarray(values.to_pandas(types_mapper=lambda _: None), dtype=object)
        return _objects(values)
    if dtype.kind in "iu" and pa.types.is_floating(values.type):
        return _whole_numbers(values, dtype)
    if values.null_count and dtype.kind in "iub":
        kept = np.array(values.to_pandas())
        if dtype.kind == "b":
            kept[pd.isna(kept)] = np.nan
        return kept
    if dtype.kind in "iufb":
        return _writable(values.to_numpy(), dtype)
    return values.to_pandas().to_numpy().astype(dtype)


def _objects(values: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_large_binary(values.type):
        made = np.empty(len(values), dtype=object)
        made[:] = [pickle.loads(v) for v in values.to_pylist()]
        return made
    if _holds_lists_of_texts(values.type):
        made = np.empty(len(values), dtype=object)
        made[:] = [np.nan if v is None else v for v in values.to_pylist()]
        return made
    found = np.array(values.to_pandas(integer_object_nulls=True), dtype=object)
    if values.null_count and (pa.types.is_boolean(values.type) or pa.types.is_binary(values.type)):
        found[pd.isna(found)] = np.nan
    return found


def _holds_lists_of_texts(kind: pa.DataType) -> bool:
    """Whether cells are lists as ``str.split`` makes them; lists of numbers become arrays."""
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    return bool(pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))


def _whole_numbers(values: pa.ChunkedArray, dtype: np.dtype[Any]) -> np.ndarray:
    """Integers, unless a value is missing or infinite."""
    floats: np.ndarray = values.to_numpy()
    return floats.astype(dtype) if np.isfinite(floats).all() else floats


def _writable(array: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    array = array.astype(dtype, copy=False)
    return array if array.flags.writeable else array.copy()


def _categorical(values: pa.ChunkedArray, dtype: pd.CategoricalDtype) -> pd.Categorical:
    if is_unknown(dtype):
        dtype = pd.CategoricalDtype(ordered=dtype.ordered)
    if not pa.types.is_dictionary(values.type):
        plain = pd.Series(values.to_pandas())
        return pd.Categorical(plain, dtype=dtype)
    pieces = [_categorical_piece(chunk, dtype) for chunk in values.chunks]
    if not pieces:
        return pd.Categorical([], dtype=dtype)
    if len(pieces) == 1:
        return pieces[0]
    if dtype.categories is None:
        return union_categoricals(pieces, ignore_order=True)
    codes = np.concatenate([p.codes for p in pieces])
    return pd.Categorical.from_codes(codes, dtype=dtype)


def _categorical_piece(chunk: pa.DictionaryArray, dtype: pd.CategoricalDtype) -> pd.Categorical:
    words = chunk.dictionary.to_pandas()
    codes = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if dtype.categories is None:
        return pd.Categorical.from_codes(codes, categories=words, ordered=dtype.ordered)
    places = dtype.categories.get_indexer(pd.Index(words))
    if len(places) == 0:
        return pd.Categorical.from_codes(np.full(len(codes), -1), dtype=dtype)
    return pd.Categorical.from_codes(np.where(codes < 0, -1, places[codes]), dtype=dtype)


def _from_levels(levels: list[Any], meta: pd.Index) -> pd.Index:
    if isinstance(meta, pd.MultiIndex):
        return pd.MultiIndex.from_arrays(levels, names=meta.names)
    (values,) = levels
    if isinstance(meta, pd.RangeIndex):
        return _range_index(np.asarray(values), meta.name)
    made = pd.Index(values, name=meta.name)
    if made.dtype != meta.dtype and not isinstance(meta.dtype, pd.CategoricalDtype):
        made = made if len(made) and meta.dtype == object else made.astype(meta.dtype)
    return made


def _range_index(values: np.ndarray, name: Any) -> pd.Index:
    """A RangeIndex where the values are one, as pandas keeps it."""
    if len(values) == 0:
        return pd.RangeIndex(0, name=name)
    if values.dtype.kind not in "iu":
        return pd.Index(values, name=name)
    start = int(values[0])
    step = int(values[1]) - start if len(values) > 1 else 1
    if step and int(values[-1]) == start + step * (len(values) - 1):
        stop = start + step * len(values)
        if np.array_equal(np.arange(start, stop, step), values):
            return pd.RangeIndex(start, stop, step, name=name)
    return pd.Index(values, name=name)


def to_pandas(table: Any, meta: Any) -> Any:
    """An engine's table as pandas, with `meta`'s labels, dtypes and kind."""
    arrow = pa.table(table)
    hidden = list(table.index)
    like = as_frame(meta)
    data = [name for name in arrow.column_names if name not in set(hidden)]
    if hidden:
        meta_levels = levels_of(like.index)
        levels = [
            from_arrow(arrow.column(n), level.dtype)
            for n, level in zip(hidden, meta_levels, strict=True)
        ]
        index = _from_levels(levels, like.index)
    else:
        index = pd.RangeIndex(arrow.num_rows, name=like.index.name)
    if isinstance(meta, pd.Index):
        return index
    arrays = [
        from_arrow(arrow.column(n), dtype) for n, dtype in zip(data, like.dtypes, strict=True)
    ]
    if isinstance(meta, pd.Series):
        return pd.Series(arrays[0], index=index, name=meta.name, copy=False)
    frame = pd.DataFrame(dict(enumerate(arrays)), index=index, copy=False)
    frame.columns = meta.columns
    return frame
