"""Files: Parquet and CSV, there and back, against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dataframe_frames import exotic, plain, same

import dusk.dataframe as dd


@pytest.fixture
def folder(tmp_path):
    """Three Parquet files of the plain frame."""
    frame = plain()
    for i in range(3):
        frame.iloc[i * 20 : i * 20 + 20].to_parquet(tmp_path / f"part-{i}.parquet")
    return tmp_path


@pytest.mark.parametrize("spelling", ["folder", "glob", "list", "path"])
def test_parquet_is_found_by_folder_glob_and_list(folder, spelling):
    files = [str(folder / f"part-{i}.parquet") for i in range(3)]
    path = {"folder": f"{folder}/", "glob": f"{folder}/*.parquet", "list": files, "path": folder}
    lazy = dd.read_parquet(path[spelling])
    assert lazy.npartitions == 3 and not lazy.known_divisions
    assert len(lazy) == 60
    same(lazy, plain(), index=False)


def test_parquet_reads_chosen_columns(folder):
    lazy = dd.read_parquet(folder, columns=["s", "x"])
    same(lazy, plain()[["s", "x"]], index=False)
    same(dd.read_parquet(folder, columns="x"), plain().x, index=False)
    with pytest.raises(KeyError, match="nothing"):
        dd.read_parquet(folder, columns=["nothing"])
    with pytest.raises(ValueError, match="Unsupported engine"):
        dd.read_parquet(folder, engine="slow")


FILTERS = {
    "greater": ([("x", ">", 0)], lambda d: d.x > 0),
    "both": ([("x", ">", 0), ("k", "==", 2)], lambda d: (d.x > 0) & (d.k == 2)),
    "either": ([[("x", ">", 1)], [("k", "!=", 2)]], lambda d: (d.x > 1) | (d.k != 2)),
    "in": ([("s", "in", ["fig", "kiwi"])], lambda d: d.s.isin(["fig", "kiwi"])),
    "not in": ([("k", "not in", (1, 2))], lambda d: ~d.k.isin([1, 2])),
    "time": (
        [("t", ">=", pd.Timestamp("2021-05-01"))],
        lambda d: d.t >= pd.Timestamp("2021-05-01"),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_parquet_filters_rows(folder, name):
    filters, mask = FILTERS[name]
    whole = plain()
    same(dd.read_parquet(folder, filters=filters), whole[mask(whole)], index=False)


def test_parquet_refuses_odd_filters(folder):
    with pytest.raises(ValueError, match="not a valid operator"):
        dd.read_parquet(folder, filters=[("x", "~", 1)])
    with pytest.raises(KeyError, match="not found in the dataset"):
        dd.read_parquet(folder, filters=[("nothing", ">", 1)])


def test_parquet_splits_by_row_groups(tmp_path):
    frame = plain()
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=20)
    assert dd.read_parquet(tmp_path, split_row_groups=True).npartitions == 3
    assert dd.read_parquet(tmp_path, split_row_groups=2).npartitions == 2
    assert dd.read_parquet(tmp_path).npartitions == 1
    assert dd.read_parquet(tmp_path, blocksize="1kB").npartitions == 3
    same(dd.read_parquet(tmp_path, split_row_groups=True), frame, index=False)


def test_parquet_keeps_the_index(tmp_path):
    frame = plain().set_index("y").sort_index()
    frame.to_parquet(tmp_path / "a.parquet")
    same(dd.read_parquet(tmp_path), frame)
    assert dd.read_parquet(tmp_path, calculate_divisions=True).known_divisions
    same(dd.read_parquet(tmp_path, index=False), frame.reset_index()[[*frame.columns, "y"]])
    again = dd.read_parquet(tmp_path, index="i")
    assert again.index.name == "i" and "y" in again.columns
    with pytest.raises(ValueError, match="index columns were not found"):
        dd.read_parquet(tmp_path, index="nothing")


def test_parquet_keeps_dtypes(tmp_path):
    frame = exotic().drop(columns="as")
    frame.to_parquet(tmp_path / "a.parquet")
    lazy = dd.read_parquet(tmp_path)
    found = lazy.compute()
    wanted = pd.read_parquet(tmp_path)
    for label in wanted.columns:
        if label == "c":
            assert not lazy.c.cat.known
            assert list(found.c.astype("str")) == list(wanted.c.astype("str"))
        else:
            assert found[label].dtype == wanted[label].dtype
    same(found.drop(columns="c"), wanted.drop(columns="c"), index=False)


@pytest.mark.parametrize("backend", ["pyarrow", "numpy_nullable"])
def test_parquet_reads_into_other_dtypes(folder, backend):
    found = dd.read_parquet(folder, dtype_backend=backend)
    wanted = pd.read_parquet(folder, dtype_backend=backend)
    assert list(found.dtypes) == list(wanted.dtypes)
    same(found, wanted, index=False)


def test_parquet_errors(tmp_path):
    with pytest.raises(FileNotFoundError, match="resolved to no files"):
        dd.read_parquet(f"{tmp_path}/*.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"this is no parquet")
    with pytest.raises(OSError, match="bad.parquet"):
        dd.read_parquet(tmp_path / "bad.parquet")
    with pytest.raises(NotImplementedError, match=r"s3://"):
        dd.read_parquet("s3://bucket/key")


def test_parquet_is_written_and_read_back(pdf, ddf, tmp_path):
    ddf.to_parquet(tmp_path / "out")
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == ddf.npartitions and files[0].name == "part.0.parquet"
    same(dd.read_parquet(tmp_path / "out"), pdf)
    same(pd.read_parquet(tmp_path / "out").sort_index(), pdf)
    ddf[["x"]].to_parquet(tmp_path / "out", overwrite=True, write_index=False)
    same(dd.read_parquet(tmp_path / "out"), pdf[["x"]], index=False)
    ddf[["x"]].to_parquet(tmp_path / "out", append=True, write_index=False)
    assert len(dd.read_parquet(tmp_path / "out")) == 2 * len(pdf)


def test_parquet_writes_dtypes_that_pandas_reads(pef, def_, tmp_path):
    def_.to_parquet(tmp_path / "out", compression="zstd")
    found = pd.read_parquet(tmp_path / "out").sort_index()
    assert list(found.n.dropna()) == list(pef.n.dropna())
    assert found.n.dtype == pef.n.dtype and found.z.dtype == pef.z.dtype
    assert found.i8.dtype == pef.i8.dtype and found.d.dtype == pef.d.dtype


def test_parquet_names_and_laziness(ddf, tmp_path):
    ddf.to_parquet(tmp_path / "named", name_function=lambda i: f"x-{i:03}.parquet")
    assert (tmp_path / "named" / "x-000.parquet").exists()
    lazy = ddf.to_parquet(tmp_path / "later", compute=False)
    assert not list((tmp_path / "later").glob("*"))
    lazy.compute()
    assert len(list((tmp_path / "later").glob("*"))) == ddf.npartitions


def write_csv(folder, frame, files=3):
    step = len(frame) // files
    for i in range(files):
        frame.iloc[i * step : (i + 1) * step].to_csv(folder / f"a-{i}.csv", index=False)
    return f"{folder}/a-*.csv"


@pytest.mark.parametrize("blocksize", [None, 300, "0.5kB", "default"])
def test_csv_is_read_in_blocks(tmp_path, blocksize):
    frame = plain().drop(columns="t")
    path = write_csv(tmp_path, frame)
    lazy = dd.read_csv(path, blocksize=blocksize)
    bytes_max = {300: 300, "0.5kB": 500}.get(blocksize, 1 << 40)
    sizes = [file.stat().st_size for file in tmp_path.glob("*.csv")]
    assert lazy.npartitions == sum(max(size // bytes_max, 1) for size in sizes)
    same(lazy, frame, index=False)


CSV = {
    "usecols": {"usecols": ["x", "s"]},
    "dtype": {"dtype": {"i": "float64", "k": "int32"}},
    "dates": {"parse_dates": ["t"]},
    "na_values": {"na_values": ["fig"]},
    "skiprows by function": {"skiprows": lambda n: n == 3},
    "names": {"names": list("ABCDEFG"), "header": 0},
    "true_values": {"true_values": ["True"], "false_values": ["False"]},
    "text": {"dtype": "str"},
    "category": {"dtype": {"s": "category"}},
    "converters": {"converters": {"i": lambda v: int(v) + 1}},
}


@pytest.mark.parametrize("name", CSV)
def test_csv_options_mean_what_pandas_means(tmp_path, name):
    frame = plain()
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = dd.read_csv(tmp_path / "a.csv", **CSV[name]).compute()
    wanted = pd.read_csv(tmp_path / "a.csv", **CSV[name])
    same(found, wanted, index=False)


def test_csv_without_header_and_with_other_separators(tmp_path):
    frame = plain()[["i", "y", "s"]]
    frame.to_csv(tmp_path / "a.csv", index=False, header=False, sep=";")
    options = {"sep": ";", "header": None, "names": ["i", "y", "s"]}
    for blocksize in (None, 300):
        found = dd.read_csv(tmp_path / "a.csv", blocksize=blocksize, **options)
        same(found, frame, index=False)


def test_csv_paths_and_missing_integers(tmp_path):
    frame = plain().drop(columns="t")
    path = write_csv(tmp_path, frame)
    found = dd.read_csv(path, include_path_column=True).path.compute()
    assert found.nunique() == 3
    assert dd.read_csv(path, assume_missing=True).i.dtype == np.float64


def test_csv_errors(tmp_path):
    with pytest.raises(OSError, match="resolved to no files"):
        dd.read_csv(f"{tmp_path}/*.csv")
    plain().to_csv(tmp_path / "a.csv")
    with pytest.raises(ValueError, match="set_index"):
        dd.read_csv(tmp_path / "a.csv", index_col=0)
    with pytest.raises(ValueError, match=r"head\(n=nrows\)"):
        dd.read_csv(tmp_path / "a.csv", nrows=3)
    for word in ("iterator", "chunksize"):
        with pytest.raises(ValueError, match=word):
            dd.read_csv(tmp_path / "a.csv", **{word: True})


def test_csv_that_changes_its_mind_says_which_dtype_to_give(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 50 + "x,2\n")
    lazy = dd.read_csv(tmp_path / "a.csv", sample=50, converters={"b": int})
    with pytest.raises(ValueError, match="Mismatched dtypes"):
        lazy.compute()
    with pytest.raises(ValueError, match="a"):
        dd.read_csv(tmp_path / "a.csv", sample=50).compute()


def test_csv_is_written(pdf, ddf, tmp_path):
    names = ddf.to_csv(tmp_path / "out-*.csv", index=False)
    assert len(names) == ddf.npartitions
    found = pd.concat([pd.read_csv(n, parse_dates=["t"]) for n in names])
    assert len(found) == len(pdf) and list(found.i) == list(pdf.i)
    (single,) = ddf.to_csv(tmp_path / "one.csv", single_file=True, index=False)
    assert list(pd.read_csv(single).i) == list(pdf.i)


def test_frames_come_from_delayed_functions_and_dictionaries(pdf):
    from dusk import delayed

    halves = [delayed(pdf.iloc[:30]), delayed(pdf.iloc[30:])]
    same(dd.from_delayed(halves), pdf)
    same(dd.from_delayed(halves, meta=pdf, divisions=(0, 30, 59)).loc[40:], pdf.loc[40:])
    same(dd.from_map(lambda a, b: pdf.iloc[a:b], [0, 10], [10, 60]), pdf)
    same(dd.from_dict({"a": [1, 2, 3]}, npartitions=2), pd.DataFrame({"a": [1, 2, 3]}))
    with pytest.raises(TypeError, match="Delayed"):
        dd.from_delayed([1])
    with pytest.raises(ValueError, match="same length"):
        dd.from_map(len, [1], [2, 3])


def test_frames_become_delayed(pdf, ddf):
    parts = ddf.to_delayed()
    assert len(parts) == ddf.npartitions
    same(pd.concat([p.compute() for p in parts]), pdf)


def test_persist_and_shared_work(pdf, ddf):
    import dusk

    kept = ddf[ddf.x > 0].persist()
    same(kept, pdf[pdf.x > 0])
    total, mean = dusk.compute(kept.x.sum(), kept.x.mean())
    np.testing.assert_allclose(total / (pdf.x > 0).sum(), mean)


def test_directories_become_columns(pdf, ddf, tmp_path):
    ddf.to_parquet(tmp_path / "out", partition_on=["k"])
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f"k={i}" for i in range(5)]
    lazy = dd.read_parquet(tmp_path / "out")
    assert lazy.k.dtype == "category" and list(lazy.columns)[-1] == "k"
    found = lazy.compute()
    assert found.k.cat.categories.tolist() == [0, 1, 2, 3, 4]
    wanted = pdf[[*pdf.columns.drop("k"), "k"]]
    same(found.assign(k=found.k.astype("int64")).sort_index(), wanted)
    same(lazy[lazy.k == 3].y.sum(), pdf[pdf.k == 3].y.sum())
    same(dd.read_parquet(tmp_path / "out", filters=[("k", "==", 3)]).y.sum(),
         pdf[pdf.k == 3].y.sum())  # fmt: skip
    total = lazy.groupby("k").y.sum().compute()
    assert np.allclose(total.to_numpy(), pdf.groupby("k").y.sum().to_numpy())
    with pytest.raises(ValueError, match="non-existent column"):
        ddf.to_parquet(tmp_path / "no", partition_on="nothing")


def test_directories_of_text_and_of_two_keys(pdf, tmp_path):
    lazy = dd.from_pandas(pdf, npartitions=2)
    lazy.to_parquet(tmp_path / "out", partition_on=["s", "b"], write_index=False)
    found = dd.read_parquet(tmp_path / "out").compute()
    assert len(found) == len(pdf) and found.s.isna().sum() == pdf.s.isna().sum()
    assert set(found.s.dropna()) == set(pdf.s.dropna())


def test_cards_of_the_pocket_book_run(tmp_path):
    frame = pd.DataFrame(
        {
            "user": list("abcab"),
            "amount": [1.0, -2.0, 3.0, 4.0, 5.0],
            "store": [1, 2, 1, 2, 1],
            "sales": [10.0, 20.0, 30.0, 40.0, 50.0],
            "cost": [5.0, 4.0, 3.0, 2.0, 1.0],
            "date": ["2024-01-01", "2024-01-02"] * 2 + ["2024-01-01"],
        }
    )
    for i in range(3):
        frame.to_parquet(tmp_path / f"{i}.parquet")
    whole = pd.concat([frame] * 3)

    ddf = dd.read_parquet(f"{tmp_path}/*.parquet")
    ddf = ddf.assign(ratio=ddf.sales / ddf.cost)
    out = ddf.groupby("store").ratio.mean().compute()
    same(out, whole.assign(ratio=whole.sales / whole.cost).groupby("store").ratio.mean())

    ddf = dd.read_parquet(f"{tmp_path}/", storage_options={"anon": False})
    ddf.to_parquet(f"{tmp_path}/out/", partition_on=["date"])
    assert len(dd.read_parquet(f"{tmp_path}/out/")) == len(whole)

    ddf = dd.read_parquet(f"{tmp_path}/*.parquet").query("amount > 0")
    ddf_p = ddf.persist()
    summary = ddf_p.groupby("user").amount.mean().compute()
    same(summary, whole[whole.amount > 0].groupby("user").amount.mean())


def test_parquet_is_appended_only_where_it_goes_on(tmp_path):
    frame = plain()
    dd.from_pandas(frame.iloc[:30], npartitions=2).to_parquet(tmp_path)
    rest = dd.from_pandas(frame.iloc[30:], npartitions=2)
    with pytest.raises(ValueError, match="divisions of the appended dataframe overlap"):
        dd.from_pandas(frame.iloc[10:], npartitions=2).to_parquet(tmp_path, append=True)
    with pytest.raises(ValueError, match="Appended columns not the same"):
        rest[["x"]].to_parquet(tmp_path, append=True)
    with pytest.raises(ValueError, match="Appended dtypes differ"):
        rest.assign(k=rest.k * 0.5).to_parquet(tmp_path, append=True)
    rest.to_parquet(tmp_path, append=True)
    same(dd.read_parquet(tmp_path), frame)
    with pytest.raises(NotImplementedError, match="Fastparquet"):
        rest.to_parquet(tmp_path, engine="fastparquet")


def test_a_range_keeps_its_name(tmp_path):
    plain = pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=pd.RangeIndex(3, name="n"))
    plain.to_parquet(tmp_path / "a.parquet")
    same(dd.read_parquet(tmp_path / "a.parquet"), plain)
    assert dd.read_parquet(tmp_path / "a.parquet", index=False).compute().index.name is None
