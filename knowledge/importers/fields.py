"""The one table of the fields: which header of the national layout, or of ours, stands for which place in a document."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.document import KINDS, UNITS
from knowledge.importers.cells import DAY, NUMBER, TEXT, TEXTS, YES_NO, Codec, choice, choices, parts

Path = tuple[str, ...]

SUBJECTS = {"自然人": "个人", "个人": "个人", "企业法人": "企业", "法人": "企业", "企业": "企业", "事业法人": "企业", "社会组织法人": "企业",
            "非法人企业": "企业", "非法人组织": "企业", "其他组织": "企业", "行政机关": "企业"}
REACHES = {"全国通办": "全国通办", "全国": "全国通办", "全省通办": "全省通办", "全省": "全省通办", "全市通办": "全市通办", "全市": "全市通办",
           "辖区办理": "辖区办理"}
NEEDS = {"必要": True, "非必要": False, "容缺后补": True}
MATERIAL = (("材料名称", "name", TEXT), ("材料形式", "form", TEXT), ("纸质材料份数", "copies", NUMBER), ("来源渠道", "source", TEXT),
            ("材料必要性", "required", choice(NEEDS)), ("填报须知", "note", TEXT))
# Fields of a material that the model does not know; they are kept beside the item as “材料类型：身份证”.
MATERIAL_KEPT = ("材料类型", "受理标准", "要求提供材料的依据", "空白表格", "示例样表")
QUESTION = (("问题", "ask", TEXT), ("答案", "answer", TEXT))


@dataclass(frozen=True)
class Field:
    """One column: `varies` when a region may set it, `keeps` when the list's own words say more than the value does."""

    header: str
    path: Path
    codec: Codec = TEXT
    varies: bool = False
    keeps: bool = False


def _limit(header: str, kind: str) -> tuple[Field, ...]:
    return (Field(header, ("limit", kind, "value"), NUMBER, varies=True),
            Field(f"{header}单位", ("limit", kind, "unit"), choice({unit: unit for unit in UNITS}), varies=True),
            Field(f"{header}说明", ("limit", kind, "note"), varies=True))


CODE = "标识"  # ours; without it one of CODES
CODES = ("业务办理项编码", "实施编码", "基本编码")
VARIANTS = "地区差异"
REGION = "区划代码"
PLACES = "适用区划"  # codes of the regions in which alone an item holds
MATERIALS, QUESTIONS = "材料", "问答"
LIMITS = ("法定办结时限", "承诺办结时限")
OTHER = "其他："  # before the name of anything else that an item keeps

FIELDS: tuple[Field, ...] = (
    Field("事项名称", ("name",)),
    Field("事项类型", ("kind",), choice({kind: kind for kind in KINDS})),
    Field("主题", ("topic",)),
    Field("办理动作", ("action",)),
    Field("服务对象", ("subject",), choices(SUBJECTS), keeps=True),
    Field("实施主体", ("department",)),
    Field("常见问法", ("aliases",), TEXTS),
    Field("一句话说明", ("summary",), varies=True),
    Field("设定依据", ("basis",), TEXTS, varies=True),
    Field("受理条件", ("conditions",), varies=True),
    Field(MATERIALS, ("materials",), parts(MATERIAL, MATERIAL_KEPT), varies=True),
    Field("不用再带", ("not_required",), TEXTS, varies=True),
    Field("办理流程", ("process",), TEXTS, varies=True),
    *_limit("法定办结时限", "legal"),
    *_limit("承诺办结时限", "promised"),
    Field("不定天数说明", ("limit", "otherwise"), varies=True),
    Field("到办事现场次数", ("visits",), NUMBER, varies=True),
    Field("是否收费", ("fee", "charged"), YES_NO, varies=True),
    Field("收费标准", ("fee", "amount"), varies=True),
    Field("收费依据", ("fee", "basis"), varies=True),
    Field("收费说明", ("fee", "note"), varies=True),
    Field("办理地点", ("location",), varies=True),
    Field("办理时间", ("hours",), varies=True),
    Field("咨询方式", ("phone",), varies=True),
    Field("是否网办", ("online", "available"), YES_NO, varies=True),
    Field("网办渠道", ("online", "channel"), varies=True),
    Field("网办说明", ("online", "note"), varies=True),
    Field("通办范围", ("reach",), choice(REACHES), varies=True, keeps=True),
    Field("审批结果名称", ("result", "name"), varies=True),
    Field("结果有效期", ("result", "validity"), varies=True),
    Field(QUESTIONS, ("questions",), parts(QUESTION), varies=True),
    Field(PLACES, ("only_in",), TEXTS),
    Field("计划生效日期", ("valid_from",), DAY),
    Field("计划取消日期", ("valid_to",), DAY),
    Field("核对日期", ("as_of",), DAY),
)
BY_HEADER = {field.header: field for field in FIELDS}
VARYING = tuple(field for field in FIELDS if field.varies)
# A part of an item that means nothing without one of its fields: nobody can be told “working days” without a number.
WHOLES: dict[Path, Path] = {("limit", kind): ("limit", kind, "value") for kind in ("legal", "promised")} | {
    ("fee",): ("fee", "charged"), ("online",): ("online", "available"), ("result",): ("result", "name")}

# Fields of the layout without a place in the model: the item keeps their text under `national`, and nobody is told it.
KEPT = (
    "基本编码", "实施编码", "业务办理项编码", "行使层级", "权力来源", "实施主体编码", "委托部门", "办件类型", "办理形式", "特别程序",
    "监督投诉方式", "计算机端在线办理跳转地址", "移动端办理地址", "事项状态", "事项版本", "网上办理深度", "是否进驻政务大厅",
    "是否支持预约办理", "是否支持网上支付", "是否支持物流快递", "是否支持自助终端办理", "数量限制", "联办机构", "中介服务", "审批结果类型",
    "面向自然人事项主题分类", "面向法人事项主题分类", "主题分类", "乡镇街道代码", "村居社区代码", "所属区划", "主项名称", "子项名称",
    "收费项目名称", "是否允许减免", "允许减免依据",
)
TOPICS = ("面向自然人事项主题分类", "面向法人事项主题分类", "主题分类")  # the first that is told names the topic of a new item
SAME = {"材料名称": MATERIALS}  # other headers for the same
KNOWN = frozenset((CODE, VARIANTS, *BY_HEADER, *KEPT, *SAME))


def is_field(header: str) -> bool:
    """Whether a column of this header is taken."""
    return header in KNOWN or (header.startswith(OTHER) and len(header) > len(OTHER))
