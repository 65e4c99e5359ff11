"""A filing as a page: title, notice, sections with prose made from the figures, and the official tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from filings import Filing
from grids import Grid, grids

from govdisclose.forms import load_forms

RETYPESET = "【重排样本】本页的数字取自已公布的年度报告,文字另行撰写,版式由程序重新排定,不是报告原件。"
SYNTHETIC = "【合成样本】本页的机关与数字均由程序虚构,只供演示和测试,不是任何机关的报告。"

OVERVIEW, PROBLEMS, OTHER = "一、总体情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项"
NUMBERS = {"proactive": "二、", "requests": "三、", "reviews": "四、"}

_INTRODUCTIONS = (
    "本报告由{agency}编制,所列数据的统计期限自{year}年1月1日起至{year}年12月31日止。",
    "现向社会公布{agency}{year}年政府信息公开工作情况。统计期限为{year}年1月1日至{year}年12月31日。",
)
_PROBLEMS = (
    "公开内容的分类还不够细,查找不够方便。下一步将整理目录,补齐缺漏,并把答复文书的写法统一起来。",
    "部分科室更新信息不够及时,政策说明偏少。今后将明确时限,逐项核对,多用图表和实例说明。",
    "经办人员更换较多,办理申请的经验不足。新的一年将安排培训,编写常见问题的办理示例。",
)
_OTHER = ("本年度没有其他需要报告的事项。", "无其他需要报告的事项。")


@dataclass(frozen=True)
class Part:
    """A section: its heading, its paragraphs, and the table under them, if any."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class Page:
    """What every layout prints. `head` holds the title's lines; `opening` the paragraphs before the first section."""

    agency: str
    year: int
    head: tuple[str, ...]
    opening: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """A way to print a filing.

    `exact` says that empty cells survive in it, so that every cell must read back as printed; where they do not, only
    a filing without empty cells must. `suffix` is the file's; `about` says in a few words what is odd in it.
    """

    name: str
    suffix: str
    exact: bool
    typeset: Callable[[Filing], bytes]
    about: str = ""


def _sum(filing: Filing, table: str, row: str, column: str) -> str:
    """The figure of a total cell, but only where its parts agree with it: prose repeats no printed mistake."""
    form = filing.form(table)
    index = next(slot.index for slot in form.slots if slot.key == f"{table}.{row}.{column}")
    printed = [filing.printed.get(slot.key, "") for slot in form.slots]
    for identity in form.identities:
        if identity.right == (index,):
            parts = [int(printed[i]) for i in identity.left if printed[i].isdecimal()]
            if printed[index] != str(sum(parts)):
                return ""
    return printed[index] if printed[index].isdecimal() else ""


def _documents(filing: Filing) -> str:
    """The normative documents of the year, in the words of either form."""
    columns = filing.form("proactive").table("proactive").rows[1].columns
    figures = [_claimed(filing, f"proactive.normative_documents.{column.key}") for column in columns]
    if not all(figures):
        return ""
    words = {"issued": "全年制发{}件", "repealed": "废止{}件", "in_force": "年末现行有效{}件"} | {
        "produced": "全年新制作{}件",
        "published": "新公开{}件",
        "total": "对外公开总数为{}件",
    }
    clauses = [words[column.key].format(figure) for column, figure in zip(columns, figures, strict=True)]
    return f"规范性文件方面,{','.join(clauses)}。"


def _claimed(filing: Filing, key: str) -> str:
    printed = filing.claims.get(key, filing.printed.get(key, ""))
    return printed if printed.isdecimal() else ""


def _applications(filing: Filing) -> str:
    words = {
        "received": "新收政府信息公开申请{}件",
        "carried_in": "上年结转{}件",
        "concluded": "全年办结{}件",
        "carried_out": "结转下年度{}件",
    }
    figures = {row: filing.claims.get(f"requests.{row}.total") or _sum(filing, "requests", row, "total") for row in words}
    if figures["received"] == "0":
        return "全年未收到政府信息公开申请。"
    clauses = [words[row].format(figure) for row, figure in figures.items() if figure]
    return f"依申请公开方面,{','.join(clauses)}。" if figures["received"] else ""


def _disputes(filing: Filing) -> str:
    review, *suits = [_sum(filing, "reviews", row.label.key, "total") for row in filing.form("reviews").table("reviews").rows]
    if filing.claims.get("reviews") == "0" or {review, *suits} == {"0"}:
        return "全年未发生因政府信息公开引起的行政复议和行政诉讼。"
    if review and all(suits):
        return f"因政府信息公开被申请行政复议{review}件,被提起行政诉讼{sum(map(int, suits))}件。"
    return ""


def _overview(filing: Filing) -> tuple[str, ...]:
    facts = [f"{fact.subject}{fact.value}{fact.unit}" for fact in filing.facts]
    sentences = (
        _documents(filing),
        _applications(filing),
        _disputes(filing),
        f"{filing.year}年完成{','.join(facts)}。" if facts else "",
    )
    return tuple(sentence for sentence in sentences if sentence) or ("本年度各项公开工作平稳。",)


def page(filing: Filing) -> Page:
    """Given a filing, return its page. The prose is chosen by the agency's name, so that the same filing reads the same."""
    mark = crc32(f"{filing.agency}{filing.year}".encode())
    introduction = _INTRODUCTIONS[mark % len(_INTRODUCTIONS)].format(agency=filing.agency, year=filing.year)
    tables = grids(filing)
    labels = {table.key: table.label.zh for table in load_forms()["2021"].tables}
    return Page(
        filing.agency,
        filing.year,
        (filing.title,),
        (SYNTHETIC if filing.synthetic else RETYPESET, introduction),
        (
            Part(OVERVIEW, _overview(filing)),
            *(Part(number + labels[key], (), (tables[key],) if key in tables else ()) for key, number in NUMBERS.items()),
            Part(PROBLEMS, (_PROBLEMS[mark % len(_PROBLEMS)],)),
            Part(OTHER, (_OTHER[mark % len(_OTHER)],)),
        ),
    )


def document_name(filing: Filing, layout: Layout) -> str:
    return f"{filing.agency}{filing.year}{layout.suffix}"
