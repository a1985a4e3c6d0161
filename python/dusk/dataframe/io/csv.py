"""read_csv: dtypes from a sample by pandas, blocks read by the engine where its options suffice."""

from __future__ import annotations

import io
import re
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from dusk import _core
from dusk.base import tokenize
from dusk.dataframe import exchange
from dusk.dataframe.collection import native, new_collection
from dusk.dataframe.io.memory import _from_calls, convert_strings
from dusk.dataframe.io.paths import expand
from dusk.utils import parse_bytes

DEFAULT_BLOCKSIZE = 64 << 20
# What the engine's reader takes; anything else is pandas' work.
NATIVE_OPTIONS = frozenset(
    [
        "sep",
        "delimiter",
        "header",
        "names",
        "usecols",
        "na_values",
        "quotechar",
        "decimal",
        "dtype",
        "parse_dates",
    ]
)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?$")


@native(True)
def read_csv(
    urlpath: Any,
    blocksize: Any = "default",
    lineterminator: str | None = None,
    compression: Any = "infer",
    sample: Any = 256000,
    sample_rows: int = 10,
    enforce: bool = False,
    assume_missing: bool = False,
    storage_options: Any = None,
    include_path_column: Any = False,
    **kwargs: Any,
) -> Any:
    """A lazy frame of CSV files.

    Parameters
    ----------
    urlpath : str or list of str
        Files or globs; natural order of the names.
    blocksize : int, str or None
        Bytes a partition; None makes one partition a file.
    sample : int or str, default 256000
        Bytes from which pandas infers dtypes.
    assume_missing : bool, default False
        Whether integer columns without a given dtype are read as floats.
    **kwargs
        As ``pandas.read_csv``. What the engine's reader lacks makes pandas read the blocks.

    Raises
    ------
    OSError
        When the path fits no file.
    ValueError
        For ``index_col``, ``nrows``, ``chunksize`` and ``iterator``.

    Examples
    --------
    >>> import os, tempfile, dusk.dataframe as dd
    >>> name = os.path.join(tempfile.mkdtemp(), "a.csv")
    >>> with open(name, "w") as file:
    ...     _ = file.write("x,y" + chr(10) + "1,a" + chr(10) + "2,b" + chr(10))
    >>> dd.read_csv(name).x.sum().compute().item()
    3
    """
    return _read(
        "read_csv", urlpath, blocksize, lineterminator, compression, sample, assume_missing,
        include_path_column, dict(kwargs),
    )  # fmt: skip


@native(True)
def read_table(urlpath: Any, blocksize: Any = "default", **kwargs: Any) -> Any:
    """As :func:`read_csv` with tabs between values."""
    kwargs.setdefault("sep", "\t")
    return read_csv(urlpath, blocksize=blocksize, **kwargs)


def _given(value: Any) -> bool:
    return value is not None and value is not False


def _refuse(name: str, options: dict[str, Any]) -> None:
    if _given(options.get("index_col")) or "index" in options:
        raise ValueError(
            "Keywords 'index' and 'index_col' not supported, except for 'index_col=False'. Use "
            f"dd.{name}(...).set_index('my-index') instead"
        )
    for word in ("iterator", "chunksize"):
        if options.get(word):
            raise ValueError(f"{word} not supported for dd.{name}")
    if options.get("nrows"):
        raise ValueError(
            f"The 'nrows' keyword is not supported by `dd.{name}`. To achieve the same behavior, "
            f"it's recommended to use `dd.{name}(...).head(n=nrows)`"
        )


def _read(
    name: str,
    urlpath: Any,
    blocksize: Any,
    lineterminator: Any,
    compression: Any,
    sample: Any,
    assume_missing: bool,
    include_path_column: Any,
    options: dict[str, Any],
) -> Any:
    _refuse(name, options)
    try:
        files = expand(urlpath)
    except FileNotFoundError as error:
        raise OSError(str(error)) from None
    packed = _compression(files[0], compression)
    if blocksize == "default":
        blocksize = DEFAULT_BLOCKSIZE
    blocksize = parse_bytes(blocksize) if isinstance(blocksize, str) else blocksize
    if packed:
        blocksize = None
        options["compression"] = packed
    if lineterminator is not None:
        options["lineterminator"] = lineterminator
    options.pop("index_col", None)
    head = _head(files[0], sample, options, packed)
    head = convert_strings(_assumed(head, assume_missing, options))
    meta = head.iloc[:0]
    if include_path_column:
        label = "path" if include_path_column is True else include_path_column
        if label in meta.columns:
            raise ValueError(
                f"Files already contain the column name: {label}, so the path column cannot use "
                "this name. Please set `include_path_column` to a unique name."
            )
        return _by_pandas(files, blocksize, options, head, label, packed)
    schema = None if packed else _native_schema(files[0], head, options)
    if schema is None:
        return _by_pandas(files, blocksize, options, head, None, packed)
    expr = _core.frame_read_csv(
        files, schema, _native_options(options, list(meta.columns)), blocksize
    )
    meta.index = pd.RangeIndex(0)
    return new_collection(expr, meta, None)


def _compression(path: str, compression: Any) -> str | None:
    if compression == "infer":
        ends = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz", ".zip": "zip", ".zst": "zstd"}
        return next((kind for end, kind in ends.items() if path.endswith(end)), None)
    return compression  # type: ignore[no-any-return]


def _head(path: str, sample: Any, options: dict[str, Any], packed: str | None) -> pd.DataFrame:
    """The first rows, as pandas reads them."""
    if packed or sample is False:
        return pd.read_csv(path, **{**options, "nrows": 1000})
    size = parse_bytes(sample) if isinstance(sample, str) else int(sample)
    with open(path, "rb") as file:
        text = file.read(size)
        if file.read(1):
            cut = text.rfind(b"\n")
            if cut < 0:
                raise ValueError(
                    "Sample is not large enough to include at least one row of data. Please "
                    "increase the number of bytes in `sample` in the call to "
                    "`read_csv`/`read_table`"
                )
            text = text[: cut + 1]
    return pd.read_csv(io.BytesIO(text), **options)


def _assumed(head: pd.DataFrame, missing: bool, options: dict[str, Any]) -> pd.DataFrame:
    if not missing:
        return head
    given = options.get("dtype")
    if given is not None and not isinstance(given, dict):
        return head
    loose = [c for c in head.columns if head[c].dtype.kind == "i" and c not in (given or {})]
    if loose:
        options["dtype"] = {**(given or {}), **dict.fromkeys(loose, np.dtype("float64"))}
    return head.astype(dict.fromkeys(loose, "float64"))


def _native_schema(path: str, head: pd.DataFrame, options: dict[str, Any]) -> dict[str, str] | None:
    """Arrow type names by column; None where pandas has to read."""
    if not set(options) <= NATIVE_OPTIONS or not len(head.columns):
        return None
    if options.get("header", "infer") not in ("infer", 0, None):
        return None
    separator = options.get("sep", options.get("delimiter", ","))
    if not isinstance(separator, str) or len(separator) != 1:
        return None
    if options.get("quotechar", '"') != '"' and len(options["quotechar"]) != 1:
        return None
    if options.get("decimal", ".") != "." or callable(options.get("usecols")):
        return None
    if isinstance(options.get("na_values"), dict) or not isinstance(head.index, pd.RangeIndex):
        return None
    if not all(isinstance(c, str) and not c.startswith("__index__") for c in head.columns):
        return None
    if any(re.search(r"\.\d+$", c) or c.startswith("Unnamed: ") for c in head.columns):
        return None
    schema = {}
    for label, dtype in head.dtypes.items():
        kind = _native_type(head[label], dtype)
        if kind is None:
            return None
        schema[str(label)] = kind
    stamps = [c for c in head.columns if head[c].dtype.kind == "M"]
    if stamps and not _iso(path, stamps, options):
        return None
    return schema


def _native_type(values: pd.Series, dtype: Any) -> str | None:
    if isinstance(dtype, pd.StringDtype):
        return "string"
    if isinstance(dtype, np.dtype) and dtype.kind in "iufbM":
        if dtype.kind == "f" and values.isna().all():
            return None
        return str(exchange.arrow_type(dtype))
    return None


def _iso(path: str, stamps: list[Any], options: dict[str, Any]) -> bool:
    plain = {k: v for k, v in options.items() if k not in ("parse_dates", "dtype")}
    raw = pd.read_csv(path, dtype=str, nrows=100, **plain)
    return all(ISO.match(v) is not None for c in stamps for v in raw[c].dropna())


def _native_options(options: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"sep": options.get("sep", options.get("delimiter", ","))}
    names = options.get("names")
    header = options.get("header", "infer")
    if header == "infer":
        header = 0 if names is None else None
    found["header"] = header is not None
    if names is not None:
        found["names"] = [str(n) for n in names]
    if options.get("usecols") is not None:
        found["usecols"] = labels
    values = options.get("na_values")
    if values is not None:
        given = list(values) if is_list_like(values) else [values]
        found["na_values"] = [str(v) for v in given]
    if "quotechar" in options:
        found["quotechar"] = options["quotechar"]
    return found


class _Blocks:
    """Reads block i by pandas: the header's lines, then the block's."""

    def __init__(
        self,
        blocks: list[tuple[str, int, int]],
        options: dict[str, Any],
        meta: pd.DataFrame,
        label: Any,
        files: list[str],
    ) -> None:
        self.blocks, self.options, self.meta = blocks, options, meta
        self.label, self.files = label, files

    def __call__(self, number: int) -> pd.DataFrame:
        path, start, length = self.blocks[number]
        options = dict(self.options)
        if length < 0:
            found = pd.read_csv(path, **options)
        else:
            with open(path, "rb") as file:
                file.seek(start)
                text = file.read(length)
            if start:
                options.pop("skiprows", None)
                text = _header(path, self.options) + text
            found = pd.read_csv(io.BytesIO(text), **options)
        if self.label is not None:
            found[self.label] = pd.Categorical([path] * len(found), categories=self.files)
        return _checked(convert_strings(found), self.meta)


def _header(path: str, options: dict[str, Any]) -> bytes:
    header = options.get("header", "infer")
    if header is None or (header == "infer" and options.get("names") is not None):
        return b""
    skip = options.get("skiprows") or 0
    lines = (skip if isinstance(skip, int) else 0) + (header if isinstance(header, int) else 0) + 1
    with open(path, "rb") as file:
        read = [file.readline() for _ in range(lines)]
    return b"".join(read[skip if isinstance(skip, int) else 0 :])


def _checked(found: pd.DataFrame, meta: pd.DataFrame) -> pd.DataFrame:
    """`found` in the sample's dtypes.

    Raises
    ------
    ValueError
        As Dask, with the dtypes to give, when they cannot hold the values.
    """
    if list(found.columns) != list(meta.columns):
        raise ValueError(
            "Columns do not match.\n"
            f"Expected: {list(meta.columns)}\nFound:    {list(found.columns)}"
        )
    wrong = []
    for label in meta.columns:
        have, want = found[label].dtype, meta[label].dtype
        if have == want or isinstance(want, pd.CategoricalDtype):
            continue
        try:
            if getattr(want, "kind", "O") in "iub" and have.kind == "f":
                raise ValueError
            found[label] = found[label].astype(want)
        except (TypeError, ValueError):
            wrong.append((label, have, want))
    if wrong:
        table = "\n".join(f"| {c} | {a} | {b} |" for c, a, b in wrong)
        fixes = "\n".join(f"       {c!r}: {str(a)!r}," for c, a, _ in wrong)
        raise ValueError(
            "Mismatched dtypes found in `pd.read_csv`/`pd.read_table`.\n\n"
            f"| Column | Found | Expected |\n{table}\n\n"
            "Usually this is due to dask's dtype inference failing, and\n*may* be fixed by "
            f"specifying dtypes manually by adding:\n\ndtype={{\n{fixes}\n}}\n\n"
            "to the call to `read_csv`/`read_table`."
        )
    return found


def _by_pandas(
    files: list[str], blocksize: int | None, options: dict[str, Any], head: pd.DataFrame,
    label: Any, packed: str | None,
) -> Any:  # fmt: skip
    if packed or blocksize is None or options.get("lineterminator"):
        blocks = [(f, 0, -1) for f in files]
    else:
        blocks = [(p, a, n) for p, a, n in _core.csv_blocks(files, blocksize)]
    sample = head
    if label is not None:
        sample = head.assign(**{label: pd.Categorical([files[0]] * len(head), categories=files)})
    sample.index = pd.RangeIndex(len(sample))
    read = partial(_Blocks.__call__, _Blocks(blocks, options, sample.iloc[:0], label, files))
    token = tokenize("read_csv", blocks, options, label)
    return _from_calls(read, len(blocks), sample, None, "read_csv", token)
