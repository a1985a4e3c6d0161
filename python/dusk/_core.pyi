"""The compiled engine: the only door between Python and C++."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

__version__: str

class CancelledError(Exception): ...

# ---------------------------------------------------------------------------------------------
# Expressions and how they run
# ---------------------------------------------------------------------------------------------

class Expr:
    @property
    def token(self) -> str: ...  # 32 hexadecimal digits
    @property
    def kind(self) -> str: ...  # "Elementwise", "ReadParquet"...
    @property
    def name(self) -> str: ...  # "add-<token>": prefix of the final layer's keys
    @property
    def block_count(self) -> int: ...  # chunks, partitions, or 1
    @property
    def inputs(self) -> list[Expr]: ...
    def describe(self) -> str: ...

class ObjectExpr(Expr):
    """One task whose value is any Python object (delayed functions, scalars)."""

class Observer:
    """Collects a run's events; cheap enough to be always on while it is passed to compute()."""
    def __init__(self) -> None: ...
    def progress(self) -> tuple[int, int]: ...  # (tasks done, tasks in all); any thread, any time
    def prefixes(self) -> list[tuple[str, int, int]]: ...  # (task name, done, in all)
    # (key, task name, thread, start seconds, end seconds, result bytes), in order of completion
    def timeline(self) -> list[tuple[str, str, int, float, float, int]]: ...

def compute(
    exprs: Sequence[Expr],
    *,
    scheduler: str = "threads",  # "threads" or "synchronous"
    num_workers: int = 0,  # 0: as many as processors
    memory_limit: int = 0,  # bytes; 0: none
    observer: Observer | None = None,
    optimize: bool = True,
) -> list[Any]:
    """Computes all expressions in one graph, shared work once.

    ArrayExpr -> numpy.ndarray (0-d ones as 0-d arrays; object chunks are concatenated in Python),
    FrameExpr -> Table, ObjectExpr -> the object. Ctrl-C raises KeyboardInterrupt within 100 ms.
    A Python exception raised in a task comes back as itself, with its traceback and cause and a
    note that names the task.
    """

def compute_blocks(exprs: Sequence[Expr], **options: Any) -> list[list[Any]]:
    """As compute(), but every expression's blocks unassembled, in C order."""

def persist(exprs: Sequence[Expr], **options: Any) -> list[Expr]:
    """Computes, and returns expressions of the same kinds whose blocks are in memory."""

def optimize(exprs: Sequence[Expr]) -> list[Expr]:
    """Runs the expression passes (pushdown, sharing); fusion happens when layers are made."""

def explain(exprs: Sequence[Expr], *, optimized: bool = True) -> str:
    """The plan as text: one line a layer with tasks, bytes, native or Python and why."""

def visualize_svg(exprs: Sequence[Expr], *, optimized: bool = False, tasks: bool = True) -> str:
    """The graph as one SVG document, drawn here. Above 500 tasks, layers are drawn instead."""

def graph_info(exprs: Sequence[Expr], *, optimized: bool = True) -> dict[str, Any]:
    """{"tasks": int, "layers": [{"name","kind","tasks","native","inputs":[names]}...]}"""

def keys(expr: Expr) -> list[str]: ...
def dump_expr(expr: Expr) -> tuple[bytes, list[Any], bytes]:
    """The bytes of the layers that make an expression's blocks, and of a description of them."""

def load_expr(
    header: bytes, buffers: list[Any], description: bytes, client: ClusterClient | None
) -> Any:
    """The reverse. The client: of the cluster that has the blocks which the layers need."""

def description_only(expr: Expr) -> Any:
    """The expression without what makes its blocks: it finishes results, and cannot be computed."""

def recode(exprs: Sequence[Expr], optimized: bool = True) -> list[Any]:
    """The expressions after a journey of their graph as bytes (for tests)."""

def set_annotations(expr: Expr, annotations: dict[str, str]) -> Expr:
    """The same expression carrying annotations (values are JSON texts)."""

def annotations(expr: Expr) -> dict[str, str]: ...
def set_name(expr: Expr, name: str) -> Any:
    """The same expression under a name of its own: its blocks' keys are (name, i, j...).

    Running a graph in which different expressions have one name is a ValueError."""

def tokenize_bytes(*parts: bytes) -> str: ...
def ledger() -> dict[str, int]: ...  # {"live": bytes, "peak": bytes, "pooled": bytes}
def reset_peak() -> None: ...
def trim_pool() -> None: ...
def stop_threads() -> None: ...
def cpu_count() -> int: ...

# ---------------------------------------------------------------------------------------------
# Python functions as tasks
# ---------------------------------------------------------------------------------------------

def object_value(value: Any, token: str, key: str | None = None) -> ObjectExpr: ...
def object_call(
    function: Callable[..., Any],
    inputs: Sequence[Expr],
    name: str,
    token: str | None = None,
    keyed: bool = False,
) -> ObjectExpr:
    """One task: function(*values of inputs). An input of several blocks is assembled first
    (ndarray, Table). `token` is the key's identity: equal tokens are one task, and None makes one
    that nothing else has. The key is name and token, or with `keyed` the name alone."""

def object_blocks(expr: Expr) -> list[ObjectExpr]:
    """One ObjectExpr for each block (to_delayed)."""

# ---------------------------------------------------------------------------------------------
# Arrays
# ---------------------------------------------------------------------------------------------

class ArrayExpr(Expr):
    @property
    def dtype(self) -> str: ...  # numpy dtype.str
    @property
    def shape(self) -> tuple[Any, ...]: ...  # ints; nan where unknown
    @property
    def chunks(self) -> tuple[tuple[Any, ...], ...]: ...  # ints; nan where unknown
    @property
    def ndim(self) -> int: ...
    @property
    def numblocks(self) -> tuple[int, ...]: ...

Chunks = Sequence[Sequence[int]]

def array_from_numpy(array: np.ndarray, chunks: Chunks, token: str, prefix: str) -> ArrayExpr:
    """Blocks are views of `array`; object dtype too (chunks then travel as Python objects)."""

def array_from_objects(exprs: Sequence[ObjectExpr], chunks: Chunks, dtype: str) -> ArrayExpr:
    """Blocks are the arrays that the objects compute to (from_delayed), C order of the grid."""

def array_full(
    shape: Sequence[int], chunks: Chunks, dtype: str, value: Any, name: str
) -> ArrayExpr: ...
def array_arange(start: Any, step: Any, length: int, chunks: Chunks, dtype: str) -> ArrayExpr: ...
def array_linspace(
    start: float, stop: float, num: int, endpoint: bool, chunks: Chunks, dtype: str
) -> ArrayExpr: ...
def array_eye(rows: int, columns: int, k: int, chunks: Chunks, dtype: str) -> ArrayExpr: ...
def array_random(
    distribution: str,  # "random" "uniform" "normal" "integers" "exponential"
    shape: Sequence[int],
    chunks: Chunks,
    dtype: str,
    seed: int,  # 64 bits
    stream: int,  # 64 bits
    a: float = 0.0,
    b: float = 1.0,
    low: int = 0,
    high: int = 0,  # inclusive
) -> ArrayExpr: ...
def array_elementwise(
    function: str,  # NumPy's name: "add", "sin", "where", "clip"
    args: Sequence[Any],  # ArrayExpr, NumPy scalars, or Python scalars (weak, NEP 50)
    dtype: str | None = None,  # computes in NumPy's loop for this result dtype
) -> ArrayExpr | None:
    """Broadcasts, unifies chunks (as Dask's unify_chunks: the finest common blocks) and infers the
    dtype as NumPy 2. None when there is no native loop; shape mistakes raise ValueError."""

def array_astype(x: ArrayExpr, dtype: str) -> ArrayExpr | None: ...
def array_reduce(
    function: str,  # sum prod min max any all mean var std argmin argmax, and nan*
    x: ArrayExpr,
    axis: Sequence[int] | None,  # normalised, sorted; None: all
    keepdims: bool,
    dtype: str | None = None,
    ddof: float = 0.0,
    split_every: Sequence[int] | None = None,  # one per axis in `axis`; None: the default
) -> ArrayExpr | None: ...
def array_slice(x: ArrayExpr, index: Sequence[Any]) -> ArrayExpr:
    """`index` per axis of x: int (drops the axis), or (start, stop, step) already normalised by
    slice.indices; None adds an axis. Ranges in [0, n). Chunks of the result are Dask's."""

def array_take(x: ArrayExpr, indices: np.ndarray, axis: int) -> ArrayExpr: ...
def array_transpose(x: ArrayExpr, axes: Sequence[int]) -> ArrayExpr: ...
def array_reshape(x: ArrayExpr, shape: Sequence[int]) -> ArrayExpr: ...
def array_broadcast_to(x: ArrayExpr, shape: Sequence[int], chunks: Chunks | None) -> ArrayExpr: ...
def array_concatenate(
    xs: Sequence[ArrayExpr], axis: int
) -> ArrayExpr: ...  # equal dtypes, aligned chunks
def array_stack(xs: Sequence[ArrayExpr], axis: int) -> ArrayExpr: ...
def array_rechunk(x: ArrayExpr, chunks: Chunks) -> ArrayExpr: ...
def array_block(
    x: ArrayExpr, index: Sequence[int]
) -> ArrayExpr: ...  # one block, by block coordinates
def array_blocks_subset(
    x: ArrayExpr, index: Sequence[Sequence[int]]
) -> ArrayExpr: ...  # per axis, block numbers
def array_map_blocks(
    function: Callable[..., Any],
    # each argument: (ArrayExpr, per input axis the output axis it follows, -1 when the input has
    # one block there, or block 0 is meant), or any other object passed as it is
    args: Sequence[Any],
    chunks: Sequence[Sequence[Any]],  # of the result; nan where unknown
    dtype: str,
    *,
    name: str,
    token: str,
    block_info: Sequence[Any]
    | None = None,  # passed as last arguments (block_id tuple) if not None
) -> ArrayExpr:
    """One task an output block: function(*blocks as ndarrays and literals). With `block_info` not
    None the function gets the block's coordinates as keyword `block_id` (a tuple of ints)."""

def array_with_chunks(x: ArrayExpr, chunks: Sequence[Sequence[Any]]) -> ArrayExpr:
    """The same blocks under other declared sizes (compute_chunk_sizes, known by the caller)."""

def array_function_names() -> list[str]: ...  # native elementwise functions
def unify_chunks(
    chunks: Sequence[tuple[Sequence[Sequence[Any]], Sequence[int]]],
) -> dict[int, tuple[Any, ...]]:
    """Common chunks for (chunks, axis labels) pairs: {label: sizes}."""

# ---------------------------------------------------------------------------------------------
# Frames
# ---------------------------------------------------------------------------------------------

class Table:
    """An in-memory partition. Speaks the Arrow C stream protocol."""
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    @property
    def num_rows(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def index(self) -> list[str]: ...  # columns that are the index

class Schema:
    """Column names and types. Speaks the Arrow C schema protocol."""
    def __arrow_c_schema__(self) -> Any: ...

class testing:
    """Conversions by themselves, for the tests (a submodule)."""
    @staticmethod
    def array_roundtrip(array: Any) -> np.ndarray: ...
    @staticmethod
    def frames_roundtrip(object: Any) -> Any: ...

def table(stream: Any, index: Sequence[str] = ()) -> Table:
    """From any object with __arrow_c_stream__; no copy."""

class Column:
    """A row-wise expression over one frame's columns."""
    @staticmethod
    def field(name: str) -> Column: ...
    @staticmethod
    def literal(value: Any, type: str | None = None) -> Column:
        """None, bool, int, float, str, bytes, datetime64/timedelta64 as numpy scalars."""
    @staticmethod
    def call(
        function: str, args: Sequence[Column], options: dict[str, Any] | None = None
    ) -> Column: ...
    def text(self) -> str: ...

def column_function_names() -> list[str]: ...

class FrameExpr(Expr):
    @property
    def columns(self) -> list[str]: ...  # data columns, in order
    @property
    def index(self) -> list[str]: ...  # index columns (also in the table); may be empty
    @property
    def npartitions(self) -> int: ...
    @property
    def schema(self) -> Any: ...  # object with __arrow_c_schema__: index columns, then data columns
    @property
    def rows(self) -> int | None: ...  # when known without computing (Parquet metadata)

def frame_from_tables(tables: Sequence[Table], token: str, prefix: str) -> FrameExpr:
    """One partition a table; equal schemas, equal index columns."""

def frame_read_parquet(
    paths: Sequence[str],
    columns: Sequence[str] | None,
    index: Sequence[str],  # columns to use as index; empty: a row number per partition, "__index__"
    split_row_groups: int,  # 0: one partition a file; n: n row groups a partition
) -> FrameExpr: ...
def parquet_info(path: str) -> dict[str, Any]:
    """{"rows", "row_groups": [{"rows","bytes"}...], "columns": [...], "pandas": str | None,
    "schema": object with __arrow_c_schema__}. A damaged file raises OSError naming it."""

def frame_read_csv(
    paths: Sequence[str],
    schema: dict[
        str, str
    ],  # column -> Arrow type name ("int64","double","string","timestamp[ns]","bool")
    options: dict[
        str, Any
    ],  # sep, header(bool), skiprows, names, usecols, na_values, quotechar, decimal...
    blocksize: int | None,  # bytes; None: one partition a file
) -> FrameExpr: ...
def csv_blocks(paths: Sequence[str], blocksize: int | None) -> list[tuple[str, int, int]]: ...
def frame_project(
    x: FrameExpr,
    columns: Sequence[tuple[str, Column]],
    index: Sequence[tuple[str, Column]] | None = None,
) -> FrameExpr:
    """New data columns, row for row; `index` None keeps the index."""

def frame_filter(x: FrameExpr, predicate: Column) -> FrameExpr: ...
def frame_align(xs: Sequence[FrameExpr]) -> FrameExpr | None:
    """One frame holding every column of frames that are row-wise descendants of one frame, columns
    named "0:a", "1:b" by position; None when their rows do not correspond by construction."""

def frame_groupby(
    x: FrameExpr,
    keys: Sequence[str],  # data or index columns
    aggregations: Sequence[
        tuple[str, str, str, dict[str, Any]]
    ],  # (result, column, function, options)
    *,
    sort: bool = True,
    dropna: bool = True,
    npartitions: int = 1,
) -> FrameExpr:
    """Functions: sum mean count size min max std var (options ddof) nunique first last prod any all
    median. Skips missing values; options min_count for sum/prod. The keys become the index."""

def frame_reduce(
    x: FrameExpr, aggregations: Sequence[tuple[str, str, str, dict[str, Any]]]
) -> FrameExpr:
    """One row: the functions of frame_groupby over all rows."""

def frame_merge(
    left: FrameExpr,
    right: FrameExpr,
    how: str,  # "inner" "left" "right" "outer" "leftsemi" "leftanti"
    left_on: Sequence[str],
    right_on: Sequence[str],
    columns: Sequence[tuple[str, int, str]],  # (result name, side 0/1, source column)
    index: Sequence[tuple[str, int, str]] = (),  # likewise; empty: a new row number
    npartitions: int = 0,
) -> FrameExpr: ...
def frame_sort(
    x: FrameExpr,
    by: Sequence[str],
    ascending: Sequence[bool],
    na_position: str,
    npartitions: int = 1,
) -> FrameExpr: ...
def frame_nlargest(
    x: FrameExpr, n: int, by: Sequence[str], largest: bool, keep: str
) -> FrameExpr: ...
def frame_head(x: FrameExpr, n: int, npartitions: int) -> FrameExpr: ...  # npartitions -1: all
def frame_tail(x: FrameExpr, n: int) -> FrameExpr: ...
def frame_drop_duplicates(x: FrameExpr, subset: Sequence[str], keep: str) -> FrameExpr: ...
def frame_concat(
    xs: Sequence[FrameExpr],
) -> FrameExpr: ...  # partitions after each other; equal schemas
def frame_partitions(x: FrameExpr, indices: Sequence[int]) -> FrameExpr: ...
def frame_repartition(x: FrameExpr, groups: Sequence[Sequence[int]]) -> FrameExpr:
    """Partition i is the concatenation of x's partitions groups[i]."""

def frame_split(x: FrameExpr, shares: Sequence[int]) -> FrameExpr:
    """Partition p becomes shares[p] partitions: runs of its rows, as long as each other."""

def frame_map_partitions(
    function: Callable[..., Any],
    inputs: Sequence[FrameExpr],  # partition i of each (or the only one)
    schema: Any,  # object with __arrow_c_schema__ of the results (index columns first)
    index: Sequence[str],
    *,
    name: str,
    token: str,
    partition_info: bool = False,
) -> FrameExpr:
    """function(*Tables) -> Table. With partition_info the partition number comes last."""

def frame_map_to_objects(
    function: Callable[..., Any], inputs: Sequence[FrameExpr], *, name: str, token: str
) -> list[ObjectExpr]:
    """One ObjectExpr a partition: function(*Tables) -> anything."""

def frame_write_parquet(
    x: FrameExpr,
    paths: Sequence[str],
    *,
    compression: str,
    row_group_rows: int,
    metadata: dict[str, str],
) -> FrameExpr:
    """One file a partition, written beside its name and renamed when whole. The result has one row
    a partition: path, rows, bytes."""

def frame_to_array(
    x: FrameExpr, columns: Sequence[str], dtype: str, lengths: Sequence[int] | None
) -> ArrayExpr: ...

# ---------------------------------------------------------------------------------------------
# Clusters: scheduler and workers in this process, on threads of their own without Python
# ---------------------------------------------------------------------------------------------

class ClusterScheduler:
    """Listens when it is made. The times are seconds; 0 is never."""

    def __init__(
        self,
        listen: Sequence[str],
        *,
        worker_saturation: float = 1.1,
        allowed_failures: int = 3,
        worker_ttl: float = 300.0,
        idle_timeout: float = 0.0,
        no_workers_timeout: float = 0.0,
        validate: bool = False,
        tls: tuple[str, str, str] | None = None,  # files: authority, certificate, key
    ) -> None: ...
    @property
    def addresses(self) -> list[str]: ...
    def close(self, reason: str = "the scheduler was closed") -> None: ...
    def wait(self, timeout: float = -1.0) -> str | None: ...

class ClusterWorker:
    """Registers in the background; runs Python tasks on `nthreads` threads."""

    def __init__(
        self,
        scheduler: str,
        listen: str,
        *,
        name: str = "",
        nthreads: int = 1,
        memory_limit: int = 0,  # bytes; 0: none
        resources: dict[str, float] = ...,
        tls: tuple[str, str, str] | None = None,
        owner: Any = None,  # what running_task() tells to this worker's tasks
        memory: Mapping[str, Any] | None = None,  # distributed.limits.memory_options()
        heartbeat: float = 0.5,  # seconds
        nanny: bool = False,  # somebody tells the scheduler why this process ends
        ready: int = -1,  # a descriptor that gets the address when the scheduler has answered
        connect: float = 30.0,  # seconds in which the scheduler must answer
        process: bool = False,  # the process ends with the worker, whatever Python does
        owns_process: bool = False,  # the process's memory is the worker's alone
    ) -> None: ...
    @property
    def address(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def scheduler(self) -> str: ...
    @property
    def connected(self) -> bool: ...
    def close(self, reason: str = "the worker was closed") -> None: ...
    def wait(self, timeout: float = -1.0) -> str | None: ...

class ClusterNanny:
    """Starts processes and starts them again; all on one thread without Python."""

    def __init__(
        self,
        scheduler: str,
        *,
        terminate: float = 0.95,  # fraction of a child's memory_limit; 0: no limit
        interval: float = 0.1,  # seconds between looks at their memory
        failed_starts_max: int = 3,
        quiet: bool = False,
        tls: tuple[str, str, str] | None = None,
    ) -> None: ...
    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Sequence[str],  # "NAME=value"
        input: bytes,  # on its stdin
        memory_limit: int,  # bytes; 0: none
    ) -> int: ...
    def restart(self, number: int, reason: str) -> bool: ...
    def stop(self, number: int, grace: float) -> None: ...
    def let_go(self) -> None: ...
    # number, name, status, pid, address, restarts, last_end, log_tail
    def children(self) -> list[dict[str, Any]]: ...
    def wait(self, ready: bool, timeout: float) -> bool: ...
    def close(self) -> None: ...

RESTART_STATUS: int

def die_with_parent(input: int) -> None: ...
def exit_status(reason: str) -> int: ...  # of a worker process that ends for it
def running_task() -> tuple[str, Any] | None: ...  # (key, the worker's owner), of this thread
def secede() -> None: ...
def rejoin() -> None: ...
def task_cancelled() -> bool: ...

# ---- the client of a cluster

class ClusterFuture:
    """One reference to a task of a cluster."""

    def __init__(self, client: ClusterClient, key: str) -> None: ...
    @property
    def key(self) -> str: ...
    @property
    def link(self) -> int: ...  # the same for all futures of a client
    @property
    def scheduler(self) -> str: ...
    @property
    def number(self) -> int: ...  # 0: released
    @property
    def status(self) -> str: ...  # "pending" "finished" "error" "cancelled" "lost"
    def done(self) -> bool: ...
    def release(self) -> None: ...
    def _wait(self, timeout: float | None) -> bool: ...
    def _gather(self, timeout: float | None) -> Any: ...  # [result]; None: the time is over
    def _fault(self) -> tuple[Any, ...] | None: ...
    def _value_here(self) -> tuple[Any] | None: ...

class ClusterRequirements:
    """Where and how often tasks may run."""

    def __init__(
        self,
        resources: dict[str, float],
        workers: list[str],
        allow_other_workers: bool,
        retries: int,
    ) -> None: ...

class ClusterClient:
    """A connection to a scheduler. Futures are made as `future_type`."""

    def __init__(
        self,
        address: str,
        *,
        name: str,
        timeout: float | None,
        tls: tuple[str, str, str] | None,  # authority, certificate, key
        future_type: Any,
    ) -> None: ...
    @property
    def link(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def why_closed(self) -> str: ...
    @property
    def scheduler(self) -> str: ...
    def close(self) -> None: ...
    def ask(self, question: str, arguments: list[str]) -> str: ...  # JSON
    def submit(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None,
        key: str | None,
        pure: bool,
        priority: float,
        requirements: ClusterRequirements | None,
    ) -> Any: ...
    def map(
        self,
        function: Callable[..., Any],
        iterables: tuple[Any, ...],
        keywords: dict[str, Any] | None,
        keys: str | list[str] | None,  # a prefix, or one for each task
        pure: bool,
        priority: float,
        requirements: ClusterRequirements | None,
    ) -> list[Any]: ...
    def gather(
        self, futures: list[Any], timeout: float | None, skip: bool, skipped: Any
    ) -> list[Any] | None: ...
    def wait(self, futures: Sequence[Any], all: bool, timeout: float | None) -> bool: ...
    def cancel(self, futures: Sequence[Any], force: bool) -> None: ...
    def retry(self, futures: Sequence[Any]) -> None: ...
    def restart(self, timeout: float | None) -> bool: ...
    def compute(
        self,
        exprs: Sequence[Expr],
        finish: Sequence[Callable[[Any], Any]],
        optimize: bool,
        annotations: dict[str, str],
    ) -> list[Any]: ...
    def persist(
        self, exprs: Sequence[Expr], optimize: bool, annotations: dict[str, str]
    ) -> list[Expr]: ...
    def futures_of(self, expr: Expr) -> list[Any]: ...
    def scatter(self, key: str, value: Any, workers: Sequence[tuple[int, str]]) -> Any: ...
    def replicate(self, futures: Sequence[Any], copies: int, workers: Sequence[int]) -> None: ...
    def rebalance(self, futures: Sequence[Any], workers: Sequence[int]) -> None: ...
    def retire(self, worker: int) -> None: ...

def expr_link(expr: Expr) -> int | None:
    """The link of the client that has persisted what an expression needs; None: nobody."""

class ClusterCompletions:
    """Futures in the order in which they are done."""

    def __init__(self, client: ClusterClient) -> None: ...
    def add(self, future: ClusterFuture) -> None: ...
    def next(self, timeout: float | None) -> Any: ...
    def next_batch(self, timeout: float | None) -> list[Any]: ...
    def count(self) -> int: ...
    def ready(self) -> bool: ...
    def waiting(self) -> list[Any]: ...
    def clear(self) -> None: ...
    def close(self) -> None: ...
