"""Files as tables: encodings, kinds, limits, and files that mean harm."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from knowledge.importers import tables, xlsx_table
from knowledge.importers.errors import FileRefused
from knowledge.importers.tables import Row, open_table

LINES = "标识,事项名称,办理地点\na-1,补办路灯牌,城管窗口\n\nb-2,㐱𠮷家登记,二楼\n"


def drawn(path: Path) -> list[Row]:
    with open_table(path) as table:
        return list(table.rows)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as caught:
        drawn(path)
    return str(caught.value)


def workbook(path: Path, rows: list[list[Any]], **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "事项"
    for row in rows:
        book.active.append(row)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_a_csv_is_read_in_every_encoding_and_rows_count_as_a_spreadsheet_counts(tmp_path: Path, encoding: str, end: str) -> None:
    rows = drawn(written(tmp_path, "a.csv", LINES.replace("\n", end).encode(encoding)))
    assert [(row.number, row.cells["标识"], row.cells["事项名称"]) for row in rows] == [(2, "a-1", "补办路灯牌"), (4, "b-2", "㐱𠮷家登记")]


@pytest.mark.parametrize("mark", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_the_header_tells_the_delimiter(tmp_path: Path, mark: str) -> None:
    rows = drawn(written(tmp_path, "a.csv", LINES.replace(",", mark)))
    assert rows[0].cells == {"标识": "a-1", "事项名称": "补办路灯牌", "办理地点": "城管窗口"}


def test_a_cell_may_hold_line_ends_quotation_marks_and_commas(tmp_path: Path) -> None:
    rows = drawn(written(tmp_path, "a.csv", '标识,备注\na,"一，""二"",\r\n三"\n'))
    assert rows[0].cells["备注"] == '一，"二",\n三'


@pytest.mark.parametrize(("content", "told"), [
    ("", "是空文件"),
    ("标识,事项名称\n", "没有数据"),
    ("标识,事项名称\n,\n\n", "没有数据"),
    (",,\na,b,c\n", "第一行应当是表头"),
    ("标识,事项名称,标识\na,b,c\n", "“标识”写了两次"),
    ('标识,事项名称\na,"没有闭合\nb,c\nd,e\n', "第 2 行：引号没有闭合"),
    ('标识,事项名称\na,b\nc,"没有闭合\nd,"e"\n', "第 3 行：引号没有闭合"),
    ('标识,事项名称\na,"' + "长" * 200_000, "第 2 行：有一格超过"),
    (",".join(f"列{n}" for n in range(501)) + "\n" + ",".join("x" * 501), "有 501 列，超过 500 列"),
    (b"\xef\xbb\xbf\xe6\xa0\x87\xe8\xaf\x86,b\n\xff\xff,c\n", "第 13 个字节坏了"),
    ("标识,事项名称,实施主体,主题\na,".encode() + b"\xe6\xff,c,d\n", "UTF-8 编码，但是第"),
    (b"a,b\n\xff\xff\xff,d\n", "既不是 UTF-8 也不是 GB18030"),
    ("标识,名称\n甲,乙\n".encode("utf-16"), "UTF-16"),
    (b"\x89PNG\r\n\x1a\n" + bytes(200), "图片"),
    (b"PK\x03\x04" + bytes(50), "和后缀 .csv 对不上"),
    (b"a,b\nc,\x00d\n", "有空字节"),
], ids=["empty", "header only", "blank rows only", "blank header", "column twice", "unclosed", "unclosed before another", "one endless cell",
        "too many columns", "broken UTF-8 with mark", "broken UTF-8", "neither encoding", "UTF-16", "a picture", "an archive", "NUL"])
def test_a_csv_that_is_no_table_is_refused_whole(tmp_path: Path, content: bytes | str, told: str) -> None:
    assert told in refusal(written(tmp_path, "a.csv", content))


@pytest.mark.parametrize(("line", "told"), [
    ("a", "有 1 格，表头有 2 格"),
    ("a,b,c", "有 3 格，表头有 2 格"),
    ("标识,事项名称", "又是一行表头"),
    ("a," + "长" * 20_001, "有 20001 个字"),
    ("a,响铃\x07", "控制字符 U+0007"),
    ("a,倒写\u202e", "控制字符 U+202E"),
    ("a,删除\x7f", "控制字符 U+007F"),
], ids=["short", "long", "header again", "long cell", "bell", "direction", "delete"])
def test_a_bad_row_is_refused_alone(tmp_path: Path, line: str, told: str) -> None:
    rows = drawn(written(tmp_path, "a.csv", f"标识,事项名称\nx,好\n{line}\ny,也好\n"))
    assert [bool(row.fault) for row in rows] == [False, True, False]
    assert told in rows[1].fault


def test_a_cell_of_the_greatest_length_is_taken(tmp_path: Path) -> None:
    assert drawn(written(tmp_path, "a.csv", f"标识,备注\na,{'长' * 20_000}\n"))[0].fault == ""


def test_a_guard_against_formulas_is_taken_off(tmp_path: Path) -> None:
    rows = drawn(written(tmp_path, "a.csv", "标识,备注\na,'=1+1\nb,''-3\nc,'平常\nd,＝1\n"))
    assert [row.cells["备注"] for row in rows] == ["=1+1", "'-3", "'平常", "＝1"]


@pytest.mark.parametrize(("name", "told"), [("a.xls", "另存为 .xlsx"), ("a.pdf", "不认识“.pdf”"), ("a", "不认识“a”"), ("missing.csv", "没有这个文件")])
def test_what_cannot_be_a_table_is_refused_by_name(tmp_path: Path, name: str, told: str) -> None:
    if not name.startswith("missing"):
        written(tmp_path, name, "a,b\n")
    assert told in refusal(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    assert "没有这个文件" in refusal(tmp_path / "a.csv")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    assert "200 MB，超过 100 MB" in refusal(path)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ROWS", 2)
    assert "超过 2 行" in refusal(written(tmp_path, "a.csv", "标识\na\nb\nc\n"))


def test_progress_by_bytes_grows_to_the_size_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "标识\n" + "\n".join(f"a{n}" for n in range(20_000)))
    with open_table(path) as table:
        places = [row.at for row in table.rows if row.at]
        assert places == sorted(places)
        assert places[-1] == table.total == path.stat().st_size


# JSON and JSON Lines

def test_json_values_become_texts_lists_and_mappings(tmp_path: Path) -> None:
    content = {"a": " 字\r\n符 ", "b": 3, "c": True, "d": None, "e": ["x", 1], "f": {"g": False}, "h": 1.50, "i": 1 << 100}
    for name, text in (("a.json", json.dumps([content])), ("a.jsonl", json.dumps(content) + "\n\n")):
        assert drawn(written(tmp_path, name, text))[0].cells == {
            "a": "字\n符", "b": "3", "c": "是", "d": "", "e": ["x", "1"], "f": {"g": "否"}, "h": "1.5", "i": str(1 << 100)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_json_lines_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    rows = drawn(written(tmp_path, "a.jsonl", '{"名称": "𠮷\u2028"}\n{"名称": "乙"}\n'.encode(encoding)))
    assert [row.cells["名称"] for row in rows] == ["𠮷", "乙"]


@pytest.mark.parametrize(("content", "told"), [
    ('{"a": 1}', "应当是一个列表"), ("[1, 2]", "里应当是对象"), ("[]", "没有数据"), ('[{"a": 1}', "少了逗号或者右方括号"),
    ('[{"a": 1},]', "第 2 项读不了"), ('[{"a": 1}] x', "后面还有别的内容"), ('[{"a": 1} {"b": 2}]', "少了逗号"), ("[" * 100_000, "嵌套太深"),
    ('[{"a":' + "[" * 50_000 + "]" * 50_000 + "}]", "嵌套太深"),
], ids=["an object", "numbers", "empty list", "cut off", "trailing comma", "something behind", "no comma", "only brackets", "deep"])
def test_json_that_is_no_list_of_objects_is_refused_whole(tmp_path: Path, content: str, told: str) -> None:
    assert told in refusal(written(tmp_path, "a.json", content))


@pytest.mark.parametrize("content", ["[1]\n", "{\n\"a\": 1\n}\n", "nothing\n", "[" * 50_000 + "\n"], ids=["a list", "over lines", "no JSON", "deep"])
def test_json_lines_whose_first_line_is_no_object_are_refused_whole(tmp_path: Path, content: str) -> None:
    assert "JSON Lines 文件每行是一个对象" in refusal(written(tmp_path, "a.jsonl", content))


@pytest.mark.parametrize(("element", "told"), [
    ('{"a": NaN}', "不是数的数"), ('{"a": -Infinity}', "不是数的数"), ("7", "不是一个 JSON 对象"), ('{"a": 1, "a": 2}', "写了两次"),
    ('{"a": "\\ud800"}', "U+D800"), ('{"a": "\\u0000"}', "U+0000"), ('{"a": [[[[[[[1]]]]]]]}', "嵌套太深"),
    ('{"a": ' + "9" * 20_001 + "}", "有 20001 个字"),
    ("{" + ",".join(f'"k{n}": 1' for n in range(501)) + "}", "有 501 个字段"),
], ids=["NaN", "infinity", "a number", "key twice", "half a character", "NUL", "deep", "endless number", "many fields"])
def test_a_bad_object_is_refused_alone(tmp_path: Path, element: str, told: str) -> None:
    for name, content in (("a.json", f'[{{"x": 1}}, {element}, {{"y": 2}}]'), ("a.jsonl", f'{{"x": 1}}\n{element}\n{{"y": 2}}\n')):
        rows = drawn(written(tmp_path, name, content))
        assert [bool(row.fault) for row in rows] == [False, True, False]
        assert told in rows[1].fault


def test_a_broken_line_is_refused_alone(tmp_path: Path) -> None:
    rows = drawn(written(tmp_path, "a.jsonl", '{"x": 1}\n{"x": \n{"x": 3}\n'))
    assert [(row.number, bool(row.fault)) for row in rows] == [(1, False), (2, True), (3, False)]


# XLSX

def test_an_xlsx_is_read_with_numbers_days_and_truth_values_as_texts(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["标识", "数", "日", "时", "对", "小数"], ["a", 30, date(2026, 11, 1), datetime(2026, 11, 1, 9, 30), True, 1.5]])
    assert drawn(path)[0].cells == {"标识": "a", "数": "30", "日": "2026-11-01", "时": "2026-11-01 09:30:00", "对": "是", "小数": "1.5"}


def test_a_formula_refuses_the_file_and_names_its_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["标识", "名称"], ["a", "b"], ["c", '=HYPERLINK("x")']])
    assert "“事项”的 B3 格是公式" in refusal(path)


def test_a_text_that_looks_like_a_formula_is_none(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["标识", "名称"])
    book.active.append(["a", "x"])
    book.active["B2"].value = "=1+1"
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert drawn(tmp_path / "a.xlsx")[0].cells["名称"] == "=1+1"


def test_a_number_that_lost_digits_and_an_error_value_refuse_their_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["标识", "编码"], ["a", 1234567890123456789], ["b", "#REF!"], ["c", "好"]])
    rows = drawn(path)
    assert [row.fault for row in rows] == ["B2 格的数字太长，后面的位数已经丢了，请把这一列设成文本再填", "B3 格是错误值 #REF!", ""]


def test_a_row_longer_than_the_header_is_refused_and_a_shorter_one_filled_up(tmp_path: Path) -> None:
    rows = drawn(workbook(tmp_path / "a.xlsx", [["标识", "名称"], ["a"], ["b", "c", "d"]]))
    assert rows[0].cells == {"标识": "a", "名称": ""}
    assert "有 3 格" in rows[1].fault


def test_further_sheets_fill_the_lists_of_their_items(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["标识", "事项名称"], ["a", "甲"], ["b", "乙"]],
                    材料=[["标识", "材料名称", "材料形式"], ["a", "身份证", "原件"], ["a", "申请表", None], ["z", "没有主", None]], 备注=[["随便"]])
    rows = drawn(path)
    assert rows[0].cells["材料"] == [{"材料名称": "身份证", "材料形式": "原件"}, {"材料名称": "申请表"}]
    assert rows[1].cells["材料"] == ""
    assert "“z”在第一张工作表里没有" in rows[2].fault


def test_formatted_cells_without_a_value_are_no_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["标识"])
    book.active.append(["a"])
    book.active["XFD1"].number_format = book.active["XFD2"].number_format = "@"
    book.save(tmp_path / "a.xlsx")
    assert [row.cells for row in drawn(tmp_path / "a.xlsx")] == [{"标识": "a"}]


@pytest.mark.parametrize(("place", "told"), [('r="99999999999"', "行号超过 1000"), ('r="nothing"', "结构有误")])
def test_a_row_number_that_no_sheet_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, told: str) -> None:
    monkeypatch.setattr(xlsx_table, "_LAST_ROW", 1000)
    source = workbook(tmp_path / "good.xlsx", [["标识"], ["a"]])
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for member in old.namelist():
            content = old.read(member).decode()
            new.writestr(member, content.replace('<row r="2"', f"<row {place}").replace('<c r="A2"', "<c") if member.endswith("sheet1.xml") else content)
    assert told in refusal(tmp_path / "a.xlsx")


def test_a_column_far_to_the_right_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD2"] = "标识", "远"
    book.save(tmp_path / "a.xlsx")
    assert "有 16384 列" in refusal(tmp_path / "a.xlsx")


def test_entities_in_xml_refuse_the_file(tmp_path: Path) -> None:
    source = workbook(tmp_path / "good.xlsx", [["标识"], ["a"]])
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for member in old.namelist():
            content = old.read(member).decode()
            new.writestr(member, bomb + content.replace(">a<", ">&b;<") if member.endswith("sheet1.xml") else content)
    assert "XML 实体定义" in refusal(tmp_path / "a.xlsx")


def test_a_package_that_unpacks_to_far_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"\0" * (8 * 2**20))
    assert "压缩炸弹" in refusal(tmp_path / "a.xlsx")
    monkeypatch.setattr(xlsx_table, "UNPACKED_BYTES", 2**20)
    assert "解开以后超过 1 MB" in refusal(tmp_path / "a.xlsx")


@pytest.mark.parametrize("content", [b"a,b\nc,d\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" + bytes(100)], ids=["CSV", "broken", "with password"])
def test_what_is_no_xlsx_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "不是 XLSX 文件" in refusal(written(tmp_path, "a.xlsx", content))


def test_a_workbook_with_damaged_bytes_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["标识", "名称"], *([f"a{number}", "登记路灯"] for number in range(50))])
    with zipfile.ZipFile(path) as package:
        member = package.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    content[member.header_offset + 80:member.header_offset + 120] = b"\xff" * 40
    path.write_bytes(content)
    assert "结构有误" in refusal(path)


def test_an_archive_without_a_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        package.writestr("readme.txt", "nothing")
    assert "结构有误" in refusal(tmp_path / "a.xlsx")
