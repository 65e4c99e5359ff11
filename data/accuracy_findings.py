"""How often each rule raises a false alarm: on the bundled reports, and on a made-up province whose mistakes are known.

    python data/accuracy_findings.py

A finding on a bundled report is borne out where the figures in `published.csv` and the source cards bear it out, worked out here
without the package's checks; a finding of a rule that nothing here can judge counts as a false alarm. In the made-up province
a finding is borne out where it names a cell of `synthetic-truth.csv`; rules that this file does not plant are left out.
"""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filings import HERE, TABLES, Filing, cell_keys, filings, source_cards
from pages import document_name
from synthetic import write
from typeset import LAYOUTS

import govdisclose as gd
from govdisclose.forms import load_forms

FORMS = dict.fromkeys(TABLES, "2021")
Row = Mapping[str, Any]
Counts = dict[str, list[int]]
"""Rule -> findings, of them false alarms."""


def _figure(filing: Filing, key: str) -> float:
    text = filing.printed.get(key, "")
    return float(text) if text.replace(".", "", 1).isdecimal() else 0.0


def _unequal(filing: Filing, finding: Row) -> bool:
    """Whether the published figures break the sum that the finding speaks of."""
    for form in (load_forms()[key] for key in dict.fromkeys(filing.forms.values())):
        for identity in form.identities:
            keys = [form.slots[slot].key for slot in identity.slots]
            if identity.rule == finding["rule"] and keys == list(finding["involved"]):
                left = sum(_figure(filing, form.slots[slot].key) for slot in identity.left)
                return left != sum(_figure(filing, form.slots[slot].key) for slot in identity.right)
    return False


def _borne_out(filing: Filing, lines: list[str], years: set[int], finding: Row) -> bool:
    rule = finding["rule"]
    rows = {key.rpartition(".")[0] for key in filing.printed}
    if rule.startswith(("requests.", "reviews.")):
        return _unequal(filing, finding)
    if rule == "cell.absent":
        return all(key.rpartition(".")[0] not in rows for key in finding["involved"])
    if rule == "form.mixed":
        return len(set(filing.forms.values())) > 1
    if rule == "prose.contradiction":
        return any(_figure(filing, key) != float(filing.claims.get(key, filing.claims.get("reviews", "nan"))) for key in finding["involved"])
    if rule == "row.by_order":
        form = filing.form(finding["table"])
        label = next(row.label.zh for row in form.table(finding["table"]).rows if row.label.key == finding["row"])
        return all(label not in line for line in lines)  # torn in print, or off its row
    if rule == "series.gap":
        return bool(set(range(min(years), max(years))) - years)
    return False


def published() -> Counts:
    """What the rules say of the bundled reports."""
    panel = gd.read_reports(HERE / "documents", progress=False)
    layouts = {(card.agency, card.year): LAYOUTS[card.layout] for card in source_cards()}
    known = {document_name(one, layouts[one.agency, one.year]): one for one in filings()}
    counts: Counts = defaultdict(lambda: [0, 0])
    for row in panel.findings.to_dict("records"):
        file = Path(row["source"])
        years = set(panel.reports["year"][panel.reports["agency"] == row["agency"]])
        lines = ["".join(line.split()) for line in file.read_bytes().decode("utf-8", "replace").splitlines()]
        counts[row["rule"]][0] += 1
        counts[row["rule"]][1] += not _borne_out(known[file.name], lines, years, row)
    return counts


def made_up() -> Counts:
    """What the rules that the truth plants say of the made-up province."""
    with (HERE / "synthetic-truth.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    rules = {row["rule"] for row in planted} | {"requests.balance"}
    cells = {(row["agency"], int(row["year"]), f"{row['table']}.{row['row']}.{row['column']}") for row in planted}
    # Prose that denies all reviews contradicts every row of their table.
    cells |= {(agency, year, key) for row in planted if row["where"] == "prose" for key in cell_keys(FORMS)
              for agency, year in [(row["agency"], int(row["year"]))] if key.startswith(f"{row['table']}.")}  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        write(Path(place) / "documents", Path(place) / "truth.csv")
        panel = gd.read_reports(Path(place) / "documents", progress=False)
    counts: Counts = defaultdict(lambda: [0, 0])
    for row in panel.findings.to_dict("records"):
        if row["rule"] in rules:
            counts[row["rule"]][0] += 1
            counts[row["rule"]][1] += not any((row["agency"], row["year"], key) in cells for key in row["involved"])
    return counts


def measure() -> dict[str, list[int]]:
    """Rule -> findings and false alarms on the bundled reports, then on the made-up province."""
    real, made = published(), made_up()
    return {rule: [*real.get(rule, [0, 0]), *made.get(rule, [0, 0])] for rule in sorted({*real, *made})}


if __name__ == "__main__":
    for rule, counts in measure().items():
        print(f"{rule:<26}", *(f"{count:>6}" for count in counts))
