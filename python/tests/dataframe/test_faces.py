"""What users see before anything is computed: reprs, errors, missing names."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import dusk.dataframe as dd


@pytest.fixture
def lazy():
    """A small frame in two partitions."""
    frame = pd.DataFrame({"a": [1, 2, 3], "c": pd.Categorical(["x", "y", "x"])})
    return dd.from_pandas(frame, npartitions=2)


def test_frames_show_their_structure(lazy):
    text = repr(lazy)
    assert text.startswith("Dusk DataFrame Structure:\n")
    assert "npartitions=2" in text and "category[known]" in text and "..." in text
    html = lazy._repr_html_()
    assert "<strong>Dusk DataFrame Structure:</strong>" in html and "npartitions=2" in html
    assert repr(lazy.a).startswith("Dusk Series Structure:\nnpartitions=2\n")
    assert "Name: a, dtype: int64" in repr(lazy.a)
    assert "dtype=int64" in repr(lazy.a.sum())


def test_info_says_what_is_known(lazy):
    out = io.StringIO()
    lazy.info(buf=out)
    assert "Columns: 2 entries, a to c" in out.getvalue()
    assert "dtypes: category(1), int64(1)" in out.getvalue()


def test_labels_that_are_not_there(lazy):
    with pytest.raises(AttributeError, match="'DataFrame' object has no attribute 'zz'"):
        lazy.zz  # noqa: B018
    with pytest.raises(KeyError, match="zz"):
        lazy["zz"]
    with pytest.raises(KeyError, match="zz"):
        lazy[["zz"]]
    with pytest.raises(KeyError, match="zz"):
        lazy.sort_values("zz")
    with pytest.raises(KeyError, match="zz"):
        lazy.drop(columns=["zz"])


def test_truth_of_lazy_objects_is_ambiguous(lazy):
    with pytest.raises(ValueError, match="truth value of a Series is ambiguous"):
        bool(lazy.a)
    with pytest.raises(TypeError, match="boolean value"):
        bool(lazy.a.sum())


def test_rows_by_number_are_refused(lazy):
    with pytest.raises(NotImplementedError, match="only supports selecting columns"):
        lazy.iloc[0]
    with pytest.raises(KeyError, match="not in the index"):
        lazy.loc[99]


def test_accessors_need_their_dtypes(lazy):
    with pytest.raises(AttributeError, match=r"Can only use \.str accessor"):
        lazy.a.str  # noqa: B018
    with pytest.raises(AttributeError, match=r"Can only use \.dt accessor"):
        lazy.a.dt  # noqa: B018
    with pytest.raises(AttributeError, match=r"Can only use \.cat accessor"):
        lazy.a.cat  # noqa: B018


def test_types_that_do_not_fit_are_refused_at_once(lazy):
    with pytest.raises(TypeError):
        lazy.a + "text"
    with pytest.raises(TypeError, match="only list-like"):
        lazy.a.isin(3)
    with pytest.raises(TypeError, match="Column assignment doesn't support type"):
        lazy.assign(z=[1, 2, 3])
    with pytest.raises(TypeError, match="not understood"):
        lazy.astype("zzz")


def test_names_of_dask_that_wait_say_so(lazy):
    with pytest.raises(NotImplementedError, match=r"docs/status\.md"):
        dd.read_sql  # noqa: B018
    with pytest.raises(NotImplementedError, match=r"docs/status\.md"):
        lazy.rolling  # noqa: B018
    with pytest.raises(NotImplementedError, match=r"docs/status\.md"):
        lazy.a.resample  # noqa: B018
    with pytest.raises(AttributeError):
        dd.nothing_of_the_kind  # noqa: B018


def test_from_pandas_checks_its_arguments():
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(ValueError, match="Exactly one"):
        dd.from_pandas(frame, npartitions=1, chunksize=1)
    with pytest.raises(TypeError, match="pandas DataFrame or Series"):
        dd.from_pandas([1, 2], npartitions=1)
    with pytest.raises(TypeError, match="npartitions as an int"):
        dd.from_pandas(frame, npartitions="2")


def test_equal_frames_have_equal_names():
    frame = pd.DataFrame({"a": [1, 2]})
    one, two = (dd.from_pandas(frame, npartitions=2) for _ in range(2))
    assert (one.a + 1).expr.token == (two.a + 1).expr.token
    assert (one.a + 1).expr.token != (two.a + 2).expr.token


def test_native_marks_are_there():
    assert dd.DataFrame.merge.__dusk_native__ is True
    assert dd.DataFrame.apply.__dusk_native__ is False
    assert dd.read_parquet.__dusk_native__ is True
