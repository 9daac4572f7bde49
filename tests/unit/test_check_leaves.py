from pathlib import Path

import pytest

from cli.checks.leaves import catalogue_faults
from core.settings import ROOT

GOOD = "甲: {乙: {丙: {department: 某局, says: [一]}}}"


def test_the_catalogue_has_no_fault() -> None:
    assert list(catalogue_faults(ROOT / "tickets" / "catalogue")) == []


@pytest.mark.parametrize(("content", "told"), [
    ("丁: {戊: {department: 某局, says: [二]}}", "戊: stands in level 2"), ("丁: [", "flow node"), (GOOD, "named twice: 丙"),
], ids=["level", "yaml", "twice"])
def test_a_faulty_file_is_named(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "good.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "other.yml").write_text(content, encoding="utf-8")
    faults = list(catalogue_faults(tmp_path))
    assert len(faults) == 1 and told in faults[0].message
    assert faults[0].file == ("other.yml" if "twice" not in told else tmp_path.name)
