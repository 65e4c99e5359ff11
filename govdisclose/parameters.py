"""Which notebooks there are to make pages from, and the parameters that each takes."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

from govdisclose.notebook import PROFILE, TABLES, check_values
from govdisclose.wording import listed

OWN = ("panel_path", "language")
"""Parameters that `build_reports` sets itself."""

PLACES = "places"
FILES = ("corrections", PLACES)
"""Parameters that name a file, which a page finds from its own folder."""

GUIDES = ("tutorial", "cookbook")
"""Notebooks to learn from, beside the others: they have no parameters and are no reports."""


def find_notebooks() -> Path:
    """The folder of notebooks: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise ValueError(f"no notebooks beside {package}; name their folder (notebooks_dir)")


def notebook_files(names: Sequence[str] | None, folder: Path) -> list[Path]:
    own = list(TABLES)
    files = (file for file in folder.glob("*.ipynb") if file.stem not in GUIDES)
    ordered = sorted(files, key=lambda file: (own.index(file.stem) if file.stem in own else len(own), file.stem))
    found = {file.stem: file for file in ordered}
    if not found:
        raise ValueError(f"{folder}: no notebook (*.ipynb) in this folder")
    for name in names or ():
        own_file = Path(name)
        if own_file.suffix == ".ipynb" and own_file.is_file():
            if own_file.stem in found:
                raise ValueError(f"{name}: the package has a notebook {own_file.stem!r}; give yours another name")
            found[name] = own_file
        if name not in found:
            near = difflib.get_close_matches(name, found, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"no notebook {name!r} in {folder}; {hint}there are {listed('en', list(found))}; or name a file such as mine.ipynb")
    return [found[name] for name in (names if names is not None else [name for name in found if name != PROFILE])]


def declared(notebook: Path) -> dict[str, object]:
    """Given a notebook, return the parameters of its tagged cell with their defaults, in order.

    Raises
    ------
    ValueError : it has no cell tagged "parameters", or that cell holds more than plain literals
    """
    read = _read(notebook)
    tagged = [cell for cell in read.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        mend = "in JupyterLab select the cell, open Property Inspector (the cogs) and add the tag parameters"
        raise ValueError(f"{notebook}: {len(tagged)} cells are tagged 'parameters', there must be one; {mend}")
    found: dict[str, object] = {}
    for line in ast.parse(tagged[0].source).body:
        try:
            if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                raise ValueError(ast.unparse(line))
            found[line.targets[0].id] = ast.literal_eval(line.value)
        except ValueError:
            raise ValueError(f"{notebook}: the parameters cell must hold plain literals, not {ast.unparse(line)!r}") from None
    return found


def _read(notebook: Path) -> nbformat.NotebookNode:
    """A notebook in Python, or one that does not say what it is in; `ValueError` otherwise."""
    try:
        read: nbformat.NotebookNode = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # Whatever JSON makes nbformat stumble over.
        raise ValueError(f"{notebook}: no notebook ({error}); open and save it in JupyterLab") from error
    kernel = read.metadata.get("kernelspec", {})
    language = kernel.get("language") or read.metadata.get("language_info", {}).get("name") or "python"
    if str(language).lower() not in ("python", "ipython"):
        mend = "open it in JupyterLab, choose a Python kernel and save"
        raise ValueError(f"{notebook}: its kernel {kernel.get('name', '')!r} is for {language}, reports are made in Python; {mend}")
    return read


def check_names(notebook: Path, given: Mapping[str, object]) -> None:
    """Raise `ValueError`, naming the nearest one, where a notebook does not take a parameter of this name."""
    taken = declared(notebook)
    for name in OWN:
        if name not in taken:
            raise ValueError(f"{notebook}: its parameters cell sets no {name!r}")
    known = [name for name in taken if name not in OWN]
    for name in given:
        if name == PLACES and name not in taken:
            continue  # a notebook that asks for no levels needs none
        if name in OWN:
            raise ValueError(f"parameter {name!r} is set by build_reports itself")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{notebook.stem} has no parameter {name!r}; {hint}it takes {listed('en', known)}")


def asked_for(notebooks: Sequence[str] | None, folder: Path, languages: Sequence[str], given: Mapping[str, object]) -> list[Path]:
    """The notebooks to run; `ValueError`, before any document or panel is read, where one, a language or a parameter is none."""
    files = notebook_files(notebooks, folder)
    for language in languages:
        check_values({"language": language})
    for file in files:
        check_names(file, given)
    check_values(given)
    return files
