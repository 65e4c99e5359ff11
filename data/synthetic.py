"""A made-up province: documents of about forty agencies over six years, to try the toolkit on.

    python data/synthetic.py [FOLDER]        default build/demo; also rewrites data/synthetic-truth.csv

Nothing in it is real: province, agencies and figures come from a seeded generator, and every document says so. Series are
consistent (what is carried out of a year is carried into the next) and the form's identities hold, except for the printed
mistakes listed in `synthetic-truth.csv`.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from pathlib import Path

from filings import HERE, TABLES, Filing
from pages import document_name
from typeset import LAYOUTS, typeset

SEED = 20240101
YEARS = range(2019, 2025)
PROVINCE = "示例省"
MADE_UP = "合成样本"
"""The folder in which the documents stand, so that their paths say what they are."""

CITIES = {"甲州市": 4.0, "乙州市": 1.6, "丙州市": 0.7, "丁州市": 0.3}
"""City -> how large it is next to the others."""

BUREAUS = {
    "市场监督管理局": (0.5, 3.0),
    "自然资源和规划局": (0.8, 0.4),
    "公安局": (0.3, 20.0),
    "教育局": (0.15, 0.2),
    "卫生健康委员会": (0.12, 0.5),
}
"""Bureau -> its requests and its decisions next to a city government's requests and to a thousand decisions."""

COUNTIES = {
    "东溪县": ("甲州市", 0.35),
    "西塘县": ("甲州市", 0.2),
    "南坪县": ("乙州市", 0.15),
    "北岭县": ("丙州市", 0.08),
}
TOWNS = ("柳湾镇人民政府", "石桥镇人民政府", "青禾街道办事处")

LATE = {"丙州市教育局": 2022, "西塘县石桥镇人民政府": 2021, "丁州市公安局": 2021}
"""Agency -> the last year for which it still used the form of 2019."""

MIXED = {("乙州市自然资源和规划局", 2021), ("北岭县人民政府", 2021)}
"""Agency and year whose requests table still follows the form of 2019 while the others follow the new one."""

OUTCOMES = {
    "granted": 40,
    "partially_granted": 8,
    "denied.state_secret": 0.3,
    "denied.other_law": 0.6,
    "denied.security_stability": 0.3,
    "denied.third_party": 2,
    "denied.internal_affairs": 2,
    "denied.deliberative": 2,
    "denied.enforcement_files": 3,
    "denied.administrative_inquiry": 1.5,
    "not_available.not_held": 24,
    "not_available.would_require_creation": 4,
    "not_available.unclear": 1.5,
    "not_processed.petition_complaint": 5,
    "not_processed.repeat": 2,
    "not_processed.publication": 0.3,
    "not_processed.excessive": 0.4,
    "not_processed.reconfirmation": 0.3,
    "other.uncorrected": 3,
    "other.unpaid": 0.2,
    "other.other": 2,
}
"""Outcome of a request -> weight."""

APPLICANTS = {
    "natural_person": 90,
    "commercial_enterprise": 6,
    "research_institution": 0.4,
    "public_welfare_organization": 0.3,
    "legal_service_institution": 2,
    "other_organization": 0.8,
}

Figures = dict[str, int | float]


@dataclass(frozen=True)
class Agency:
    """An agency of the made-up province. `requests` a year and `decisions` a year set its size."""

    name: str
    kind: str
    region: str
    requests: float
    decisions: float
    regulations: bool = False


def agencies() -> list[Agency]:
    """All agencies, largest first within their kind."""
    found = [Agency(f"{PROVINCE}人民政府办公厅", "province", PROVINCE, 2200, 0, True)]
    for city, size in CITIES.items():
        found.append(Agency(f"{city}人民政府", "city", PROVINCE + city, 900 * size, 30_000 * size, True))
        found += [
            Agency(city + bureau, "bureau", PROVINCE + city, 900 * size * requests, 1000 * size * decisions)
            for bureau, (requests, decisions) in BUREAUS.items()
        ]
    for county, (city, size) in COUNTIES.items():
        found.append(Agency(f"{county}人民政府", "county", PROVINCE + city + county, 600 * size, 12_000 * size))
        found += [Agency(county + town, "town", PROVINCE + city + county, 25 * size, 60 * size) for town in TOWNS]
    return found


# --- figures ----------------------------------------------------------------------------------------------------------
def _poisson(chance: random.Random, mean: float) -> int:
    """A count with about this mean; a rounded normal where the mean is large."""
    if mean > 30:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, product = 0, chance.random()
    while product > exp(-mean):
        count, product = count + 1, product * chance.random()
    return count


def _requests(chance: random.Random, size: float, carried: dict[str, int]) -> tuple[Figures, dict[str, int]]:
    """The requests table of one year by the form of 2021, and what goes over to the next year by applicant."""
    figures: Figures = {}
    left = {}
    for applicant, weight in APPLICANTS.items():
        received = _poisson(chance, size * weight / sum(APPLICANTS.values()))
        open_cases = received + carried.get(applicant, 0)
        left[applicant] = sum(chance.random() < 0.06 for _ in range(open_cases))
        outcomes = chance.choices(list(OUTCOMES), list(OUTCOMES.values()), k=open_cases - left[applicant])
        column = {"received": received, "carried_in": carried.get(applicant, 0), "carried_out": left[applicant]}
        column |= {row: outcomes.count(row) for row in OUTCOMES} | {"concluded": len(outcomes)}
        for row, figure in column.items():
            figures[f"requests.{row}.{applicant}"] = figure
            figures[f"requests.{row}.total"] = figures.get(f"requests.{row}.total", 0) + figure
    return figures, left


def _reviews(chance: random.Random, requests: float) -> Figures:
    figures: Figures = {}
    for row, share in (("reconsideration", 0.05), ("litigation_direct", 0.01), ("litigation_after_review", 0.015)):
        results = {
            column: _poisson(chance, requests * share * part)
            for column, part in (("upheld", 0.6), ("overturned", 0.1), ("other", 0.2), ("pending", 0.1))
        }
        figures |= {f"reviews.{row}.{column}": count for column, count in results.items()}
        figures[f"reviews.{row}.total"] = sum(results.values())
    return figures


@dataclass
class Stock:
    """What an agency takes from year to year."""

    requests: dict[str, int]
    regulations: int
    documents: int
    items: dict[str, int]


def _proactive(chance: random.Random, agency: Agency, growth: float, stock: Stock) -> tuple[Figures, Figures]:
    """The proactive table of one year by the form of 2021 and by that of 2019; `stock` moves on."""
    new: Figures = {}
    old: Figures = {}
    for row, mean in (("regulations", 3.0 if agency.regulations else 0), ("normative_documents", 0.6 * stock.documents**0.5)):
        before = stock.regulations if row == "regulations" else stock.documents
        issued = _poisson(chance, mean)
        repealed = min(before, _poisson(chance, mean * 0.8))
        after = before + issued - repealed
        new |= {f"proactive.{row}.{c}": n for c, n in (("issued", issued), ("repealed", repealed), ("in_force", after))}
        old |= {f"proactive.{row}.{c}": n for c, n in (("produced", issued), ("published", issued), ("total", after))}
        if row == "regulations":
            stock.regulations = after
        else:
            stock.documents = after
    for row, share in (("licensing", 0.7), ("other_services", 0.5), ("penalties", 0.25), ("coercive_measures", 0.05)):
        decisions = _poisson(chance, agency.decisions * share * growth)
        change = max(chance.randint(-6, 5), -stock.items[row])
        old |= {
            f"proactive.{row}.{c}": n
            for c, n in (("prior_items", stock.items[row]), ("change", change), ("decisions", decisions))
        }
        stock.items[row] += change
        if row != "other_services":
            new[f"proactive.{row}.decisions"] = decisions
    new["proactive.fees.amount"] = round(agency.decisions * growth * chance.uniform(0.2, 0.6), 2)
    old |= {"proactive.fees.prior_items": stock.items["fees"], "proactive.fees.change": 0}
    old["proactive.procurement.purchase_count"] = _poisson(chance, 2 + agency.requests / 40)
    old["proactive.procurement.purchase_amount"] = round(agency.requests * growth * chance.uniform(0.5, 2), 4)
    return new, old


def _forms(agency: Agency, year: int) -> dict[str, str]:
    old = year <= max(2020, LATE.get(agency.name, 0))
    forms = dict.fromkeys(TABLES, "2019" if old else "2021")
    return forms | ({"requests": "2019"} if (agency.name, year) in MIXED else {})


def _missing(chance: random.Random, agency: Agency, year: int) -> bool:
    """Whether the report of that year was never found: rarely for governments, more often for towns and early years."""
    if any(name == agency.name and year in (planned, planned - 1) for name, planned, *_ in PLAN):
        return False
    share = {"province": 0.0, "city": 0.0, "county": 0.04, "bureau": 0.07, "town": 0.16}[agency.kind]
    return chance.random() < share * (2.0 if year < 2021 else 0.7)


def series(agency: Agency, seed: int) -> Iterator[Filing]:
    """The filings of one agency, without mistakes. Each agency has a generator of its own, so that none moves another."""
    chance = random.Random(f"{seed}{agency.name}")
    stock = Stock(
        {name: _poisson(chance, agency.requests * weight / 1600) for name, weight in APPLICANTS.items()},
        chance.randint(20, 60) if agency.regulations else 0,
        round(8 + agency.requests**0.5 * chance.uniform(0.5, 2)),
        {row: chance.randint(5, 120) for row in ("licensing", "other_services", "penalties", "coercive_measures", "fees")},
    )
    trend = chance.uniform(0.98, 1.18)
    for number, year in enumerate(YEARS):
        growth = trend**number * chance.uniform(0.9, 1.1)
        requests, stock.requests = _requests(chance, agency.requests * growth, stock.requests)
        new, old = _proactive(chance, agency, growth, stock)
        forms = _forms(agency, year)
        figures = (new if forms["proactive"] == "2021" else old) | requests | _reviews(chance, agency.requests * growth)
        if forms["requests"] == "2019":
            for column in (*APPLICANTS, "total"):
                figures[f"requests.other.{column}"] = sum(
                    figures.pop(f"requests.other.{row}.{column}") for row in ("uncorrected", "unpaid", "other")
                )
        printed = {key: str(figure) for key, figure in figures.items()}
        if not _missing(chance, agency, year):
            title = f"{agency.name}{year}年政府信息公开工作年度报告"
            yield Filing(agency.name, year, title, forms, printed, synthetic=True)


# --- printed mistakes -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Mistake:
    """A planted mistake: the cell, what is printed there and what should be.

    `where` is "table", or "prose" where the table is right and a sentence contradicts it. `rule` is the finding it must
    raise; "" for a figure that no rule can doubt, because it was moved along to keep the table's sums right.
    """

    agency: str
    year: int
    where: str
    cell: str
    printed: str
    meant: str
    rule: str


PLAN = (
    ("甲州市市场监督管理局", 2023, "requests.concluded.total", "zero", "requests.row_total"),
    ("乙州市人民政府", 2022, "requests.received.natural_person", "swap", "requests.row_total"),
    ("丙州市人民政府", 2021, "requests.granted.total", "ten more", "requests.row_total"),
    ("丁州市自然资源和规划局", 2024, "requests.carried_out.natural_person", "ten more", "requests.balance"),
    (
        "甲州市自然资源和规划局",
        2020,
        "requests.not_available.not_held.natural_person",
        "ten more",
        "requests.concluded_sum",
    ),
    ("东溪县人民政府", 2023, "requests.carried_in.natural_person", "carry", "series.carry_over"),
    ("乙州市市场监督管理局", 2024, "requests.carried_in.natural_person", "carry", "series.carry_over"),
    ("甲州市人民政府", 2024, "reviews.reconsideration.total", "zero", "reviews.row_total"),
    ("甲州市公安局", 2022, "reviews.reconsideration.upheld", "ten more", "reviews.row_total"),
    ("丙州市公安局", 2023, "reviews.reconsideration.total", "denied in prose", "prose.contradiction"),
    ("示例省人民政府办公厅", 2021, "requests.concluded.natural_person", "swap", "requests.concluded_sum"),
)
"""Agency, year, cell, kind of slip, finding. A carry slip keeps the year's own sums right and breaks only the series."""


def _slip(kind: str, figure: str) -> str:
    if kind == "zero":
        return "0"
    if kind == "swap":
        first = next(i for i in range(len(figure) - 1) if figure[i] != figure[i + 1] and (i or figure[i + 1] != "0"))
        return figure[:first] + figure[first + 1] + figure[first] + figure[first + 2 :]
    return str(int(figure) + 10)


def _carry(filing: Filing, cell: str) -> dict[str, str]:
    """Ten more carried in than last year's report leaves, ten fewer received: the table agrees with itself."""
    column = cell.rpartition(".")[2]
    shift = {f"requests.{row}.{c}": by for row, by in (("carried_in", 10), ("received", -10)) for c in (column, "total")}
    return {key: str(int(filing.printed[key]) + by) for key, by in shift.items()}


def with_mistakes(made: list[Filing]) -> tuple[list[Filing], list[Mistake]]:
    """Given the sound filings, return them with the planned mistakes in print, and the list of those mistakes."""
    by_report = {(filing.agency, filing.year): filing for filing in made}
    mistakes = []
    for agency, year, cell, kind, rule in PLAN:
        filing = by_report[agency, year]
        if kind == "denied in prose":
            by_report[agency, year] = replace(filing, claims={"reviews": "0"})
            mistakes.append(Mistake(agency, year, "prose", cell, "0", filing.printed[cell], rule))
            continue
        changed = _carry(filing, cell) if kind == "carry" else {cell: _slip(kind, filing.printed[cell])}
        by_report[agency, year] = replace(filing, printed={**filing.printed, **changed})
        for key, text in changed.items():
            seen = rule if key.split(".")[1] == cell.split(".")[1] else ""
            mistakes.append(Mistake(agency, year, "table", key, text, filing.printed[key], seen))
    return list(by_report.values()), mistakes


def synthetic(seed: int = SEED) -> tuple[list[Filing], list[Mistake]]:
    """All filings of the made-up province, in agency and year order, and the mistakes planted in them."""
    return with_mistakes([filing for agency in agencies() for filing in series(agency, seed)])


# --- documents --------------------------------------------------------------------------------------------------------
def _table(path: Path, names: tuple[str, ...], lines: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *lines])


def _key(cell: str) -> tuple[str, str, str]:
    table, _, rest = cell.partition(".")
    row, _, column = rest.rpartition(".")
    return table, row, column


def write(folder: Path, truth: Path, seed: int = SEED) -> int:
    """Write the documents (in 合成样本/) and `agencies.csv` into `folder`, the mistakes to `truth`; return how many documents."""
    made, mistakes = synthetic(seed)
    (folder / MADE_UP).mkdir(parents=True, exist_ok=True)
    # No cell is empty, so that the layouts in which empty cells leave no trace lose nothing either.
    layouts = list(LAYOUTS.values())
    for filing in made:
        # Layout by agency and year, not by position: a report more or less changes no other document.
        layout = random.Random(f"{seed}{filing.agency}{filing.year}").choice(layouts)
        (folder / MADE_UP / document_name(filing, layout)).write_bytes(typeset(filing, layout))
    _table(folder / "agencies.csv", ("agency", "region"), [(agency.name, agency.region) for agency in agencies()])
    lines = [(m.agency, m.year, m.where, *_key(m.cell), m.printed, m.meant, m.rule) for m in mistakes]
    _table(truth, ("agency", "year", "where", "table", "row", "column", "printed", "meant", "rule"), lines)
    return len(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE.parent / "build" / "demo")
    parser.add_argument("--truth", type=Path, default=HERE / "synthetic-truth.csv", help="where the mistakes are listed")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    print(f"{write(asked.folder, asked.truth, asked.seed)} documents in {asked.folder}")


if __name__ == "__main__":
    main()
