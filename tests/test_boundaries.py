import ast
import importlib
import importlib.metadata
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_SUBMODULES = {
    "rm_curriculum.adapters.trl_trainer",
    "rm_rewards.adapters",
    "rm_rewards.adapters.easyr1_reward",
    "rm_rewards.adapters.label_scorer",
    "rm_rewards.adapters.ms_swift_plugin",
    "rm_rewards.adapters.openrlhf_reward",
    "rm_rewards.adapters.question_label",
    "rm_rewards.adapters.scored_batch",
    "rm_rewards.adapters.trl_rewards",
    "rm_rewards.adapters.verifiers_rewards",
    "rm_rewards.adapters.verl_score",
    "rm_rewards.command_line",
    "rm_rewards.composition",
    "rm_rewards.composition_file",
    "rm_rewards.jsonl",
    "rm_rewards.methods",
    "rm_rewards.methods.care",
    "rm_rewards.methods.copo",
    "rm_rewards.methods.observe_r1",
    "rm_rewards.parts",
    "rm_rewards.reasons",
    "rm_rewards.soundness",
}
MAY_USE = {
    "rm-rewards": set[str](),
    "rm-curriculum": {"rm-rewards"},
    "rm-data": {"rm-rewards"},
    "rm-eval": {"rm-rewards"},
    "rm-train": {"rm-curriculum", "rm-data", "rm-eval", "rm-rewards"},
}


@dataclass(frozen=True, slots=True)
class Package:
    folder: Path
    version: str
    requirements: tuple[Requirement, ...]
    extras: tuple[Requirement, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.module

    @property
    def siblings(self) -> tuple[Requirement, ...]:
        return tuple(found for found in self.requirements if found.name in MAY_USE)

    @property
    def declared(self) -> set[str]:
        return {canonicalize_name(found.name) for found in (*self.requirements, *self.extras)}


def _package(folder: Path) -> Package:
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    needed = project["dependencies"]
    return Package(
        folder, project["version"], tuple(map(Requirement, needed)), tuple(map(Requirement, extras))
    )


PACKAGES = [_package(folder) for folder in sorted((ROOT / "packages").iterdir())]
OURS = {package.module for package in PACKAGES}
each_package = pytest.mark.parametrize("package", PACKAGES, ids=[p.name for p in PACKAGES])


def imported(file: Path) -> Iterator[tuple[int, str, str | None]]:
    """Line, module, and name if one is taken from the module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{file}:{node.lineno}: an import that is relative"
            for alias in node.names:
                yield node.lineno, node.module, alias.name


@cache
def front_door(module: str) -> frozenset[str]:
    return frozenset(importlib.import_module(module).__all__)


def is_public(module: str, name: str | None) -> bool:
    if module in PUBLIC_SUBMODULES:
        return name is None or name in front_door(module)
    if module not in OURS:
        return False
    return name is None or f"{module}.{name}" in PUBLIC_SUBMODULES or name in front_door(module)


def loaded_by(program: str) -> set[str]:
    """The top-level modules that a program loads in a new interpreter."""
    closing = "\nimport sys; print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    before = subprocess.run(
        [sys.executable, "-c", closing], capture_output=True, text=True, check=True
    )
    run = subprocess.run(
        [sys.executable, "-c", program + closing], capture_output=True, text=True, check=True
    )
    return set(run.stderr.split()) - set(before.stderr.split())


def test_there_are_five_packages() -> None:
    assert {package.name for package in PACKAGES} == set(MAY_USE)


@each_package
def test_a_package_declares_the_siblings_it_may_use(package: Package) -> None:
    assert {found.name for found in package.siblings} == MAY_USE[package.name]


@each_package
def test_siblings_are_imported_if_declared_and_by_their_front_door(package: Package) -> None:
    wrong: list[str] = []
    for file in sorted(package.folder.rglob("*.py")):
        for line, module, name in imported(file):
            owner = module.partition(".")[0]
            if owner not in OURS - {package.module}:
                continue
            where = f"{file.relative_to(ROOT)}:{line}: {module} {name or ''}"
            if owner.replace("_", "-") not in MAY_USE[package.name]:
                wrong.append(f"{where}: not declared")
            elif not is_public(module, name):
                wrong.append(f"{where}: not by the front door")
    assert wrong == []


@each_package
def test_what_is_imported_from_others_is_declared(package: Package) -> None:
    sold_by = importlib.metadata.packages_distributions()
    wrong: list[str] = []
    for file in sorted(package.source.rglob("*.py")):
        for line, module, _ in imported(file):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or top in OURS:
                continue
            names = {canonicalize_name(name) for name in sold_by[top]}
            if not names & package.declared:
                wrong.append(f"{file.relative_to(ROOT)}:{line}: {module} of {names}")
    assert wrong == []


def test_the_versions_are_equal_and_siblings_are_pinned_to_them() -> None:
    versions = {package.version for package in PACKAGES}
    assert len(versions) == 1
    pins = {str(found.specifier) for package in PACKAGES for found in package.siblings}
    assert pins == {f"=={versions.pop()}"}


@each_package
def test_the_installed_version_is_the_one_of_the_source(package: Package) -> None:
    assert importlib.metadata.version(package.name) == package.version


@each_package
def test_a_package_is_typed_described_and_has_a_front_door(package: Package) -> None:
    assert (package.source / "py.typed").is_file()
    assert "```" in (package.folder / "README.md").read_text(encoding="utf-8")
    module = importlib.import_module(package.module)
    assert sorted(module.__all__) == sorted(set(module.__all__))
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert module.__doc__


@each_package
def test_the_front_door_and_the_help_need_no_extra(package: Package) -> None:
    sold_by = importlib.metadata.packages_distributions()
    needed = {canonicalize_name(found.name) for found in package.requirements}
    extras = {canonicalize_name(found.name) for found in package.extras} - needed
    loaded = loaded_by(f"import {package.module}, {package.module}.cli")
    assert not {canonicalize_name(d) for top in loaded for d in sold_by.get(top, [])} & extras


@pytest.mark.parametrize("module", ["rm_rewards", "rm_curriculum"])
def test_importing_it_loads_the_standard_library_alone(module: str) -> None:
    assert loaded_by(f"import {module}") - set(sys.stdlib_module_names) == {module}


@pytest.mark.parametrize("module", sorted(OURS))
def test_importing_a_package_does_not_load_torch(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert not loaded & {"torch", "transformers"}


@each_package
def test_the_help_of_a_command_does_not_load_torch(package: Package) -> None:
    called = f"import sys; sys.argv = ['{package.name}', '--help']"
    asked = f"from {package.module}.cli import app\ntry: app()\nexcept SystemExit as end:"
    loaded = loaded_by(f"{called}\n{asked} assert end.code == 0")
    assert package.module in loaded
    assert not loaded & {"torch", "transformers"}


@pytest.mark.parametrize(
    ("module", "name", "good"),
    [
        ("rm_rewards", "Question", True),
        ("rm_rewards", "jsonl", True),
        ("rm_rewards.jsonl", "read", True),
        ("rm_rewards.jsonl", "tempfile", False),
        ("rm_rewards.command_line", "program", True),
        ("rm_rewards.methods", "copo", True),
        ("rm_rewards.methods.copo", "entropy", True),
        ("rm_rewards.methods.copo", "Sequence", False),
        ("rm_rewards.methods.spacer", "map_score", False),
        ("rm_rewards.command_line", "typer", False),
        ("rm_rewards", "records", False),
        ("rm_rewards.records", "Question", False),
        ("rm_data.draw", None, False),
        ("rm_data", None, True),
    ],
)
def test_the_front_door_is_what_it_is_meant_to_be(
    module: str, name: str | None, good: bool
) -> None:
    assert is_public(module, name) == good
