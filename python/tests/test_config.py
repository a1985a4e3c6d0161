"""Configuration behaves as Dask's."""

from __future__ import annotations

import pytest

import dusk
from dusk import config


def test_dots_dashes_and_underscores_name_one_key():
    assert config.get("array.chunk-size") == config.get("array.chunk_size") == "128MiB"


def test_set_undoes_itself_at_the_end_of_the_block():
    with config.set({"array.chunk-size": "1MiB", "new.nested.key": 3}):
        assert config.get("array.chunk-size") == "1MiB"
        assert config.get("new.nested.key") == 3
    assert config.get("array.chunk-size") == "128MiB"
    with pytest.raises(KeyError):
        config.get("new.nested.key")


def test_set_takes_keywords_with_double_underscores():
    with config.set(array__chunk_size="2MiB"):
        assert config.get("array.chunk-size") == "2MiB"


def test_missing_keys_raise_or_give_the_default():
    with pytest.raises(KeyError, match="no.such.key"):
        config.get("no.such.key")
    assert config.get("no.such.key", 5) == 5
    assert config.get("array.chunk-size", override_with="x") == "x"


def test_the_environment_is_interpreted_and_nested():
    env = {"DUSK_ARRAY__CHUNK_SIZE": "64MiB", "DUSK_NUM_WORKERS": "3", "OTHER": "1"}
    assert config.collect_env(env) == {"array": {"chunk_size": "64MiB"}, "num_workers": 3}


def test_yaml_files_are_merged_in_order(tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text("array:\n  chunk-size: 1MiB\n")
    (tmp_path / "b.yaml").write_text("array:\n  chunk-size: 2MiB\n")
    monkeypatch.setenv("DUSK_CONFIG", str(tmp_path))
    try:
        config.refresh()
        assert config.get("array.chunk-size") == "2MiB"
    finally:
        monkeypatch.delenv("DUSK_CONFIG")
        config.refresh()


def test_a_broken_yaml_file_is_named(tmp_path):
    (tmp_path / "bad.yaml").write_text("a: [1, 2")
    with pytest.raises(ValueError, match=r"bad\.yaml"):
        config.collect_yaml([tmp_path])


def test_unknown_schedulers_are_refused():
    x = dusk.delayed(1)
    with pytest.raises(ValueError, match="Expected one of"):
        x.compute(scheduler="fast")
