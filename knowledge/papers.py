"""One name for each paper: items name the same paper in their own words, a checklist lists it once."""

from __future__ import annotations

import re
from typing import AbstractSet, Sequence

_ASIDE = re.compile(r"[（(].*?[）)]")
_EITHER = re.compile(r"或者|或")
_BOTH = re.compile(r"和|、")
# The first name of a row is the one that is spoken.
_SAME = (
    ("居民身份证", "身份证", "本人身份证", "有效身份证件", "身份证件", "身份证明", "本人有效身份证件", "本人居民身份证", "个人居民身份证",
     "申请人身份证", "申请人身份证件", "申请人身份证明", "申请人的居民身份证", "申报人的居民身份证", "申领人的居民身份证", "经办人身份证",
     "经办人的居民身份证", "经办亲属身份证", "继承人居民身份证", "监护人的居民身份证", "新户主居民身份证", "车主的身份证明", "车主身份证明",
     "经营者身份证", "负责人身份证明", "法定代表人身份证", "法定代表人身份证明", "法定代表人或者负责人身份证明", "法定代表人或者经营者身份证",
     "法定代表人和办税人员的身份证", "网站负责人居民身份证", "居民身份证号码", "居民身份证或社会保障卡",
     "居民身份证或社会保障卡或医保码"),
    ("夫妻双方的居民身份证", "双方的居民身份证", "双方居民身份证", "父母双方的居民身份证"),
    ("买卖双方的居民身份证", "买卖双方居民身份证", "买卖双方身份证件"),
    ("居民户口簿", "户口簿", "户口本", "本人户口簿", "父母一方的居民户口簿", "孩子和父母的户口簿"),
    ("双方的居民户口簿", "双方户口簿"),
    ("逝者的居民身份证", "逝者身份证"),
    ("逝者的居民户口簿", "逝者户口簿"),
    ("死亡证明", "居民死亡医学证明", "居民死亡医学证明书", "房主的死亡证明"),
    ("亲属关系材料", "亲属关系证明", "跟去世的人的关系材料"),
    ("结婚证", "结婚证书", "父母的结婚证"),
    ("社会保障卡", "社保卡", "收款的社会保障卡", "本人社会保障卡"),
    ("银行卡", "本人银行卡", "收款银行卡"),
    ("近期照片", "照片", "近期免冠照片", "本人照片"),
    ("居住证", "父母一方的居住证"),
    ("营业执照", "营业执照副本", "营业执照正本和副本", "企业营业执照", "公司营业执照", "个体工商户营业执照", "主办单位营业执照", "企业法人营业执照"),
    ("登记证书", "民办非企业单位登记证书"),
    ("经营场所使用证明", "住所使用证明", "场所使用权证明", "场地证明", "房屋产权证件或者租赁合同", "场地或建筑物使用权的材料",
     "园舍产权或者租赁证明"),
    ("从业人员健康证明", "健康证明", "健康证"),
    ("业务主管单位的批准文件", "民办学校办学许可证"),
    ("机动车驾驶证", "驾驶证", "驾驶员的驾驶证"),
    ("机动车行驶证", "行驶证"),
    ("从业资格证", "道路运输从业人员从业资格证"),
    ("车辆出厂合格证", "车辆合格证", "整车出厂合格证明"),
    ("购车发票", "购车发票等来历证明", "机动车销售统一发票"),
    ("购置税和车船税完税证明", "购置税和车船税的完税或者免税证明", "车辆购置税完税信息"),
    ("不动产权证书", "不动产权证", "房屋权属证明", "不动产权证书或房屋所有权证"),
    ("购房合同", "商品房买卖合同", "网签备案的商品房买卖合同", "网签备案的房屋买卖合同", "已备案的商品房预售合同", "房屋买卖合同",
     "二手房买卖合同", "房屋土地权属转移合同"),
    ("购房付款凭证", "首付款凭证", "购房发票"),
    ("完税凭证", "契税完税凭证", "契税完税信息", "完税证明"),
    ("项目批准、核准或者备案文件", "项目批准核准或备案文件", "项目备案证明"),
    ("宅基地批准书", "农村宅基地批准书", "宅基地批准文件等权属来源材料"),
    ("乡村建设规划许可证", "房屋符合规划或建设的材料"),
    ("卫生评价合格报告",),
    ("消防验收合格的证明文件", "消防验收意见书", "消防验收备案凭证", "消防合格材料"),
    ("车辆技术等级评定结论",),
    ("退役证件", "复员、转业或者退伍证明", "退役证件或者遗属身份材料", "退役证件或者优待证"),
    ("报到通知",),
    ("诊断证明", "诊断证明或者职业病诊断证明书"),
    ("本人手机",),
)
_SPOKEN = {other: names[0] for names in _SAME for other in names}
# A paper of one person is at hand where that of both is asked for.
_WITHIN = {"居民身份证": ("夫妻双方的居民身份证", "买卖双方的居民身份证"), "居民户口簿": ("双方的居民户口簿",)}


def paper_name(name: str) -> str:
    """Return the one name under which a paper is listed, whatever an item calls it."""
    bare = _ASIDE.sub("", name).strip()
    return _SPOKEN.get(bare, bare)


def asked_papers(name: str) -> tuple[tuple[str, ...], ...]:
    """Return what one line of an item asks for: every paper of it, each as the names of which one will do."""
    listed = paper_name(name)
    bare = _ASIDE.sub("", name).strip()
    if bare in _SPOKEN:
        return ((listed,),)
    both = _BOTH.split(bare)
    if len(both) > 1 and all(part in _SPOKEN for part in both):
        return tuple((_SPOKEN[part],) for part in both)
    either = _EITHER.split(bare)
    return (tuple(paper_name(part) for part in either) if len(either) > 1 else (listed,),)


def yielded_papers(result: str) -> tuple[str, ...]:
    """Return the papers that the result of an item may be: 行驶证 and 登记证书 of 机动车号牌、行驶证和登记证书."""
    parts = {part for half in _EITHER.split(_ASIDE.sub("", result)) for part in _BOTH.split(half)}
    return (paper_name(result), *sorted({paper_name(part) for part in parts} - {paper_name(result)}))


def one_of(names: Sequence[str], listed: AbstractSet[str]) -> str:
    """Return which of several papers that will do to list: the one that is on the list already, else all as a choice."""
    return next((name for name in names if name in listed), "或者".join(names))


def wider(name: str, listed: AbstractSet[str]) -> str:
    """Return the listed paper that holds this one, such as those of both partners, or the name itself."""
    return next((other for other in _WITHIN.get(name, ()) if other in listed), name)
