"""Reading knowledge files: every fault names its file and line, and says what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.bootstrap import build, load_catalogue
from knowledge.catalogue import CatalogueData, cross_faults
from knowledge.errors import Fault, KnowledgeFaulty, UnknownItem
from knowledge.holding import levels
from knowledge.load import Department, load_departments, load_items, load_policies
from knowledge.model import Fee, Item, Limit, Material, Online, Policy, Question, Result

ITEM = """\
topic: 试验
items:
  - code: lamp
    name: 路灯登记
    kind: 公共服务
    action: 登记
    subject: [个人]
    department: 城管
    aliases: [登记路灯, 路灯怎么登记, 报个路灯, 路灯上哪登记]
    basis: [《路灯办法》]
    as_of: 2026-11-01
"""
WHOLE = ITEM + """\
    summary: 带上身份证去登记。
    conditions: 有一盏路灯
    materials:
      - {name: 身份证, form: 原件, copies: 1, source: 公安机关}
      - {name: 委托书, required: false, note: 别人代办要带}
    not_required: [户口簿]
    process: [登记, 领牌]
    limit:
      legal: {value: 20, unit: 工作日, note: 自受理之日起}
      promised: {value: 3, unit: 工作日}
    fee: {charged: true, amount: 每盏5元}
    location: 城管窗口
    hours: 周一到周五
    phone: "12319"
    online: {available: true, channel: 爱山东}
    visits: 1
    reach: 全省通办
    result: {name: 路灯牌, validity: 三年}
    questions:
      - {ask: 路灯要上锁吗, answer: 不用。}
    variants:
      - {region: "370100", phone: "0531", basis: [《济南路灯办法》]}
      - {region: "370102", fee: {charged: false}}
"""
POLICY = """\
topic: 试验
policies:
  - code: lamps-told
    name: 路灯归谁管
    aliases: [谁管路灯, 路灯找谁, 路灯哪个部门]
    answer: 归城管。
    document: 试验文件
    stated_on: "2018-05"
    as_of: 2026-11-01
"""
DEPARTMENTS = ("城管",)


def read(tmp_path: Path, text: str) -> tuple[tuple[tuple[Item, tuple[Item, ...]], ...], list[str]]:
    (tmp_path / "lamps.yml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    return load_items(tmp_path, DEPARTMENTS, faults), [str(fault) for fault in faults]


def test_a_whole_item_is_read_field_by_field(tmp_path: Path) -> None:
    ((item, _),), faults = read(tmp_path, WHOLE)
    assert faults == []
    assert item == Item(
        code="lamp", name="路灯登记", topic="试验", kind="公共服务", action="登记", subject=("个人",), department="城管",
        aliases=("登记路灯", "路灯怎么登记", "报个路灯", "路灯上哪登记"), basis=("《路灯办法》",), as_of=date(2026, 11, 1), summary="带上身份证去登记。",
        conditions="有一盏路灯", materials=(Material("身份证", "原件", 1, "公安机关"), Material("委托书", required=False, note="别人代办要带")),
        not_required=("户口簿",), process=("登记", "领牌"), legal_limit=Limit(20, "工作日", "自受理之日起"), promised_limit=Limit(3, "工作日"),
        fee=Fee(True, "每盏5元"), location="城管窗口", hours="周一到周五", phone="12319", online=Online(True, "爱山东"), visits=1, reach="全省通办",
        result=Result("路灯牌", "三年"), questions=(Question("路灯要上锁吗", "不用。"),))
    assert item.source == "lamps.yml:3"


def test_what_is_not_written_is_not_known(tmp_path: Path) -> None:
    ((item, variants),), faults = read(tmp_path, ITEM)
    assert (faults, variants) == ([], ())
    assert (item.fee, item.legal_limit, item.visits, item.online, item.phone, item.materials) == (None, None, None, None, None, ())


def test_a_variant_changes_what_it_names_and_keeps_the_rest_of_the_item(tmp_path: Path) -> None:
    ((item, (city, county)),), _ = read(tmp_path, WHOLE)
    assert (city.region, city.phone, city.basis) == ("370100", "0531", ("《济南路灯办法》",))
    assert (city.fee, city.materials, city.process, city.aliases, city.legal_limit) == (
        item.fee, item.materials, item.process, item.aliases, item.legal_limit)
    assert (county.region, county.fee, county.phone, county.basis) == ("370102", Fee(False), "12319", ("《路灯办法》",))


@pytest.mark.parametrize(("find", "put", "fault"), [
    ("    name: 路灯登记\n", "", "lamps.yml:3: 'name' is missing"),
    ("name: 路灯登记", 'name: "  "', "lamps.yml:3: 'name' is missing"),
    ("name: 路灯登记", "name: [路灯登记]", "lamps.yml:3: 'name' has the wrong type: list"),
    ("name: 路灯登记", "name: 路灯登记\n    colour: 红", "lamps.yml:3: unknown key 'colour'"),
    ("name: 路灯登记", "name: 路灯登记\n    name: 路灯", "lamps.yml:5: no valid YAML: key 'name' stands twice"),
    ("kind: 公共服务", "kind: 服务", "lamps.yml:3: 'kind' is '服务', allowed: 行政许可 行政确认 行政给付 行政裁决 行政奖励 行政征收 公共服务 其他行政权力"),
    ("department: 城管", "department: 天庭", "lamps.yml:3: 'department' is '天庭', allowed: 城管"),
    ("subject: [个人]", "subject: []", "lamps.yml:3: 'subject' needs 1 entries, has 0"),
    ("subject: [个人]", "subject: ['']", "lamps.yml:3: 'subject' holds something that is not text"),
    ("aliases: [登记路灯, 路灯怎么登记, 报个路灯, 路灯上哪登记]", "aliases: [登记路灯, 报个路灯]", "lamps.yml:3: 'aliases' needs 4 entries, has 2"),
    ("aliases: [登记路灯, 路灯怎么登记, 报个路灯, 路灯上哪登记]", "aliases: [登记路灯, 12, 报个路灯, 报路灯]", "lamps.yml:3: 'aliases' holds something that is not text"),
    ("as_of: 2026-11-01", "as_of: 去年", "lamps.yml:3: 'as_of' is no date of the form 2026-11-01: '去年'"),
    ("as_of: 2026-11-01", "as_of: 2026-13-01", "lamps.yml:11: no valid YAML: month must be in 1..12"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    visits: 一趟", "lamps.yml:3: 'visits' has the wrong type: str"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    visits: true", "lamps.yml:3: 'visits' has the wrong type: bool"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    fee: 免费", "lamps.yml:3: 'fee' has the wrong type: str"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    fee: {amount: 5元}", "lamps.yml:12: 'charged' is missing"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    fee: {charged: 是}", "lamps.yml:12: 'charged' has the wrong type: str"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    limit: {legal: {value: 3, unit: 周}}", "lamps.yml:12: 'unit' is '周', allowed: 工作日 自然日 小时 分钟 个月"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    limit:\n      legal: {unit: 工作日}", "lamps.yml:13: 'value' is missing"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    reach: 全球通办", "lamps.yml:3: 'reach' is '全球通办', allowed: 全国通办 全省通办 全市通办 辖区办理"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    materials:\n      - {name: 身份证, price: 5}", "lamps.yml:13: unknown key 'price'"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    materials: [身份证]", "lamps.yml:3: expected key: value pairs, found str"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    variants:\n      - {phone: '1'}", "lamps.yml:13: 'region' is missing"),
    ("as_of: 2026-11-01", "as_of: 2026-11-01\n    variants:\n      - {region: '370100', code: other}", "lamps.yml:13: unknown key 'code'"),
    ("topic: 试验\n", "", "lamps.yml:1: 'topic' is missing"),
    ("topic: 试验\n", "topic: 试验\nitem: []\n", "lamps.yml:1: unknown key 'item'"),
    ("items:", "items: }", "lamps.yml:2: no valid YAML: did not find expected node content"),
    ("name: 路灯登记", "name: {{路灯}}", "lamps.yml:4: no valid YAML: a key must be text"),
])
def test_a_fault_names_file_and_line(tmp_path: Path, find: str, put: str, fault: str) -> None:
    assert ITEM.count(find) == 1
    _, faults = read(tmp_path, ITEM.replace(find, put))
    assert fault in faults


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    _, faults = read(tmp_path, ITEM.replace("kind: 公共服务", "kind: 服务").replace("    action: 登记\n", "    colour: 红\n"))
    assert [fault.split(": ", 1)[1].split(" ")[0] for fault in faults] == ["'kind'", "'action'", "unknown"]


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "lamps.yml").write_bytes(b"topic: \xff\xfe")
    faults: list[Fault] = []
    assert load_items(tmp_path, DEPARTMENTS, faults) == ()
    assert [(fault.file, fault.line) for fault in faults] == [("lamps.yml", 1)]


def test_a_policy_answer_is_read_with_its_date(tmp_path: Path) -> None:
    (tmp_path / "told.yml").write_text(POLICY, encoding="utf-8")
    faults: list[Fault] = []
    assert load_policies(tmp_path, faults) == (
        Policy("lamps-told", "路灯归谁管", "试验", ("谁管路灯", "路灯找谁", "路灯哪个部门"), "归城管。", "试验文件", "2018-05", date(2026, 11, 1)),)
    assert faults == []


def test_a_department_has_a_name_and_a_number_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "departments.yml"
    file.write_text('城管: {name: 城市管理局, phone: "12345"}\n民政: {name: 民政局, fax: "1"}\n', encoding="utf-8")
    faults: list[Fault] = []
    assert load_departments(file, faults)["城管"] == Department("城管", "城市管理局", "12345")
    assert [str(fault) for fault in faults] == ["departments.yml:2: 'phone' is missing", "departments.yml:2: unknown key 'fax'"]


@pytest.mark.parametrize(("region", "expected"), [
    ("370102", ("370102", "370100", "370000")), ("370100", ("370100", "370000")), ("370000", ("370000",)),
], ids=["county", "city", "province"])
def test_levels_go_from_county_to_city_to_province(region: str, expected: tuple[str, ...]) -> None:
    assert levels(region) == expected


@pytest.mark.parametrize(("region", "phone", "charged"), [
    ("370102", "12319", False), ("370103", "0531", True), ("370100", "0531", True), ("370202", "12319", True), (None, "12319", True),
], ids=["its own", "that of its city", "city", "no variant in its city", "no region"])
def test_the_nearest_level_wins(tmp_path: Path, region: str | None, phone: str, charged: bool) -> None:
    ((item, variants),), _ = read(tmp_path, WHOLE)
    data = CatalogueData({"lamp": item}, {("lamp", variant.region or ""): variant for variant in variants}, {})
    found = data.item("lamp", region)
    assert found.fee is not None
    assert (found.phone, found.fee.charged) == (phone, charged)


def test_an_unknown_code_is_refused_by_name() -> None:
    empty = CatalogueData({}, {}, {})
    with pytest.raises(UnknownItem) as item:
        empty.item("nothing", "370102")
    with pytest.raises(UnknownItem) as policy:
        empty.policy("nothing")
    assert (item.value.item, policy.value.item, item.value.code) == ("nothing", "nothing", "item_not_found")


def faults_between(tmp_path: Path, items: str, policies: str = "") -> list[str]:
    (tmp_path / "i").mkdir()
    (tmp_path / "p").mkdir()
    found, faults = read(tmp_path / "i", items)
    (tmp_path / "p" / "told.yml").write_text(policies or "topic: 试验\n", encoding="utf-8")
    told = load_policies(tmp_path / "p", [])
    assert faults == []
    return [str(fault) for fault in cross_faults(found, told, (), ("370000", "370100", "370102"))]


def test_records_that_agree_have_no_fault_between_them(tmp_path: Path) -> None:
    assert faults_between(tmp_path, WHOLE, POLICY) == []


def test_a_code_stands_once_in_all_files(tmp_path: Path) -> None:
    assert faults_between(tmp_path, ITEM, POLICY.replace("lamps-told", "lamp")) == [
        "lamps.yml:3: code 'lamp' stands 2 times", "told.yml:3: code 'lamp' stands 2 times"]


def test_a_name_belongs_to_one_record(tmp_path: Path) -> None:
    assert faults_between(tmp_path, ITEM, POLICY.replace("谁管路灯", "报个路灯")) == ["told.yml:3: '报个路灯' is also a name of 'lamp'"]


def test_a_name_stands_once_in_its_record(tmp_path: Path) -> None:
    assert set(faults_between(tmp_path, ITEM.replace("报个路灯", "登记路灯"))) == {"lamps.yml:3: '登记路灯' is also a name of 'lamp'"}


def test_a_variant_names_a_region_that_exists_and_each_once(tmp_path: Path) -> None:
    text = WHOLE.replace('region: "370102"', 'region: "379999"')
    assert faults_between(tmp_path, text) == ["lamps.yml:34: variant of 'lamp' names region '379999', which does not exist"]
    (tmp_path / "twice").mkdir()
    twice = faults_between(tmp_path / "twice", WHOLE.replace('region: "370102"', 'region: "370100"'))
    assert twice == [f"lamps.yml:{line}: variant of 'lamp' for region '370100' stands 2 times" for line in (33, 34)]


def test_the_shipped_knowledge_has_no_fault() -> None:
    catalogue, departments, faults = load_catalogue()
    assert faults == ()
    assert {item.department for item in catalogue.items()} <= set(departments)


def test_faulty_knowledge_is_never_built(tmp_path: Path) -> None:
    (tmp_path / "departments.yml").write_text('城管: {name: 城市管理局, phone: "12345"}\n', encoding="utf-8")
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "lamps.yml").write_text(ITEM.replace("kind: 公共服务", "kind: 服务"), encoding="utf-8")
    with pytest.raises(KnowledgeFaulty, match=r"^lamps.yml:3: 'kind' is '服务'") as error:
        build(tmp_path)
    assert error.value.code == "knowledge_faulty"
    assert len(error.value.faults) == 1
