"""What a stated figure counts, in the words of its own sentence, and the words that qualify it."""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"(?:(?:截至|截止|自|从|至|到)?(?:20\d\d年度?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:底|末|以来)?|\d{1,2}月(?:\d{1,2}日)?(?:底|末)?)"
    r"|(?:今|全|本|去|上一?)年度?(?!度?结转|度?转结)(?:以来)?|累计|总?共计?(?!有|产|同|青)"
    r"|一年来|年内|目前|主要(?=包括|包含|有|是|为)|[一二三四五六七八九十]{1,2}[是、.]|\([一二三四五六七八九十\d]{1,2}\)|\d{1,2}[.、](?!\d)|其中|含|包括|包含|涵盖|涉及|\d{1,2}(?:个|大|项)?(?:方面|领域|环节|维度)|同时|另外?|此外|并且?|而"
    r"|全[市区县省州盟旗镇乡局国系]统?|我[市区县省州局镇乡厅委办院处站所街]|本[市区县省州局镇乡厅委办院处站所街]道?|[,:、\s;。])+"
)
# What was done with what is counted. Every word begins with a character of its own: a search skips to these.
_PLAIN = (
    "完成", "收到", "新收到", "新收", "接到", "接收到", "接收", "接受", "收悉", "作出", "做出", "做好", "制发", "制作", "印发", "出台", "制定", "修订",
    "推送", "召开", "举办", "举行", "开展", "配备", "成立", "建立", "设立", "新增", "收取", "实施", "编发", "编制", "采集", "上报", "报送",
    "录入", "更新", "转发", "回复", "答复", "配置", "参加", "参与", "处置", "查处", "开设", "开辟", "提出", "指定", "安排", "明确", "承办", "出席",
    "邀请", "刊发", "拍摄", "上传", "归集",
)  # fmt: skip
_IN_CONTEXT = (
    r"受理(?!点)", r"办理(?<!(?:提案|建议|议案)办理)(?!结果|情况|完毕|数)", r"发布(?<!新闻发布)(?!会|数[量为]|平台|”)", r"组织(?!机构|部|领导)", r"回应(?!关切)",
    r"解读(?<![及和与、]解读)(?<!(?:政策|文件|文字|图文|图片|视频|漫画|专家|媒体|领导|数据|问答)解读)(?!信息|产品|材料|稿|相关|类|、)",
    r"开通(?<!公开通)", r"公布(?!栏)", r"公示(?<!公告公示)(?<!规划公示)(?!公告|系统|平台|栏|信息)", r"征集(?<!(?:意见|民意)征集)(?!调查)",
)  # fmt: skip
_DONE = rf"(?:{'|'.join((*_PLAIN, *_IN_CONTEXT))})(?!率|量|时|总量|数(?![字据])|件数)"
_VERB = re.compile(rf"{_DONE}(?:{_DONE})*(?:了|的|过)?")
# What ends so is open: the noun that is counted follows the unit (指定1名工作人员, 将67家单位).
_OPEN = (*_PLAIN, *(word[:2] for word in _IN_CONTEXT), "下设", "将", "对", "把", "向", "全市", "全区", "全县", "全省", "全州", "全镇", "全乡", "等")
# 热点回应 and 建议提案办理 are what is counted; 网站发布 only says where.
_DOING = re.compile(r"(?:建议|提案|议案|政策|新闻|热点|关切|舆情|意见|民意|规划|公告)(?:办理|发布|回应|征集|公示|答复|解读)+\Z|双公示\Z|[和与及、](?:解读|答复|回复|回应)\Z")
_DESK = re.compile(r"(?:热线|信箱|邮箱)(?=共?(?:计)?(?:收到|接到|受理)\Z)")
_OWNED = frozenset("现持所国拥具享原")  # 现有, 持有
_TAIL = (
    "共计", "共", "累计", "总共", "合计", "总计", "达到", "高达", "已达", "达", "数量为", "为", "约", "近", "超过", "超", "突破",
    "共有", "是", "均", "各", "仅", "只",
    "了", "的", ":", "“", '"', "计", "分别", "同比", "环比", "增长", "增加", "下降", "上升", "减少", "提高", "提升", "占比", "占",
)  # fmt: skip
_COMPARED = re.compile(r"[同环]?[较比][^,]{0,8}\Z|\A与[^,]{2,10}相比\Z")
_QUALIFYING = frozenset(("占", "增长", "增加", "下降", "上升", "减少", "提高", "提升", "约", "近", "超过", "突破"))
CONDITIONS = frozenset(("不合格", "合格", "优秀", "良好", "达标", "不达标", "有效", "无效", "未办结", "已办结", "超期", "逾期"))
"""Words that narrow the subject before them and are none themselves: 抽样7350批次,其中不合格271批次."""
_CASE = re.compile(r"(行政复议|行政诉讼)(?:案件|申请|事项|情况|案)?(?:总?数量?)?\Z")
_HELD = ("举行", "召开", "开展", "举办")
# How and where something was published is not what was published: 通过门户网站公开信息.
_PUBLISHED = re.compile(
    r"\A(?!法定主动)(?:.*(?=主动公开)|.*(?:通过|在|利用|依托|网站|平台|媒体|公众号|微博|微信|抖音).*?|.{2,20}?[局镇乡厅委办院处站所街道府](?:网站)?|.*?对外|依法)?(?:全年)?(?:主动)?公开(?!的?申请|办|栏|平台|目录|指南|日|专栏|率|数|范围|行政复议|行政诉讼|工作|方面)(?=..)"
)
_AFTER = re.compile(
    r"[ ]?(?:以上)?(?:的)?((?:“[^”\n]{1,16}”)?[\u4e00-\u9fff]{1,24}?)"
    r"(?=[,。;、:()\d\n“—]|\Z|发起|开展|(?<!公)共|均|已|由|负责|担任|承担|为信息|中(?![心央国小医学介])|对(?!外)|进行|通过|作出|予以|按|未|无|没有|结转|较|比)"
)

_HOW = frozenset(("依法", "依规", "按时", "及时", "正在", "全部", "上升", "下降", "增长", "增加", "减少", "提高"))  # no nouns


def after_noun(after: str) -> str:
    """The noun that follows a unit: 12件政府信息公开申请, 31个联席会议成员单位."""
    found = _AFTER.match(after)
    noun = found[1].lstrip("为是系") if found else ""
    return noun if (len(noun) > 1 and noun not in _HOW) or noun in ("村", "镇", "乡") else ""


def subject_of(words: str, after: str, previous: str, whole: str = "") -> tuple[str, str]:
    """Given the words before a figure (from the last comma), those after its unit, the subject before and that of the
    whole that 其中 divides, return the subject and the qualifying words found among them.

    Examples
    --------
    >>> subject_of("2023年完成食品抽样", ",", ""), subject_of("其中不合格", "。", "食品抽样")
    (('食品抽样', ''), ('食品抽样', '不合格'))
    """
    if previous and words.startswith(previous):
        words = words[len(previous) :].removeprefix("中")  # 31个成员单位发起检查3059家: the noun after the last figure is not this one's
    lead = _LEAD.match(words)
    bare = words[lead.end() :] if lead else words
    qualifier = ""
    while bare.endswith(_TAIL) or (bare[-1:] == "有" and bare[-2:-1] not in _OWNED):
        tail = next((word for word in _TAIL if bare.endswith(word)), "有")
        bare = bare[: -len(tail)]
        qualifier = tail if tail in _QUALIFYING else "占" if tail == "占比" else qualifier
    if qualifier and (compared := _COMPARED.search(bare)):
        bare = bare[: compared.start()]
    if bare[:1] == "占" and previous:
        return previous, "占"  # 占办结总数的58.3%: the share is of what was counted before
    before = whole or previous
    if bare in CONDITIONS:
        return (before or bare), (bare if before else qualifier)
    if (
        bare.endswith(_OPEN)
        or words.endswith("的")
        or (bare.endswith("公开") and (len(bare) < 8 or bare.endswith("主动公开")))
    ) and (noun := after_noun(after)):
        return noun, qualifier
    if verb := _VERB.search(bare):
        rest = bare[verb.end() :]
        if not rest and bare.endswith(_HELD) and verb.start() > 2:
            return bare[: verb.start()].rstrip("共累计"), qualifier
        if not rest and (_DOING.search(bare) or bare.startswith("结转")):
            return _PUBLISHED.sub("", bare), qualifier
        if not rest and (desk := _DESK.search(bare)):
            return bare[: desk.end()], qualifier
        if not rest:
            return after_noun(after) or before or bare, qualifier
        bare = rest.lstrip("并") or bare
    bare = bare.strip(" ,、:;和及与的")
    head = bare.rpartition("的")[2]  # the counted noun ends the phrase: 以信函、传真等形式的依申请公开
    bare = head if len(head) > 2 else bare
    if ("复议" in bare or "诉讼" in bare) and (case := _CASE.search(bare)):
        return case[1], qualifier
    if "公开" in bare:
        bare = _PUBLISHED.sub("", bare).lstrip("的了")
    return (bare or after_noun(after) or before), qualifier
