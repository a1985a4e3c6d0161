"""The documentation site."""

project = "Dusk"
author = "Dusk developers"
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser"]
html_theme = "alabaster"
exclude_patterns = ["_build"]
numpydoc_show_class_members = False
suppress_warnings = ["myst.xref_missing", "ref"]
myst_heading_anchors = 3
