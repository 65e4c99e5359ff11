"""Typeset published figures into documents of many layouts.

    python data/typeset.py            rewrite data/documents/
    python data/typeset.py --check    fail where the committed documents are not what this script makes

The documents are samples made from the figures in `published.csv`; none of them is a copy of an original.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from filings import HERE, Filing, filings, source_cards
from layouts_converted import CONVERTED
from layouts_html import HTML
from layouts_office import OFFICE
from layouts_pdf import PDF
from layouts_text import TEXT
from pages import Layout, document_name

LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in (*HTML, *TEXT, *CONVERTED, *OFFICE, *PDF)}
"""Every layout by name."""


def typeset(filing: Filing, layout: Layout) -> bytes:
    """Given a filing and a layout, return the document's bytes; the same filing gives the same bytes."""
    return layout.typeset(filing)


def documents() -> dict[str, bytes]:
    """File name -> content of `documents/`: each published filing in the layout its source card names, and the agencies."""
    layouts = {(card.agency, card.year): LAYOUTS[card.layout] for card in source_cards()}
    return {
        document_name(filing, layout): typeset(filing, layout)
        for filing in filings()
        for layout in [layouts[filing.agency, filing.year]]
    } | {"agencies.csv": agencies()}


def agencies() -> bytes:
    """The published reports' agencies with kind and region, as `agencies.csv` of a folder of documents."""
    with (HERE / "published.csv").open(encoding="utf-8", newline="") as file:
        known = dict.fromkeys((row["agency"], row["agency_kind"], row["region"]) for row in csv.DictReader(file))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("agency", "agency_kind", "region"), *known])
    return out.getvalue().encode()


def differences(folder: Path) -> list[str]:
    """Names of the files in `folder` that are missing, changed or not made by this script."""
    made = documents()
    there = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing, compare data/documents with what is made")
    folder = HERE / "documents"
    if parser.parse_args().check:
        if wrong := differences(folder):
            print(f"not as made from published.csv: {', '.join(wrong)}", file=sys.stderr)
        return int(bool(wrong))
    folder.mkdir(exist_ok=True)
    made = documents()
    for path in folder.iterdir():
        if path.name not in made:
            path.unlink()
    for name, content in made.items():
        (folder / name).write_bytes(content)
    print(f"{len(made)} files in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
