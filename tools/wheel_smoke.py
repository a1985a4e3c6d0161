"""Runs a little of everything from an installed wheel; fails unless the answers are right."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow

import dusk
import dusk.array as da
import dusk.dataframe as dd

assert "site-packages" in dusk.__file__, dusk.__file__
x = da.arange(1000, chunks=100)
assert int((x * 2 + 1).sum().compute()) == 1000 * 1000
np.testing.assert_allclose(da.from_array(np.eye(30), chunks=7).std(0).compute(), np.eye(30).std(0))
with tempfile.TemporaryDirectory() as folder:
    frame = pd.DataFrame({"k": ["a", "b", "a"], "v": [1.0, 2.0, 3.0]})
    frame.to_parquet(Path(folder) / "part.parquet")
    read = dd.read_parquet(str(Path(folder) / "*.parquet"))
    assert read.groupby("k").v.sum().compute().to_dict() == {"a": 4.0, "b": 2.0}
assert dusk.delayed(sum)([1, 2, 3]).compute() == 6
print(f"dusk {dusk.__version__} beside pyarrow {pyarrow.__version__}: fine")
