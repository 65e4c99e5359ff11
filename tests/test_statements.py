"""Figures and claims of the prose: what they count, and the cell they speak of only where that is certain."""

from __future__ import annotations

import time

import pytest

from govdisclose.numerals import chinese_number, chinese_year
from govdisclose.quantities import quantities
from govdisclose.statements import Statement, find_statements

Facts = list[tuple[str, float, str, str, str]]
PERSONS = "requests.received.natural_person"
RECEIVED, GRANTED, PARTIAL = "requests.received.total", "requests.granted.total", "requests.partially_granted.total"
IN, OUT, CONCLUDED = "requests.carried_in.total", "requests.carried_out.total", "requests.concluded.total"
REVIEW, LITIGATION = "reviews.reconsideration.total", "reviews.litigation"
LICENCES, PENALTIES, COERCION = (f"proactive.{row}.decisions" for row in ("licensing", "penalties", "coercive_measures"))
ISSUED, REPEALED, IN_FORCE = (f"proactive.normative_documents.{column}" for column in ("issued", "repealed", "in_force"))
REQUESTS = "政府信息公开申请"


def stated(text: str, year: int | None = 2023) -> tuple[Statement, ...]:
    return find_statements({"overview": text}, year)


def facts(text: str) -> Facts:
    return [(one.subject, one.value, one.unit, one.qualifier, one.about) for one in stated(text)]


SENTENCES: list[tuple[str, Facts]] = [
    # nouns that read like verbs, and verbs whose noun follows the unit
    ("发布规范性文件6篇,政策解读10篇,新闻发布3场,热点回应2篇,建议提案办理7件。",
     [("规范性文件", 6, "篇", "", ""), ("政策解读", 10, "篇", "", ""), ("新闻发布", 3, "场", "", ""), ("热点回应", 2, "篇", "", ""),
      ("建议提案办理", 7, "件", "", "")]),
    ("发布解读产品15件,政策解读信息4条,公示公告5条,规划公示6条,回应关切9条。",
     [("解读产品", 15, "件", "", ""), ("政策解读信息", 4, "条", "", ""), ("公示公告", 5, "条", "", ""), ("规划公示", 6, "条", "", ""),
      ("回应关切", 9, "条", "", "")]),
    ("答复率100%,信息更新量30条,办结率和回复率均达98%。",
     [("答复率", 100, "%", "", ""), ("信息更新量", 30, "条", "", ""), ("办结率和回复率", 98, "%", "", "")]),
    ("会同县农业局等11部门印发文件3件,公开人大代表建议和政协提案办理答复17件。",
     [("文件", 3, "件", "", ""), ("人大代表建议和政协提案办理答复", 17, "件", "", "")]),
    ("从6个方面提出25项具体工作措施,另指定1名工作人员负责审核,开辟14个公共查阅点。",
     [("具体工作措施", 25, "项", "", ""), ("工作人员", 1, "名", "", ""), ("公共查阅点", 14, "个", "", "")]),
    ("下设窗口、信息中心等3个公开机构,将67家企业纳入名单。", [("公开机构", 3, "个", "", ""), ("企业纳入名单", 67, "家", "", "")]),
    ("做好2件人大代表建议、6件政协委员提案。", [("人大代表建议", 2, "件", "", ""), ("政协委员提案", 6, "件", "", "")]),
    ("公布了县水利局的2项检查、6项服务。", [("检查", 2, "项", "", ""), ("服务", 6, "项", "", "")]),
    ("及时答复,2项当事人撤回,1项转办他处。", [("当事人撤回", 2, "项", "", ""), ("转办他处", 1, "项", "", "")]),
    # what was published, not who published it or how
    ("县水利局全年主动公开政府信息90条,其中官方网站发布31条,微博发布41条。",
     [("政府信息", 90, "条", "", ""), ("政府信息", 31, "条", "其中", ""), ("政府信息", 41, "条", "其中", "")]),
    ("县气象局公开信息共计20条,全省对外公开规章6件,主动公开的信息8条。",
     [("信息", 20, "条", "", ""), ("规章", 6, "件", "全省", ""), ("信息", 8, "条", "全省", "")]),
    ("通过网站主动公开45条信息。", [("信息", 45, "条", "", "")]),
    ("及时、准确地主动公开各类信息41条。", [("各类信息", 41, "条", "", "")]),
    # words in brackets, and what a figure without words goes on with
    ("发布各类信息(包括:预报、信号)共16条,重点领域信息公开(安全生产)8条。",
     [("各类信息", 16, "条", "", ""), ("重点领域信息公开", 8, "条", "", "")]),
    ("主动公开信息79条,其中网站发布12条,阅读量1723人次,新区报发布8条。",
     [("信息", 79, "条", "", ""), ("信息", 12, "条", "其中", ""), ("阅读量", 1723, "人次", "其中", ""), ("信息", 8, "条", "其中", "")]),
    ("收到政府信息公开申请47件,其中申请人撤销9件,答复38件。",
     [(REQUESTS, 47, "件", "", RECEIVED), ("申请人撤销", 9, "件", "其中", ""), (REQUESTS, 38, "件", "其中", "")]),
    ("收到来信158件,12345热线共收到193件。", [("来信", 158, "件", "", ""), ("12345热线", 193, "件", "", "")]),
    # cells
    ("共接受依申请公开9次,部分予以公开1件。", [("依申请公开", 9, "次", "", RECEIVED), ("部分予以公开", 1, "件", "", PARTIAL)]),
    ("2023年收到申请公开21条,办结21条。", [("申请公开", 21, "条", "", RECEIVED), ("办结", 21, "条", "", CONCLUDED)]),
    ("收到依申请信息公开6件。", [("依申请信息公开", 6, "件", "", RECEIVED)]),
    ("收到依申请公开请求2件,受理答复依申请公开案件3件。",
     [("依申请公开请求", 2, "件", "", RECEIVED), ("依申请公开案件", 3, "件", "", RECEIVED)]),
    ("办结的13封政府信息公开申请中涉及农业类7封。",
     [(REQUESTS, 13, "封", "", ""), ("农业类", 7, "封", "", "")]),
    ("行政处罚本年处理决定数量803条。", [("行政处罚本年处理决定数量", 803, "条", "", PENALTIES)]),
    ("行政规范性文件制发件数2件。", [("行政规范性文件制发件数", 2, "件", "", ISSUED)]),
    ("因政府信息公开申请行政复议数量4件,提起行政诉讼有2件。",
     [("行政复议", 4, "件", "", REVIEW), ("行政诉讼", 2, "件", "", LITIGATION)]),
    ("2022年发文96件,其中公开5件,未发生行政复议。",
     [("发文", 96, "件", "2022年", ""), ("公开", 5, "件", "2022年 其中", ""), ("行政复议", 0, "", "2022年 其中", "")]),
    ("与2022年相比数量持平,年内未发生行政复议。", [("行政复议", 0, "", "", REVIEW)]),
    ("答复省政府办事咨询系统留言8条。", [("省政府办事咨询系统留言", 8, "条", "", "")]),
    # figures of every kind
    ("2023年完成食品抽样800批次,其中不合格31批次。", [("食品抽样", 800, "批次", "", ""), ("食品抽样", 31, "批次", "不合格", "")]),
    ("全区12个成员单位发起检查数305家,已检查301家。其中联合抽查95家。",
     [("成员单位", 12, "个", "全区", ""), ("发起检查数", 305, "家", "全区", ""), ("已检查", 301, "家", "全区", ""),
      ("联合抽查", 95, "家", "全区 其中", "")]),
    ("召开新闻发布会3场,培训2场120人次。", [("新闻发布会", 3, "场", "", ""), ("培训", 2, "场", "", ""), ("培训", 120, "人次", "", "")]),
    ("公众号粉丝数达3.1万,阅读总量278余万次。", [("公众号粉丝数", 3.1, "万", "", ""), ("阅读总量", 278, "万次", "余", "")]),
    ("公开信息1,234条、转发2780多条。", [("信息", 1234, "条", "", ""), ("信息", 2780, "条", "多", "")]),
    ("在溪山县门户网站、《溪山公报》主动公开规章13件(含修改4件),其他文件5件。",
     [("规章", 13, "件", "", ""), ("修改", 4, "件", "含", ""), ("其他文件", 5, "件", "", "")]),
    ("疫情防控发布会累计举行15场。", [("疫情防控发布会", 15, "场", "累计", "")]),
    ("公开401条信息。", [("信息", 401, "条", "", "")]),
    ("办复率100%,较上年上升3.2个百分点。", [("办复率", 100, "%", "", ""), ("办复率", 3.2, "个百分点", "较上年 上升", "")]),
    ("不予公开32件、占24.6%。", [("不予公开", 32, "件", "", ""), ("不予公开", 24.6, "%", "占", "")]),
    ("收取信息处理费0元。", [("信息处理费", 0, "元", "", "")]),
    ("“溪山发布”公众号推送520条。", [("“溪山发布”公众号推送", 520, "条", "", "")]),
    ("历年累计发布信息5600条。", [("信息", 5600, "条", "历年 累计", "")]),
    ("培训干部一百零五人,开展活动十二次。", [("培训干部", 105, "人", "", ""), ("活动", 12, "次", "", "")]),
    # requests
    (f"我局收到{REQUESTS}12件。", [(REQUESTS, 12, "件", "", RECEIVED)]),
    (f"全年共收到{REQUESTS}十二件。", [(REQUESTS, 12, "件", "", RECEIVED)]),
    (f"共收到12件{REQUESTS}。", [(REQUESTS, 12, "件", "", RECEIVED)]),
    ("2023年度,我镇受理信息公开申请5宗。", [("信息公开申请", 5, "宗", "", RECEIVED)]),
    ("新收依申请公开8份。", [("依申请公开", 8, "份", "", RECEIVED)]),
    (f"2023年累计收到{REQUESTS}6件。", [(REQUESTS, 6, "件", "", RECEIVED)]),
    (f"我局收到{REQUESTS} 12 件。", [(REQUESTS, 12, "件", "", RECEIVED)]),
    (f"收到{REQUESTS}0件。", [(REQUESTS, 0, "件", "", RECEIVED)]),
    ("收到以信函、传真和网络等形式提出的依申请公开3件。", [("依申请公开", 3, "件", "", RECEIVED)]),
    (f"收到{REQUESTS}12件,其中网络申请3件;予以公开7件、部分公开3件。",
     [(REQUESTS, 12, "件", "", RECEIVED), ("网络申请", 3, "件", "其中", ""), ("予以公开", 7, "件", "", GRANTED),
      ("部分公开", 3, "件", "", PARTIAL)]),
    (f"收到{REQUESTS}11件,上年结转1件,办结8件,结转下年度4件。",
     [(REQUESTS, 11, "件", "", RECEIVED), ("上年结转", 1, "件", "", IN), ("办结", 8, "件", "", CONCLUDED),
      ("结转下年度", 4, "件", "", OUT)]),
    (f"受理{REQUESTS}25件;2件结转下年答复。", [(REQUESTS, 25, "件", "", RECEIVED), ("结转下年答复", 2, "件", "", OUT)]),
    ("共收到公开申请10件(其中自然人9件),予以公开4件,不予处理1件。",
     [("公开申请", 10, "件", "", RECEIVED), ("自然人", 9, "件", "其中", PERSONS), ("予以公开", 4, "件", "", GRANTED),
      ("不予处理", 1, "件", "", "")]),
    ("本年新收政府信息公开申请34件,上年结转政府信息公开申请2件。已办结35件,结转至2024年继续办理1件。",
     [(REQUESTS, 34, "件", "", RECEIVED), ("上年结转政府信息公开申请", 2, "件", "", IN), ("已办结", 35, "件", "", CONCLUDED),
      ("结转至2024年继续办理", 1, "件", "", OUT)]),
    ("收到政府信息公开申请10件,办结9件,其中自然人3件。",
     [(REQUESTS, 10, "件", "", RECEIVED), ("办结", 9, "件", "", CONCLUDED), ("自然人", 3, "件", "其中", "")]),
    ("收到市政府转办的政府信息公开申请2件。", [("政府信息公开申请", 2, "件", "", "")]),
    # reviews
    ("作为被申请人的行政复议案件14件,其中涉及政府信息公开3件。",
     [("行政复议", 14, "件", "", ""), ("政府信息公开", 3, "件", "其中", "")]),
    ("因政府信息公开被申请行政复议3件(结果维持2件,结果纠正1件)。",
     [("行政复议", 3, "件", "", REVIEW), ("结果维持", 2, "件", "", ""), ("结果纠正", 1, "件", "", "")]),
    ("因政府信息公开产生的行政诉讼或行政复议1起。", [("行政诉讼、行政复议", 1, "起", "", "")]),
    ("因政府信息公开被申请行政复议2件,被提起行政诉讼1件。",
     [("行政复议", 2, "件", "", REVIEW), ("行政诉讼", 1, "件", "", LITIGATION)]),
    ("政府信息公开行政复议、行政诉讼均为0件。", [("行政复议", 0, "件", "", REVIEW), ("行政诉讼", 0, "件", "", LITIGATION)]),
    ("政府信息公开行政复议:0,行政诉讼:0。", [("行政复议", 0, "", "", REVIEW), ("行政诉讼", 0, "", "", LITIGATION)]),
    # decisions and documents
    ("作出行政处罚决定7件,行政强制2件。", [("行政处罚决定", 7, "件", "", PENALTIES), ("行政强制", 2, "件", "", COERCION)]),
    ("作出694宗行政许可。", [("行政许可", 694, "宗", "", LICENCES)]),
    ("行政许可类处理决定数4条。", [("行政许可类处理决定数", 4, "条", "", LICENCES)]),
    ("制发规范性文件4件、废止1件,现行有效32件。",
     [("规范性文件", 4, "件", "", ISSUED), ("废止", 1, "件", "", REPEALED), ("现行有效", 32, "件", "", IN_FORCE)]),
    ("现行有效行政规范性文件3件。", [("现行有效行政规范性文件", 3, "件", "", IN_FORCE)]),
    ("收取行政事业性收费12.5万元。", [("行政事业性收费", 12.5, "万元", "", "proactive.fees.amount")]),
    ("收取行政事业性收费1200元。", [("行政事业性收费", 1200, "元", "", "proactive.fees.amount")]),
    # claims
    (f"未收到{REQUESTS}。", [(REQUESTS, 0, "", "", RECEIVED)]),
    ("我办未接到提出公开政府信息的申请。", [(REQUESTS, 0, "", "", RECEIVED)]),
    ("没有收到任何依申请公开。", [(REQUESTS, 0, "", "", RECEIVED)]),
    (f"未收到{REQUESTS}0件。", [(REQUESTS, 0, "", "", RECEIVED)]),
    ("依申请公开:无。", [(REQUESTS, 0, "", "", RECEIVED)]),
    ("无人申请政府信息公开。", [(REQUESTS, 0, "", "", RECEIVED)]),
    ("未发生因政府信息公开申请引起的行政复议、行政诉讼。",
     [("行政复议", 0, "", "", REVIEW), ("行政诉讼", 0, "", "", LITIGATION)]),
    ("未发生政府信息公开方面的行政诉讼案件或行政复议案件。",
     [("行政诉讼", 0, "", "", LITIGATION), ("行政复议", 0, "", "", REVIEW)]),
    ("行政复议和行政诉讼均未发生。", [("行政复议", 0, "", "", REVIEW), ("行政诉讼", 0, "", "", LITIGATION)]),
    ("政府信息公开行政复议、行政诉讼情况:无。", [("行政复议", 0, "", "", REVIEW), ("行政诉讼", 0, "", "", LITIGATION)]),
    (f"未收到{REQUESTS}、行政复议和行政诉讼。",
     [(REQUESTS, 0, "", "", RECEIVED), ("行政复议", 0, "", "", REVIEW), ("行政诉讼", 0, "", "", LITIGATION)]),
    ("未发生信息公开行政复议案件,行政诉讼1件。", [("行政复议", 0, "", "", REVIEW), ("行政诉讼", 1, "件", "", LITIGATION)]),
    ("无下年度结转。", [("结转下年度", 0, "", "", OUT)]),
    ("未制发规范性文件,未作出行政强制。", [("规范性文件", 0, "", "", ISSUED), ("行政强制", 0, "", "", COERCION)]),
    ("未收取任何费用。", [("收费", 0, "", "", "")]),
    # of others, of other years, differences, parts: no key
    (f"全区共收到{REQUESTS}130件,申请量同比增长10%。",
     [(REQUESTS, 130, "件", "全区", ""), ("申请量", 10, "%", "全区 同比 增长", "")]),
    (f"全市收到{REQUESTS}130件。其中予以公开59件。", [(REQUESTS, 130, "件", "全市", ""), ("予以公开", 59, "件", "全市 其中", "")]),
    (f"区政府办代表区政府受理{REQUESTS}20件。", [(REQUESTS, 20, "件", "政府办", "")]),
    (f"下属单位收到{REQUESTS}4件。", [(REQUESTS, 4, "件", "下属", "")]),
    (f"上年收到{REQUESTS}20件。", [(REQUESTS, 20, "件", "上年", "")]),
    (f"2022年收到{REQUESTS}20件。", [(REQUESTS, 20, "件", "2022年", "")]),
    (f"收到{REQUESTS}22起,比2022年(31起)下降29%。",
     [(REQUESTS, 22, "起", "", RECEIVED), (REQUESTS, 31, "起", "比2022年", ""), (REQUESTS, 29, "%", "比2022年 下降", "")]),
    (f"历年累计收到{REQUESTS}56件。", [(REQUESTS, 56, "件", "历年 累计", "")]),
    (f"通过网络收到{REQUESTS}3件。", [(REQUESTS, 3, "件", "", "")]),
    (f"收到{REQUESTS}50余件。", [(REQUESTS, 50, "件", "余", "")]),
    ("主动公开政府信息30条,其中行政许可5条,行政处罚2条。",
     [("政府信息", 30, "条", "", ""), ("行政许可", 5, "条", "其中", ""), ("行政处罚", 2, "条", "其中", "")]),
    ("公示行政许可信息55项。", [("行政许可信息", 55, "项", "", "")]),
    ("办理行政复议案件120件。", [("行政复议", 120, "件", "", "")]),
    ("全市未发生政府信息公开行政复议。", [("行政复议", 0, "", "全市", "")]),
    ("行政执法工作均无被申请行政复议和提起行政诉讼。", [("行政复议", 0, "", "", ""), ("行政诉讼", 0, "", "", "")]),
    # advertisements change nothing
    (f"收到KayBet体育{REQUESTS}5件。", [(REQUESTS, 5, "件", "", RECEIVED)]),
    ("未发生789bet官网信息公开行政复议。", [("行政复议", 0, "", "", REVIEW)]),
]  # fmt: skip

NOTHING = [
    "统计期限自2023年1月1日起至2023年12月31日止。",
    "数据统计自20231月1日起。",
    "根据《条例》第二十条第(五)项和第50条规定。",
    "按照国办公开办函〔2021〕30号、[2019]60号和国务院令第711号要求。",
    "联系电话:0999-1234567,邮编:226100,12345热线。",
    "地址:溪山镇向阳路18号2号楼301室。",
    "本报告由总体情况等六个部分组成,共6个部分。",
    "推进“双随机、一公开”“5·15政务公开日”“一件事”改革。",
    "落实《2023年12件民生实事》。",
    "公文在20个工作日内公开,推行7×24小时服务。",
    "贯彻“两个维护”,落实八项规定,最多跑一次,一是加强,进一步完善。",
    "1.主动公开情况\n2.2023年,做好公开。",
    "配备1-2名人员,第3批,A4纸,5G平台。",
    "没有逾期未答复的申请,无败诉案件,无障碍浏览,无需申请。",
    "无行政复议、行政诉讼败诉案件。",
    "确保不发生行政复议,避免未收到申请就答复。",
    "未收到群众留言、来信。",
    "建议不断提高、没有问题。",
    "",
]


def test_there_are_sentences_enough() -> None:
    assert len(SENTENCES) >= 60


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentence(text: str, expected: Facts) -> None:
    assert facts(text) == expected


@pytest.mark.parametrize("text", NOTHING)
def test_no_statement(text: str) -> None:
    assert facts(text) == []


@pytest.mark.parametrize("text", [text for text, _ in SENTENCES])
def test_offsets_name_the_figure_or_the_claim(text: str) -> None:
    padded = f"(一)公开。我局认真落实。{text}今后再接再厉。"
    for one in find_statements({"problems": padded}):
        assert one.section == "problems"
        assert one.sentence in padded
        words = padded[one.start : one.end]
        assert words
        assert words in one.sentence
        if one.unit:
            assert words.endswith(one.unit[-1])


def test_the_sentence_is_kept_as_printed() -> None:
    (one,) = stated("前文。收到KayBet体育政府信息公开申请 5 件,已答复。后文。")
    assert one.sentence == "收到KayBet体育政府信息公开申请 5 件,已答复。"
    assert "前文。收到KayBet体育政府信息公开申请 5 件"[one.start : one.end] == "5 件"


def test_sections_are_read_in_order() -> None:
    found = find_statements({"overview": "公开信息3条。", "problems": "", "other": "未收取任何费用。"})
    assert [(one.section, one.value) for one in found] == [("overview", 3), ("other", 0)]


def test_topic_carries_over_from_the_sub_heading() -> None:
    text = "(二)依申请公开。\n全年收到申请12件,办结11件。\n(三)建议提案。\n收到建议3件,办结3件。"
    assert [one.about for one in stated(text)] == [RECEIVED, CONCLUDED, "", ""]


def test_the_year_is_that_which_the_prose_names_most() -> None:
    text = "2023年,我局做好公开。2022年收到政府信息公开申请20件。2023年收到政府信息公开申请15件。"
    assert [(one.value, one.about) for one in find_statements({"overview": text})] == [(20, ""), (15, RECEIVED)]
    assert [one.about for one in find_statements({"overview": text}, year=2022)] == [RECEIVED, ""]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("十二", 12), ("一百零五", 105), ("二十", 20), ("两千三", 2300), ("两千零三", 2003), ("一万二千", 12000), ("一万五", 15000),
        ("三千二百万", 32_000_000), ("二〇二三", 2023), ("二○二三", 2023), ("零", 0), ("两", 2), ("一百一十", 110), ("十万", 100_000),
        ("百", None), ("千家", None), ("十百", None), ("二十一百", None), ("", None),
    ],
)  # fmt: skip
def test_chinese_number(numeral: str, value: int | None) -> None:
    assert chinese_number(numeral) == value


def test_chinese_year() -> None:
    assert [chinese_year(text) for text in ("二〇二三", "二零二三", "二十三", "二三")] == [2023, 2023, None, None]


def test_quantity_keeps_unit_and_rounding() -> None:
    (one,) = quantities("共3200万余次")
    assert (one.value, one.unit, one.rounded, one.start, one.end) == (3200, "万次", "余", 1, 8)


@pytest.mark.parametrize(
    "text",
    [
        "1件" * 500_000,
        "“1件" * 300_000,
        "一" * 10**6,
        "十百千" * 300_000,
        "未逾期申请" * 200_000,
        "无申请" * 300_000,
        "1,1," * 250_000,
        "全区" * 500_000 + "1件",
    ],
)
def test_a_million_hostile_characters_end_soon(text: str) -> None:
    began = time.process_time()
    stated(text)
    assert time.process_time() - began < 6
