"""Names that Dask has and Dusk does not have yet."""

from __future__ import annotations

# All of dask.array, and of its random module.
ARRAY = frozenset(
    """
    Array PerformanceWarning abs absolute add all allclose angle any append apply_along_axis
    apply_gufunc apply_over_axes arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh
    argmax argmin argtopk argwhere around array array_expr_enabled as_gufunc asanyarray
    asarray assert_eq atleast_1d atleast_2d atleast_3d atop average backends bincount
    bitwise_and bitwise_not bitwise_or bitwise_xor block blockwise bool broadcast_arrays
    broadcast_to cbrt ceil choose clip coarsen complex128 complex64 compress compute
    concatenate conj copysign corrcoef cos cosh count_nonzero cov cumprod cumsum deg2rad
    degrees delete diag diagonal diff digitize divide divmod dot dstack e ediff1d einsum empty
    empty_like equal euler_gamma exp exp2 expand_dims expm1 extract eye fabs fft fix
    flatnonzero flip fliplr flipud float32 float64 float_power floor floor_divide fmax fmin
    fmod frexp from_array from_delayed from_npy_stack from_tiledb from_zarr fromfunction
    frompyfunc full full_like gradient greater greater_equal gufunc histogram histogram2d
    histogramdd hstack hypot i0 imag indices inf insert int16 int32 int64 int8 invert isclose
    iscomplex isfinite isin isinf isnan isneginf isnull isposinf isreal ldexp left_shift less
    less_equal lib linalg linspace log log10 log1p log2 logaddexp logaddexp2 logical_and
    logical_not logical_or logical_xor ma map_blocks map_overlap matmul max maximum mean
    median meshgrid min minimum mod modf moment moveaxis multiply nan nan_to_num nanargmax
    nanargmin nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod
    nanquantile nanstd nansum nanvar ndim negative newaxis nextafter nonzero not_equal notnull
    ones ones_like optimize outer overlap pad percentile pi piecewise positive power prod ptp
    push quantile rad2deg radians random ravel ravel_multi_index real rechunk reciprocal
    reduction register_chunk_type remainder repeat reshape reshape_blockwise result_type
    right_shift rint roll rollaxis rot90 round searchsorted select shape shuffle sign signbit
    sin sinc sinh spacing sqrt square squeeze stack std store subtract sum swapaxes take tan
    tanh tensordot tile to_hdf5 to_npy_stack to_tiledb to_zarr topk trace transpose tri tril
    tril_indices tril_indices_from triu triu_indices triu_indices_from true_divide trunc
    uint16 uint32 uint64 uint8 unify_chunks union1d unique unravel_index var vdot vstack where
    zeros zeros_like
    """.split()
)
RANDOM = frozenset(
    """
    Generator RandomState beta binomial chisquare choice default_rng exponential f gamma
    geometric gumbel hypergeometric integers laplace logistic lognormal logseries multinomial
    multivariate_hypergeometric negative_binomial noncentral_chisquare noncentral_f normal
    pareto permutation poisson power randint random random_integers random_sample rayleigh
    seed standard_cauchy standard_exponential standard_gamma standard_normal standard_t
    triangular uniform vonmises wald weibull zipf
    """.split()
)

# All of dask.distributed.
DISTRIBUTED = frozenset(
    """
    Actor ActorFuture Adaptive BaseActorFuture CancelledError Client CompatibleExecutor
    CondaInstall Environ Event Future InstallPlugin KilledWorker LocalCluster Lock MultiLock
    Nanny NannyPlugin PipInstall Queue Reschedule SSHCluster Scheduler SchedulerPlugin Security
    Semaphore SpecCluster Status SubprocessCluster TimeoutError UploadDirectory UploadFile
    Variable Worker WorkerPlugin as_completed config connect default_client fire_and_forget
    futures_of get_client get_task_metadata get_task_stream get_worker local_client
    performance_report print progress rejoin rpc secede span sync wait warn widgets
    worker_client
    """.split()
)

MISSING: dict[str, frozenset[str]] = {
    "dusk": frozenset(
        {"Expr", "HLGExpr", "LLGExpr", "SingletonExpr", "bag", "datasets"}
        | {"get", "istask", "threaded", "multiprocessing", "graph_manipulation", "cache"}
    ),
    "dusk.array.random": RANDOM,
    "dusk.distributed": DISTRIBUTED,
    "dusk.diagnostics": frozenset(
        {"Profiler", "ResourceProfiler", "CacheProfiler", "Callback", "visualize"}
    ),
}


def missing_name(module: str, name: str) -> Exception:
    """The error for ``module.name``: NotImplementedError for Dask's names, else AttributeError."""
    if name in MISSING.get(module, frozenset()):
        return NotImplementedError(
            f"{module}.{name} does not exist in Dusk yet; docs/status.md lists what does"
        )
    return AttributeError(f"module {module!r} has no attribute {name!r}")
