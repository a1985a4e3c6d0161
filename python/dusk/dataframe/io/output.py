"""to_parquet, to_csv, and what cannot be written yet."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from dusk import _core
from dusk.base import tokenize
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Scalar, fields, native
from dusk.dataframe.io.appending import require_appendable
from dusk.dataframe.io.engines import require_engine
from dusk.dataframe.io.paths import local

Column = _core.Column


class OutputMixin(FrameBase):
    """``to_parquet`` and ``to_csv``."""

    @native(True)
    def to_parquet(self, path: Any, **kwargs: Any) -> Any:
        """Writes one Parquet file a partition; see :func:`dusk.dataframe.to_parquet`."""
        return to_parquet(self, path, **kwargs)

    @native(False)
    def to_csv(self, filename: Any, **kwargs: Any) -> Any:
        """Writes one CSV file a partition; see :func:`dusk.dataframe.to_csv`."""
        return to_csv(self, filename, **kwargs)


def pandas_metadata(frame: Any, names: list[str], hidden: list[str]) -> str:
    """The ``pandas`` key of a file's metadata: index columns and dtypes."""
    meta = frame._meta
    fake = meta.iloc[:0]
    if hidden:
        table = pa.Table.from_pandas(
            fake.reset_index() if _named(fake.index) else fake, preserve_index=False
        )
    else:
        table = pa.Table.from_pandas(fake, preserve_index=False)
    found = json.loads(table.schema.metadata[b"pandas"])
    if hidden:
        found["index_columns"] = hidden
        if not _named(fake.index):
            found["columns"].append(
                {
                    "name": None,
                    "field_name": hidden[0],
                    "pandas_type": str(fake.index.dtype),
                    "numpy_type": str(fake.index.dtype),
                    "metadata": None,
                }
            )
    del names
    return json.dumps(found)


def _named(index: pd.Index) -> bool:
    return all(n is not None for n in index.names)


@native(True)
def to_parquet(
    df: Any,
    path: Any,
    compression: Any = "snappy",
    write_index: bool = True,
    append: bool = False,
    overwrite: bool = False,
    ignore_divisions: bool = False,
    partition_on: Any = None,
    storage_options: Any = None,
    custom_metadata: Any = None,
    write_metadata_file: Any = None,
    compute: bool = True,
    compute_kwargs: Any = None,
    schema: Any = "infer",
    name_function: Callable[[int], str] | None = None,
    filesystem: Any = None,
    engine: Any = None,
    **kwargs: Any,
) -> Any:
    """Writes one Parquet file a partition into a directory.

    Parameters
    ----------
    df : DataFrame
    path : str
        The directory; made when it is not there.
    compression : str, default "snappy"
        "snappy", "zstd", "gzip", "lz4", "brotli" or None.
    write_index : bool, default True
        Whether the index becomes a column.
    append : bool, default False
        Whether to add files to those that are there.
    overwrite : bool, default False
        Whether to remove what the directory holds first.
    partition_on : str or list of str, optional
        Columns whose values become directories ``column=value``; pyarrow writes the files.
    name_function : callable, optional
        File name from partition number; ``part.{i}.parquet`` by default.
    compute : bool, default True
        Whether to write now; else a lazy value that writes.

    Raises
    ------
    ValueError
        When what is appended has other columns, or an index that begins before the files' ends
        (unless `ignore_divisions`);
        when the directory is the working directory or an input and `overwrite` is set, or when
        names are not distinct.

    Examples
    --------
    >>> import pandas as pd, tempfile, dusk.dataframe as dd
    >>> folder = tempfile.mkdtemp()
    >>> dd.from_pandas(pd.DataFrame({"x": [1, 2, 3]}), npartitions=2).to_parquet(folder)
    >>> int(dd.read_parquet(folder).x.sum().compute())
    6
    """
    require_engine("to_parquet", engine)
    if not isinstance(df._meta, pd.DataFrame):
        raise NotImplementedError("to_parquet writes frames; use to_frame() first")
    labels = list(df._meta.columns)
    if not all(isinstance(c, str) for c in labels):
        raise ValueError("parquet must have string column names")
    folder = Path(local(path, storage_options))
    if overwrite and append:
        raise ValueError("Cannot use both `overwrite=True` and `append=True`!")
    if overwrite:
        _clear(folder, df)
    folder.mkdir(parents=True, exist_ok=True)
    first = _next_number(folder) if append else 0
    if first:
        require_appendable(folder, df, ignore_divisions or not write_index)
    paths = _paths(folder, df.npartitions, name_function, first)
    if partition_on is not None:
        return _partitioned(
            df, folder, paths, partition_on, compression, write_index, compute, compute_kwargs
        )
    expr, hidden = _stored(df, labels, write_index)
    metadata = {"pandas": pandas_metadata(df, labels, hidden)}
    for key, value in (custom_metadata or {}).items():
        text = key.decode() if isinstance(key, bytes) else str(key)
        if text == "pandas":
            raise ValueError(
                "User-defined key/value metadata (custom_metadata) can not contain a pandas key. "
                "This key is reserved by Pandas, and overwriting the corresponding value can "
                "render the entire dataset unreadable."
            )
        metadata[text] = value.decode() if isinstance(value, bytes) else str(value)
    rows = int(kwargs.pop("row_group_size", 1 << 20) or 1 << 20)
    written = _core.frame_write_parquet(
        expr, paths, compression=compression or "none", row_group_rows=rows, metadata=metadata
    )
    done = Scalar(
        _core.frame_reduce(written, [("rows", written.columns[0], "count", {})]),
        pd.Series([], dtype="int64"),
    )
    if not compute:
        return done
    done.compute(**(compute_kwargs or {}))
    return None


def _partitioned(
    df: Any,
    folder: Path,
    paths: list[str],
    partition_on: Any,
    compression: Any,
    write_index: bool,
    compute: bool,
    compute_kwargs: Any,
) -> Any:
    from dusk.base import compute as compute_all
    from dusk.dataframe.io.directories import WriteDirectories
    from dusk.delayed import Delayed

    keys = [partition_on] if isinstance(partition_on, str) else list(partition_on)
    lost = [k for k in keys if k not in df._meta.columns]
    if lost:
        raise ValueError(f"Partitioning on non-existent column. partition_on={keys}")
    task = WriteDirectories(df._meta, str(folder), keys, compression, write_index)
    written = []
    for part, path in zip(df.partitions, paths, strict=True):
        call = task.named(Path(path).name)
        token = tokenize("to_parquet", part.expr.token, path, keys, compression, write_index)
        (value,) = _core.frame_map_to_objects(call, [part.expr], name="to-parquet", token=token)
        written.append(Delayed(value))
    if not compute:
        return written
    compute_all(*written, **(compute_kwargs or {}))
    return None


def _clear(folder: Path, df: Any) -> None:
    real = folder.resolve()
    if real == Path.cwd().resolve() or real == Path("/"):
        raise ValueError("Cannot clear the contents of the current working directory!")
    if str(real) in _core.explain([df.expr], optimized=False):
        raise ValueError("Cannot overwrite a path that you are reading from in the same task graph")
    if folder.is_dir():
        shutil.rmtree(folder)


def _next_number(folder: Path) -> int:
    numbers = [
        int(part) for p in folder.glob("part.*.parquet") if (part := p.name.split(".")[1]).isdigit()
    ]
    return max(numbers, default=-1) + 1


def _paths(
    folder: Path, count: int, name_function: Callable[[int], str] | None, first: int
) -> list[str]:
    if name_function is not None:
        if not callable(name_function):
            raise ValueError("``name_function`` must be a callable with one argument.")
        names = [name_function(i + first) for i in range(count)]
        if len(set(names)) < count:
            raise ValueError("``name_function`` must produce unique filenames.")
    else:
        names = [f"part.{i + first}.parquet" for i in range(count)]
    return [str(folder / n) for n in names]


def _stored(df: Any, labels: list[str], write_index: bool) -> tuple[Any, list[str]]:
    """The expression with the file's columns: data, then the index under its own name."""
    columns = list(zip(labels, fields(df), strict=True))
    if not write_index or not df.expr.index:
        return _core.frame_project(df.expr, columns, []), []
    names = df._meta.index.names
    hidden = [
        str(n) if n is not None and str(n) not in labels else f"__index_level_{i}__"
        for i, n in enumerate(names)
    ]
    levels = [
        (name, Column.field(level)) for name, level in zip(hidden, df.expr.index, strict=True)
    ]
    return _core.frame_project(df.expr, [*columns, *levels], []), hidden


class _WriteCsv:
    """Writes a partition's text, and gives its path."""

    def __init__(self, meta: Any, path: str, options: dict[str, Any], mode: str) -> None:
        self.meta, self.path, self.options, self.mode = meta, path, options, mode

    def __call__(self, table: Any) -> str:
        exchange.to_pandas(table, self.meta).to_csv(self.path, mode=self.mode, **self.options)
        return self.path


@native(False)
def to_csv(
    df: Any,
    filename: Any,
    single_file: bool = False,
    encoding: str = "utf-8",
    mode: str = "wt",
    name_function: Callable[[int], str] | None = None,
    compression: Any = None,
    compute: bool = True,
    scheduler: Any = None,
    storage_options: Any = None,
    header_first_partition_only: bool | None = None,
    compute_kwargs: Any = None,
    **kwargs: Any,
) -> Any:
    """Writes CSV files, one a partition, by pandas.

    Parameters
    ----------
    filename : str or list of str
        With a ``*`` that becomes the partition's number; a directory; or a file with
        `single_file`.
    single_file : bool, default False
        Whether to write everything into one file, in order.

    Returns
    -------
    list of str
        The files; lazy values that write them with ``compute=False``.
    """
    from dusk.base import compute as compute_all
    from dusk.delayed import Delayed

    names = _csv_paths(filename, df.npartitions, name_function, storage_options, single_file)
    options = {**kwargs, "encoding": encoding, "compression": compression}
    if single_file:
        first_only = True if header_first_partition_only is None else header_first_partition_only
        if not first_only:
            raise ValueError("header_first_partition_only cannot be False in the single file mode.")
        for i, part in enumerate(df.partitions):
            head = options.get("header", True) if i == 0 else False
            text = {**options, "header": head}
            part.compute(scheduler=scheduler).to_csv(
                names[0], mode=mode if i == 0 else mode.replace("w", "a"), **text
            )
        return names
    made = []
    for i, (part, path) in enumerate(zip(df.partitions, names, strict=True)):
        text = dict(options)
        if header_first_partition_only and i:
            text["header"] = False
        task = _WriteCsv(df._meta, path, text, mode)
        token = tokenize("to_csv", part.expr.token, path, sorted(text), i)
        (value,) = _core.frame_map_to_objects(task, [part.expr], name="to-csv", token=token)
        made.append(Delayed(value))
    if not compute:
        return made
    return list(compute_all(*made, scheduler=scheduler, **(compute_kwargs or {})))


def _csv_paths(
    filename: Any, count: int, name_function: Any, storage_options: Any, single: bool
) -> list[str]:
    if isinstance(filename, list | tuple):
        if len(filename) != count:
            raise ValueError(f"{count} partitions, but {len(filename)} file names")
        return [str(f) for f in filename]
    target = local(filename, storage_options)
    if single:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        return [target]
    width = len(str(max(count - 1, 0)))
    number = name_function if name_function is not None else lambda i: str(i).zfill(width)
    if "*" not in target:
        target = os.path.join(target, "*.part")
    if target.count("*") > 1:
        raise ValueError("Output path spec must contain exactly one '*'.")
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    return [target.replace("*", number(i)) for i in range(count)]
