"""The rules of the tree, as tables and a walk over the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("marketplace", "matching", "scrapers", "config")
MODULES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]

#: Inside ``marketplace`` a module imports only from lines above its own, or from its own line.
ORDER = (
    ("errors", "database", "money"),
    ("extensions",),
    (
        "codes",
        "files",
        "lifecycle",
        "paging",
        "predicates",
        "permissions",
        "transactions",
        "working_days",
    ),
    ("rules",),
    ("audit", "leases", "outbox", "pages"),
    ("accounts",),
    ("access",),
    ("notices",),
    ("ledger",),
    ("listings",),
    ("matchmaking", "likeness"),
    ("alerts",),
    ("quality",),
    ("brokering",),
    ("contracts",),
    ("certificates",),
    ("credit",),
    ("statistics", "funnel"),
    ("demonstration",),
    ("intake",),
    ("worker", "background"),
    ("tasks",),
    ("__init__",),
    ("cli",),
)
MAY_IMPORT_CONFIG = {"marketplace/__init__.py", "marketplace/cli.py"}
#: call or name → the only modules that may use it
ONLY_IN = {
    # In the benchmark it is Tantivy's, which has no database.
    "commit": {"marketplace/transactions.py", "matching/bench_systems.py"},
    "AuditEntry": {"marketplace/audit.py"},
    "OutboxRow": {"marketplace/outbox.py"},
    "LedgerEntry": {"marketplace/ledger/operations.py"},
    "environ": {"config/__init__.py"},
}
EDGES = ("views.py", "cli.py", "worker.py", "tasks.py", "outbox.py", "transactions.py")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def place(dotted: str) -> int:
    """The line of :data:`ORDER` on which a module of ``marketplace`` stands."""
    names = dotted.split(".")
    name = names[1] if len(names) > 1 else "__init__"
    return next((i for i, line in enumerate(ORDER) if name in line), ORDER.index(("__init__",)))


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (n for n in ast.walk(tree_of(path)) if isinstance(n, ast.FunctionDef))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_imports_only_what_stands_to_its_left(path: Path) -> None:
    package, own = (
        relative(path).split("/")[0],
        ".".join(path.relative_to(ROOT).with_suffix("").parts),
    )
    for name, line in imports_of(path):
        where = f"{relative(path)}:{line} imports {name}"
        root = name.split(".")[0]
        if package in ("matching", "scrapers", "config"):
            others = {"flask", "sqlalchemy", "marketplace", "matching", "scrapers", "config"}
            assert root not in others - {package}, where
        elif root == "config":
            assert relative(path) in MAY_IMPORT_CONFIG, where
        elif root == "marketplace":
            assert place(name) <= place(own), where
        elif root == "scrapers":
            assert "intake" in path.parts, where
        elif root == "matching":
            assert relative(path) in {"marketplace/pages.py"} or {
                "matchmaking",
                "likeness",
                "quality",
                "funnel",
                "intake",
            } & set(path.parts), where


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_has_one_place_is_nowhere_else(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        else:
            name = getattr(node, "attr", "") if isinstance(node, ast.Attribute) else ""
        line = getattr(node, "lineno", 0)
        assert relative(path) in ONLY_IN.get(name, {relative(path)}), (
            f"{relative(path)}:{line} {name}"
        )
        if name == "transact":
            assert path.name in EDGES, f"{relative(path)}:{line} commits away from the edge"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_operations_set_a_state(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            for part in ast.walk(target):
                sets_state = isinstance(part, ast.Attribute) and part.attr == "state"
                assert not sets_state or path.name == "operations.py", (
                    f"{relative(path)}:{node.lineno}"
                )


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_request_and_user_are_known_at_the_edge_alone(path: Path) -> None:
    edge = {"views.py", "pages.py", "permissions.py", "__init__.py"}
    for name, line in imports_of(path):
        asks = name in {"flask.request", "flask.session", "flask_login.current_user"}
        assert not asks or path.name in edge, f"{relative(path)}:{line} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_modules_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, relative(path)
    for function in functions_of(path):
        documented = ast.get_docstring(function)
        length = (
            (function.end_lineno or 0) - function.lineno + 1 - len((documented or "").splitlines())
        )
        assert length <= 50, (
            f"{relative(path)}:{function.lineno} {function.name} has {length} lines"
        )


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_what_is_public_says_what_it_is(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), relative(path)
    for node in tree.body:
        public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        assert not public or ast.get_docstring(node), f"{relative(path)}:{node.lineno} {node.name}"


def test_nearly_all_functions_are_shorter_than_a_screen() -> None:
    lengths = sorted(
        (function.end_lineno or 0)
        - function.lineno
        + 1
        - len((ast.get_docstring(function) or "").splitlines())
        for path in MODULES
        for function in functions_of(path)
    )
    assert lengths[len(lengths) // 2] <= 8
    assert lengths[int(len(lengths) * 0.95)] <= 25
