"""No product module but the reading door makes a `Scope`: by syntax, so that no path is missed."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "cases" / "reading.py"


def product_modules() -> list[Path]:
    """Every module of the packages that are shipped, as `pyproject.toml` lists them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = settings["tool"]["setuptools"]["packages"]
    folders = [ROOT / name.replace(".", "/") for name in packages]
    return sorted(path for folder in folders for path in folder.glob("*.py"))


def ways_to_a_scope(tree: ast.AST) -> Iterator[str]:
    """Whatever could make a `Scope`: a call, another name for it, or a changed copy."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = _last_name(node.func)
            given = _last_name(node.args[0]) if node.args else ""
            if called == "Scope" or (called in {"replace", "copy"} and "scope" in given.lower()):
                yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.alias) and node.name == "Scope" and node.asname:
            yield f"Scope imported as {node.asname}"
        if isinstance(node, ast.Assign) and _last_name(node.value) == "Scope":
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.ClassDef) and "Scope" in map(_last_name, node.bases):
            yield f"line {node.lineno}: class {node.name}(Scope)"


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_no_module_but_the_door_builds_a_scope() -> None:
    found = {
        str(path.relative_to(ROOT)): ways
        for path in product_modules()
        if path != DOOR and (ways := list(ways_to_a_scope(ast.parse(path.read_text("utf-8")))))
    }
    assert found == {}


def test_the_door_itself_builds_it_in_one_place() -> None:
    assert len(list(ways_to_a_scope(ast.parse(DOOR.read_text("utf-8"))))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "Scope(1, 1, 1, (), 0)",
        "types.Scope(1, 1, 1, (), 0)",
        "from core.types import Scope as Right",
        "Right = Scope",
        "dataclasses.replace(scope, spans=())",
        "replace(passage.scope, spans=())",
        "class Wide(Scope): pass",
    ],
)
def test_the_search_finds_each_way(source: str) -> None:
    assert list(ways_to_a_scope(ast.parse(source)))
