"""The clients of the API, generated from gateway/pages/openapi.json, and what else reads that document strictly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local.config import BIN
from local.openapi import FILE
from local.services import ROOT

PYTHON = ROOT / "clients" / "python"
TYPESCRIPT = ROOT / "clients" / "typescript"
PACKAGE = "task_manager_client"
TYPES = "schema.d.ts"
NODE = (20, 19)
NO_NODE = (
    "it needs Node.js 20.19 or newer with npm (Debian 13: apt install nodejs npm), and npm's packages within reach."
)


def main(*arguments: str) -> None:
    """Write the clients; with --check, compare them with the document, and check its style and their types."""
    node = has_node() and install_node_modules()
    if "--check" in arguments:
        check(node=node)
    else:
        generate_python(PYTHON / PACKAGE)
        if node:
            generate_typescript(TYPESCRIPT / TYPES)
    if not node:
        print(f"Left out, the TypeScript client and the linter of the document: {NO_NODE}")


def has_node() -> bool:
    """Return whether there is a Node.js that the tools in package.json run on."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in version.strip("v\n").split(".")[:2]) >= NODE


def generate_python(place: Path) -> None:
    options = ("--config", PYTHON / "generator.yaml", "--meta", "none", "--overwrite", "--fail-on-warning")
    run("openapi-python-client", "generate", "--path", FILE, "--output-path", place, *options)
    # The generator annotates these two so that its own call of httpx is a type error.
    client = place / "client.py"
    client.write_text(client.read_text().replace("*args: object", "*args: Any"))
    (place / "py.typed").touch()


def generate_typescript(place: Path) -> None:
    if "⚠" in run("node_modules/.bin/openapi-typescript", FILE, "--output", place):
        sys.exit("openapi-typescript warns of the document.")


def install_node_modules() -> bool:
    """Install what package-lock.json lists, unless that was done already; return whether it is there."""
    lock = (TYPESCRIPT / "package-lock.json").read_text()
    installed = TYPESCRIPT / "node_modules" / "installed"
    if not installed.exists() or installed.read_text() != lock:
        if subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=TYPESCRIPT).returncode:
            return False
        installed.write_text(lock)
    return True


def build_typescript() -> None:
    """Check the types of the TypeScript client and its examples, and compile them into build."""
    run("node_modules/.bin/tsc")


def check(*, node: bool) -> None:
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        generate_python(place / PACKAGE)
        compare(place / PACKAGE, PYTHON / PACKAGE)
        models = place / "models.py"
        options = ("--output-model-type", "dataclasses.dataclass", "--formatters", "builtin")
        run("datamodel-codegen", "--input", FILE, "--input-file-type", "openapi", "--output", models, *options)
        run("mypy", "--strict", "--config-file=", PYTHON / PACKAGE, PYTHON / "examples", models, cwd=place)
        if node:
            generate_typescript(place / TYPES)
            compare(place / TYPES, TYPESCRIPT / TYPES)
            build_typescript()
            run("node_modules/.bin/redocly", "lint", FILE, "--extends", "recommended-strict")


def compare(made: Path, kept: Path) -> None:
    """Exit unless a file, or every file of a directory, is the same in both places."""
    if contents(made) != contents(kept):
        sys.exit(f"{kept.relative_to(ROOT)} is not what openapi.json says: write it with ./manage_all.sh clients.")


def contents(place: Path) -> dict[Path, bytes]:
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return {path.relative_to(place): path.read_bytes() for path in files if path.suffix != ".pyc"}


def run(*command: str | Path, cwd: Path = TYPESCRIPT) -> str:
    """Run a tool and return what it says; where it fails, print that and exit."""
    variables = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "MYPYPATH": str(PYTHON),
        "PYTHONWARNINGS": "error",
        "REDOCLY_TELEMETRY": "off",
    }
    result = subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode:
        sys.exit(f"{result.stdout}{command[0]} failed.")
    return result.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
