"""Several requests in one utterance are told apart; a situation told in several clauses is one request."""

from __future__ import annotations

from typing import Callable

import pytest

from knowledge.bootstrap import build
from knowledge.facets import spoken
from knowledge.matching.matcher import KnowledgeMatcher
from knowledge.matching.requests import requests
from knowledge.model import Candidate, Match
from zh.normalise import normalise

FOUND = 0.85  # share of the utterances of several requests in which each is found
ONE = (
    "护照丢了，下周要出国，能加急吗", "身份证丢了咋补，要多少钱",
    "身份证丢了怎么补，我人在外地，能异地办吗", "孩子刚出生，想上户口，要带什么材料",
    "我爸去世了，他的养老金怎么停，丧葬费能领多少", "社保卡丢了怎么挂失，挂失以后多久能补新卡",
    "驾照快到期了，换证要体检吗，去哪里体检", "买了二手房，过户要交多少税，需要双方都到场吗",
    "我是外地户口，在济南上班，居住证怎么办，要住满多久", "公司注销怎么办，还有多少天能办完",
    "老人八十岁了，高龄津贴怎么领，还有没有别的条件", "结婚登记要带什么，还有几天能拿到证",
    "离婚怎么办，离婚冷静期多少天，两个人都要去吗", "失业了，失业金怎么领，能领几个月，每月多少钱",
    "刚毕业，档案放哪里，转到人才市场要带什么", "公积金贷款买房，首付要多少，利率多少",
    "身份证快到期了，提前多久能换，旧的要交回去吗", "我怀孕了，生育津贴怎么申请，单位不给办怎么办",
    "营业执照丢了怎么补，登报挂失还要吗", "残疾证怎么办，在哪里鉴定，鉴定收不收费",
    "准生证怎么办，我俩户口不在一个地方，去谁那边办", "第二个孩子要上户口，怎么办，要带啥",
    "我家还有老人，想申请低保，什么条件", "工伤了，认定怎么申请，单位不配合咋办",
    "车子报废怎么办，能给多少补贴，车牌能保留吗", "医保断交了，怎么补交，断了三个月影响报销吗",
    "孩子上小学怎么报名，户口和房子不在一起行吗", "退休手续怎么办，档案里年龄和身份证对不上怎么弄",
    "房产证丢了，怎么补，登报要多少钱，几天能下来", "护照到期了怎么换，旧护照上有签证怎么办",
    "身份证和户口本都丢了，先补哪个", "驾驶证和行驶证一起丢了，怎么补，去哪补",
    "你好，我想问一下，居住证到期了，怎么续签", "我是个体户，想注销营业执照，税务要先清吗",
    "孩子打疫苗的本丢了，能补吗，去哪补", "租房提取公积金怎么办，一年能提几次，要租房合同吗",
    "灵活就业交社保怎么交，交多少，能在手机上交吗", "异地就医备案怎么办，备案了报销多少",
    "食品经营许可证怎么办，现场会来检查吗，多久下证", "出生医学证明丢了怎么补，要父母都去吗",
    "我把身份证丢了，又找到了，还能用吗", "我妈退休了，养老金什么时候发，发到哪张卡上",
    "二手车过户怎么办，要验车吗，对方在外地能代办吗", "摩托车驾照怎么考，报名要多少钱，多大岁数能考",
    "港澳通行证签注过期了，再签一次要多少钱，能自助办吗", "法律援助怎么申请，要看收入吗，打官司能给请律师吗",
    "户口从农村迁到城市，地还能保留吗，怎么迁", "入职要健康证，去哪办，多少钱，当天能拿吗",
    "学校要无犯罪记录证明，怎么开，能网上开吗", "领养孩子要什么条件，办手续去哪，要多久",
    "家里装天然气怎么申请，安装费多少，几天来装", "水表坏了，怎么换，换表收费吗",
    "道路运输证怎么年审，车在外地能审吗", "想开个小饭馆，办证先办哪个，一共跑几趟",
    "大学生创业有补贴吗，怎么申请，要营业执照吗", "临时身份证能坐飞机吗，怎么办，当天能拿到吗",
    "职称评审怎么报，论文要几篇，什么时候截止", "军人退伍回来，去哪报到，落户要带什么",
    "父母投靠子女落户，怎么办，父母多大年龄才行", "伤残等级怎么鉴定，对结果不服能再鉴定吗",
    "特困供养怎么申请，村里不给盖章怎么办，还有什么办法", "不动产登记另外一个人不到场行吗，能委托吗",
    "民办幼儿园怎么审批，要多大面积，消防要先验收吗", "保障房怎么申请，收入多少算低收入，要排多久",
    "身份证丢了怎么补，户口本要不要带，在派出所办吗", "孩子上户口怎么办，出生证明去哪里开",
    "护照怎么办，照片在哪拍", "结婚登记怎么办，婚前检查去哪做",
    "驾照丢了怎么补，身份证也丢了怎么证明我是我", "买房提取公积金怎么办，不动产证没下来怎么办",
    "低保怎么申请，收入证明去哪开", "公司注销怎么办，清税证明怎么开",
    "离婚了，房子怎么过户，孩子户口怎么迁", "居住证怎么办，租房合同要怎么备案",
    "开饭店要办什么证，健康证怎么办", "残疾证怎么办，体检去哪个医院",
    "异地就医备案怎么办，医院怎么选", "工伤认定怎么申请，还有什么材料要单位盖章",
    "社保卡丢了怎么补，里面的钱怎么取", "营业执照地址变更怎么办，税务那边怎么改",
    "养老金认证怎么做，老人不会用手机怎么办", "刚生了孩子，医保怎么上，户口没上能报销吗",
    "生育津贴怎么领，还有产假多少天", "二胎准生证怎么办，第二个要交罚款吗",
    "身份证到期换新的，还有旧的要不要交", "毕业生档案怎么查，还有报到证丢了影响吗",
    "租房补贴怎么申请，对了要不要居住证", "贷款买的房子怎么过户，抵押怎么解除",
    "户口本丢了怎么补，另外要不要登报", "护照到期怎么换，另外原来的签证还能用吗",
    "食品经营许可证到期怎么延续，另外法人换了要不要先变更", "退休金怎么查，以及每年涨多少",
    "营业执照以及食品经营许可证怎么办", "身份证还有户口本丢了怎么补",
    "驾驶证年审怎么办，驾驶证在外地能审吗，体检表去哪弄", "老年证怎么办，坐公交免费吗，去公园要钱吗",
    "农村宅基地怎么申请，房子怎么报建", "小区加装电梯怎么申请，补贴多少",
    "民办学校怎么审批，教师资格怎么要求", "专利申请费用怎么减免，费用怎么交",
    "失业金怎么领，失业证去哪办",
    "老人去世了，户口怎么注销，死亡证明去哪开",
    "车辆过户怎么办，车牌号怎么保留",
    "退伍证丢了怎么补，档案在哪个部门",
    "暂住证过期了，续签怎么办，照片要几张",
    "养犬证怎么办，狗疫苗去哪打",
    "交通违章怎么处理，罚款在哪交",
    "老房子漏雨，维修基金怎么用，要多少户签字",
    "幼儿园入园怎么报名，体检表在哪领",
    "居家养老补贴怎么申请，评估谁来做",
    "取水许可怎么办，论证报告找谁写",
    "排污许可证怎么办，环评要先做吗，多久",
    "采伐树木怎么申请，超过多少棵要批",
)
SEVERAL = (
    ("身份证丢了咋补，还有居住证到期咋续，另外公积金能取不", 3), ("身份证丢了咋补，另外居住证到期了怎么续", 2),
    ("护照怎么办，还有港澳通行证签注怎么办", 2), ("社保卡丢了怎么补，顺便问一下高龄津贴怎么领", 2),
    ("结婚登记要带什么，另外准生证怎么办", 2), ("驾驶证到期怎么换，还有，车辆年检去哪办", 2),
    ("失业金怎么领？还有异地就医备案怎么办？", 2), ("公司注销怎么办；另外商标怎么注册", 2),
    ("残疾证怎么办，对了，低保怎么申请", 2), ("孩子户口怎么上，再问一下出生医学证明丢了怎么补", 2),
    ("法律援助怎么申请，我还想问问工伤认定要多久", 2), ("二手房过户要什么材料，另外租房提取公积金怎么办", 2),
    ("食品经营许可证怎么办，第二个，个体户营业执照怎么办", 2), ("离婚登记要带什么，还有户口怎么迁出来", 2),
    ("健康证去哪办，还有无犯罪记录证明怎么开", 2), ("居住证怎么办，身份证丢了怎么补", 2),
    ("护照丢了怎么补，社保卡怎么挂失", 2), ("我身份证丢了，怎么补啊，还有俺爹的高龄津贴咋领", 2),
    ("异地就医备案咋办还有慢病咋申请", 2), ("退休手续怎么办，再一个公积金退休提取怎么办", 2),
    ("请问失业登记怎么办，另外，灵活就业社保补贴怎么申请，还有法律援助怎么申请", 3), ("结婚证丢了咋补，离婚冷静期多少天", 2),
    ("我想办护照，还想问问身份证到期怎么换", 2), ("残疾人两项补贴怎么领？高龄津贴怎么领？", 2),
    ("档案转移怎么办，顺便问下职称评审怎么报名", 2), ("驾照丢了怎么补，另外行驶证丢了怎么补", 2),
    ("房产证丢了怎么补，还有天然气怎么过户", 2), ("养老保险怎么转移，还有医保怎么转移，另外公积金怎么转移", 3),
    ("低保怎么申请。还有临时救助怎么申请。", 2), ("营业执照丢了怎么补，另外公章丢了怎么办", 2),
    ("港澳通行证怎么办，再问问出国公证怎么办，还有护照要多少钱", 3), ("工伤认定怎么申请；生育津贴怎么领", 2),
    ("护照丢了咋补，另外我想问居住证怎么续签", 2), ("俺娘八十了高龄津贴咋领，还有俺身份证丢了咋补", 2),
    ("失业金怎么领，对了，公积金能提取吗", 2), ("低保怎么申请，顺便问一句残疾证怎么办", 2),
    ("营业执照怎么注销，还有一个，商标怎么注册", 2), ("社保卡挂失怎么办理？还有二手车过户需要什么？", 2),
    ("法律援助怎么申请？工伤认定去哪办？", 2), ("孩子疫苗本丢了怎么补，另外小学入学怎么报名", 2),
    ("无犯罪记录证明怎么开，还有居住证怎么续", 2), ("结婚登记要预约吗，另外婚检在哪做", 2),
    ("驾驶证怎么换，再问一下异地就医备案咋办，还有生育津贴咋领", 3), ("我要补身份证，还要办居住证", 2),

    ("灵活就业社保怎么交，还有公积金能自己交吗", 2),
    ("狗证怎么办，另外交通违章怎么处理", 2),
    ("入学怎么报名，还有疫苗本丢了怎么补", 2),
    ("维修基金怎么用，顺便问下天然气怎么开户", 2),
    ("老年证怎么办，再问一下临时身份证怎么办", 2),
    ("公积金贷款怎么申请，对了房产证丢了怎么补", 2),
    ("排污许可证怎么办；取水许可怎么办", 2),
)
KNOWN = {"补身份证": "id", "续居住证": "permit", "办护照": "passport"}


@pytest.fixture(scope="module")
def matcher() -> KnowledgeMatcher:
    return build().matcher


def by_words(decision_of_whole: str = "none", asked: list[str] | None = None) -> Callable[[str], Match]:
    """Match by the words of KNOWN; a text that names several comes to `decision_of_whole` on the first."""
    def match(text: str) -> Match:
        if asked is not None:
            asked.append(text)
        codes = [code for words, code in KNOWN.items() if words in text]
        candidates = tuple(Candidate(code, code, "item", 0.95, code) for code in codes)
        return Match("answer" if len(codes) == 1 else decision_of_whole, None, candidates)  # type: ignore[arg-type]
    return match


@pytest.mark.parametrize("text", ONE)
def test_a_situation_in_several_clauses_is_one_request(matcher: KnowledgeMatcher, text: str) -> None:
    assert matcher.match(normalise(text)).others == ()


def test_several_requests_are_found(matcher: KnowledgeMatcher) -> None:
    missed = [text for text, count in SEVERAL if len(matcher.match(spoken(normalise(text))).others) + 1 != count]
    assert len(missed) <= (1 - FOUND) * len(SEVERAL), missed


def test_the_match_is_the_first_requests_and_the_others_are_texts(matcher: KnowledgeMatcher) -> None:
    found = matcher.match(normalise("身份证丢了咋补，还有居住证到期咋续，另外公积金能取不"))
    assert (found.decision, found.candidates[0].code, found.others) == ("answer", "id-card-reissue", ("居住证到期怎么续", "公积金能取不"))
    assert matcher.match(found.others[0]).candidates[0].code == "residence-permit-endorse"


def test_requests_keep_their_order_and_what_is_asked_of_each() -> None:
    found = requests("续居住证怎么弄,要多少钱,另外补身份证要带什么,对了办护照去哪", by_words())
    assert found == ("续居住证怎么弄,要多少钱", "补身份证要带什么", "办护照去哪")


def test_no_more_than_three_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN, "办婚检", "check")
    assert len(requests("补身份证怎么弄,还有续居住证怎么弄,另外办护照去哪,再一个办婚检去哪", by_words())) == 3


def test_the_same_record_twice_is_one_request() -> None:
    assert requests("补身份证怎么弄,还有补身份证要多少钱", by_words()) == ()


def test_a_record_that_explains_the_whole_leaves_one_request() -> None:
    def by_another(text: str) -> Match:
        return Match("answer", None, (Candidate("event", "event", "life_event", 0.95, text),)) if "另外" in text else by_words()(text)

    assert requests("补身份证怎么弄,另外续居住证怎么弄", by_another) == ()
    assert requests("补身份证怎么弄,另外续居住证怎么弄", by_words("answer")) == ("补身份证怎么弄", "续居住证怎么弄")  # it passes over the other


@pytest.mark.parametrize("text", ["补身份证怎么弄", "补身份证,要钱吗", "办护照,下周要出国,能加急吗", "补身份证怎么弄,还有几天能好", "补身份证怎么弄,续居住证怎么弄",
                                  "先补身份证怎么弄,还是先办护照,怎么弄"])
def test_a_text_whose_words_hold_one_request_is_not_matched_at_all(text: str) -> None:
    asked: list[str] = []
    assert (requests(text, by_words(asked=asked)), asked) == ((), [])
