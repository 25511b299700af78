"""Files of people keep their texts and lines; our own say numbers and flags."""

from __future__ import annotations

from pathlib import Path

from sources.base.yamlfile import load_own_yaml, read_yaml

TEXT = "codes:\n  '01': no\n  x: 01\nrows: [1, 2]\n"


def test_a_county_file_keeps_every_scalar_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(TEXT, encoding="utf-8")
    found = read_yaml(tmp_path / "m.yml", "mappings/m.yml")
    assert found.content == {"codes": {"01": "no", "x": "01"}, "rows": ["1", "2"]}
    assert (found.line("codes", "x"), found.line("rows", 1), found.line("nowhere")) == (3, 4, 1)
    assert found.problems == []


def test_our_own_file_says_numbers_and_flags() -> None:
    assert load_own_yaml("flag: no\nrows: [1, 2.5]\n") == {"flag": False, "rows": [1, 2.5]}


def test_a_key_given_twice_is_a_problem_on_its_line(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text("a: 1\nb: 2\na: 3\n", encoding="utf-8")
    (problem,) = read_yaml(tmp_path / "m.yml", "m.yml").problems
    assert (problem.file, problem.line) == ("m.yml", 3) and "a" in problem.message_en


def test_a_file_that_is_no_yaml_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text("a: [1, 2\n", encoding="utf-8")
    (problem,) = read_yaml(tmp_path / "m.yml", "m.yml").problems
    assert problem.line == 1 and "[" in problem.message_zh


def test_references_that_multiply_are_told_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    path = tmp_path / "county.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = read_yaml(path, "county.yml").problems
    assert "*alias" in problem.message_en


def test_nesting_without_end_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "county.yml"
    path.write_text("name: x\na: " + "[" * 100_000, encoding="utf-8")
    (problem,) = read_yaml(path, "county.yml").problems
    assert (problem.line, "nested deeper" in problem.message_en) == (2, True)
