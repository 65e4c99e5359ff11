"""DataTables, the library that makes tables searched and sorted, as itables ships it: packed into a page's own script.

So a page needs no network and no file beside it, and the same version gives the same bytes. Tables in notebooks
(`explore`) and the index of reports share it. The script imports the unpacked library as a blob of its own, so a page's
policy needs `script-src blob:`; nothing but a script that already runs can make one.
"""

from __future__ import annotations

import base64
import gzip
import json
from functools import cache
from importlib import resources
from pathlib import Path

NOTICE = (
    "/*! DataTables and its extensions, © SpryMedia Ltd, datatables.net/license; itables, © Marc Wouts and contributors; "
    "jQuery, © OpenJS Foundation and contributors; JSZip, © Stuart Knightley: all under the MIT licence; whole notices stand in the packed text. */"
)
"""What the licences ask to keep, legible also while the library is packed."""


@cache
def with_library(own: str, styled: bool = True) -> str:
    """Given the name of a script in `templates`, return it behind the library that it needs, as the text of a module script.

    `styled`: with DataTables' own style; a page that has its own needs none. The script finds the promise of the library
    in `loaded`.
    """
    import itables  # Reads the user's settings, so only where a table is shown.

    bundle = itables.utils.find_package_file("html", "dt_bundle.js")
    packed = {"VERSION": itables.__version__, "SCRIPT": _packed(bundle), "STYLE": _packed(bundle.with_suffix(".css")) if styled else ""}
    folder = resources.files("govdisclose").joinpath("templates")
    scripts = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("datatables.js", own))
    return "".join(f"const {name} = {json.dumps(text)};" for name, text in packed.items()) + NOTICE + "\n" + "".join(scripts)


def _packed(file: Path) -> str:
    return base64.b64encode(gzip.compress(file.read_bytes(), mtime=0)).decode("ascii")
