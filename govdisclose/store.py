"""The panel file: tables of a panel in one DuckDB file that is only ever replaced as a whole.

DuckDB refuses a second process while a writer is open. So nobody here ever writes into a panel in place: a new file is
written beside it in one transaction and takes its name in one step. Who reads, reads the old file or the new one, at any
moment, and nothing stays open after the call.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb  # Imported where a file is touched: most calls of the package touch none.

SCHEMA = 1
"""Raised whenever a table or column of the file changes."""
MEND = "make one with: govdisclose extract FOLDER -o panel.duckdb"
_WAIT = 5.0
"""Seconds for which a file that another program holds is tried again."""


class PanelError(ValueError):
    """A file that cannot be read or replaced as a panel. The message names the file and the mend."""


@contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Hold off other processes that save into the same folder: both would merge into the old panel, and one be lost.

    Where the system or the file system has no such lock, saving goes on without.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)  # Freed by the system even if this process is killed.
        yield
    finally:
        os.close(folder)


def write_tables(path: Path, tables: Mapping[str, pd.DataFrame], like: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as the panel file at `path`, which readers see whole or not at all.

    Parameters
    ----------
    path : file to make or replace
    tables : frames by name
    like : empty frames of the same names whose dtypes say how columns are stored
    """
    import duckdb

    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with duckdb.connect(str(part)) as connection:
            connection.begin()
            connection.execute("CREATE TABLE govdisclose (schema INTEGER)")
            connection.execute("INSERT INTO govdisclose VALUES (?)", [SCHEMA])
            for name, frame in tables.items():
                table = pa.Table.from_pandas(frame, schema=_arrow_schema(like[name]), preserve_index=False)
                connection.register("incoming", table)
                connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
                connection.unregister("incoming")
            connection.commit()
        # What somebody wrote into the old panel by hand must not be played back into the new one.
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        _replace(part, path)
    finally:
        for leftover in (part, part.with_name(part.name + ".wal")):
            leftover.unlink(missing_ok=True)


def _arrow_schema(frame: pd.DataFrame) -> pa.Schema:
    kinds = {"Int64": pa.int64(), "int64": pa.int64(), "Float64": pa.float64(), "object": pa.list_(pa.string())}
    return pa.schema([(str(name), kinds.get(str(dtype), pa.string())) for name, dtype in frame.dtypes.items()])


def _replace(part: Path, path: Path) -> None:
    """Give the new file its name; on Windows a reader of the old one is waited for."""
    until = time.monotonic() + _WAIT
    while True:
        try:
            part.replace(path)
            return
        except PermissionError as error:
            if time.monotonic() > until:
                raise PanelError(f"{path}: cannot be replaced ({error.strerror}); close what has it open") from error
            time.sleep(0.1)


def check_is_panel(path: Path) -> None:
    """`PanelError` where the file is no panel; one of another version passes."""
    with _opened(path):
        pass


def read_tables(path: Path, like: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Given a panel file and empty frames, return its tables with exactly the dtypes of those frames.

    Raises
    ------
    PanelError : no file, no panel, or one of another version of this package
    """
    with _opened(path) as (connection, version):
        if version != SCHEMA:
            mend = f"read the documents again: govdisclose extract FOLDER -o {path} --replace"
            raise PanelError(f"{path}: a panel of version {version}, this package reads version {SCHEMA}; {mend}")
        return {name: _read_table(connection, name, frame) for name, frame in like.items()}


@contextmanager
def _opened(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
    """A reading connection to a panel file, and the version of its schema.

    It is made to a copy: DuckDB would refuse a file that another program holds, and within one process it would hand out
    the file as it was when a connection still open was made, replaced since or not.
    """
    import duckdb

    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise PanelError(f"{path}: {found}; a panel is a file; {MEND}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            copy = shutil.copyfile(path, Path(folder) / "panel.duckdb")
            with duckdb.connect(str(copy), read_only=True) as connection:
                if not connection.execute("FROM duckdb_tables() WHERE table_name = 'govdisclose'").fetchall():
                    raise PanelError(f"{path}: a database, but no panel; {MEND}")
                yield connection, connection.execute("SELECT schema FROM govdisclose").fetchall()[0][0]
        except OSError as error:
            raise PanelError(f"{path}: cannot be opened ({error.strerror}); check its permissions") from error
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].replace(str(copy), path.name)
            raise PanelError(f"{path}: no panel ({reason}); {MEND}") from error


def _read_table(connection: duckdb.DuckDBPyConnection, name: str, like: pd.DataFrame) -> pd.DataFrame:
    nullable = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}
    frame: pd.DataFrame = connection.sql(f'FROM "{name}"').to_arrow_table().to_pandas(types_mapper=nullable.get)
    for column in like.columns[like.dtypes == "object"]:
        frame[column] = pd.Series([list(items) for items in frame[column]], index=frame.index, dtype=object)
    return frame[list(like.columns)].astype(like.dtypes.to_dict())
