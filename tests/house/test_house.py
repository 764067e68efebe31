"""The house itself: what the standards say of modules, functions and files, read off the source."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hoshin"
DOORS = ("web", "api", "cli", "jobs")
MODULES = sorted(PACKAGE.rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, Function))


def _room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _wrong(paths: Iterable[Path], found: Callable[[Path], Sequence[str]]) -> dict[str, Sequence[str]]:
    """What is found in each of these modules, where anything is."""
    return {_name(path): wrong for path in paths if (wrong := found(path))}


def test_a_module_opens_with_one_true_sentence() -> None:
    def unspoken(path: Path) -> list[str]:
        first = (ast.get_docstring(_tree(path)) or "").split("\n\n")[0]
        return [] if first.strip().endswith(".") else ["the first paragraph is no sentence"]

    assert _wrong(MODULES, unspoken) == {}


def test_our_own_modules_are_never_imported_inside_a_function() -> None:
    def inside(path: Path) -> list[str]:
        return [
            ast.unparse(node)
            for function in _functions(path)
            for node in ast.walk(function)
            if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hoshin"))
            or (isinstance(node, ast.Import) and any(one.name.startswith("hoshin") for one in node.names))
        ]

    assert _wrong(MODULES, inside) == {}


def test_every_function_is_typed_nested_and_private_ones_too() -> None:
    def untyped(path: Path) -> list[str]:
        return [said for function in _functions(path) if (said := _bare(function))]

    assert _wrong(MODULES, untyped) == {}


def _bare(function: Function) -> str:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    arguments += [one for one in (function.args.vararg, function.args.kwarg) if one]
    bare = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
    return f"{function.name}({', '.join(bare)})" if bare or function.returns is None else ""


def test_public_functions_below_the_doors_are_documented_and_keyword_only() -> None:
    def wrong(path: Path) -> list[str]:
        public = [one for one in _tree(path).body if isinstance(one, Function) and not one.name.startswith("_")]
        found = [f"{node.name}: no docstring" for node in public if not ast.get_docstring(node)]
        return found + [f"{node.name}: takes positional arguments" for node in public if _takes_places(path, node)]

    assert _wrong([one for one in MODULES if _room(one) not in DOORS], wrong) == {}


def _takes_places(path: Path, node: Function) -> bool:
    return bool(node.args.args or node.args.posonlyargs) and not _is_called_by_a_library(path, node)


def _is_called_by_a_library(path: Path, node: Function) -> bool:
    """Reasons of the access table are called by it alone, filters by Jinja, a field's coercion by WTForms."""
    takes_one = len(node.args.args) == 1
    return path.name == "rules.py" or (takes_one and (path.name == "render.py" or node.name == "read_key"))


def test_most_functions_are_one_thought() -> None:
    """95 % of functions stay within 30 lines."""
    sizes = sorted((node.end_lineno or node.lineno) - node.lineno + 1 for path in MODULES for node in _functions(path))
    assert sum(size <= 30 for size in sizes) / len(sizes) >= 0.95


def test_no_file_has_two_subjects() -> None:
    long = {_name(path): lines for path in MODULES if (lines := path.read_text("utf-8").count("\n")) > 450}
    assert long == {}


def test_only_the_doors_read_the_clock() -> None:
    clock = re.compile(r"\b(datetime\.now|date\.today|time\.time|utcnow)\(")
    readers = [_name(path) for path in MODULES if _room(path) not in DOORS and clock.search(path.read_text("utf-8"))]
    assert readers == []


def test_binary_floats_stay_out_of_verdicts() -> None:
    """The engine, the model and the commands know no float; only drawings and spreadsheets may."""
    rooms = ("engine", "model", "commands", "queries", "access")
    users = [
        f"{_name(path)}:{node.lineno}"
        for path in MODULES
        if _room(path) in rooms
        for node in ast.walk(_tree(path))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert users == []


def test_a_migration_never_imports_the_model() -> None:
    for path in (ROOT / "migrations").rglob("*.py"):
        assert "hoshin" not in path.read_text("utf-8").replace("hoshin.db hands", "").replace("hoshin_writes", ""), path


def _kept_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = [ROOT / name for name in listed.splitlines()] or list(ROOT.rglob("*.py"))
    return [path for path in files if path.is_file()]


def test_nothing_speaks_of_one_machine() -> None:
    """No absolute paths of somebody's computer and no catch-all module."""
    homes = re.compile(r"(/home/[a-z]|/root/|/Users/[A-Z]|C:\\\\Users)")
    found = []
    for path in _kept_files():
        if path.name in ("utils.py", "helpers.py"):
            found.append(f"{path}: a room for everything is a room for nothing")
        is_text = path.suffix in (".py", ".md", ".html", ".cfg", ".toml", ".txt", ".js", ".css")
        if is_text and path != Path(__file__) and homes.search(path.read_text("utf-8")):
            found.append(_name(path))
    assert found == []


def test_templates_keep_to_the_content_policy() -> None:
    """No inline script, style or handler: the browser would refuse it."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=\"|\son[a-z]+=\"", re.IGNORECASE)
    found = {
        _name(path): match.group()
        for path in (ROOT / "templates").rglob("*.html")
        if "reports" not in path.parts and (match := inline.search(path.read_text("utf-8")))
    }
    assert found == {}
