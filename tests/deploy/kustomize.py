"""Builds a kustomization as `kustomize build` does, for the few of its features that deploy/kubernetes uses."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import yaml

Document = dict[str, Any]
USED: Final = {"apiVersion", "kind", "namespace", "resources", "images", "patches"}
WITHOUT_NAMESPACE: Final = {"Namespace"}


class NotUsedHere(Exception):
    """A feature of kustomize that this reader does not have."""


def build(folder: Path) -> list[Document]:
    """Give the documents that a kustomization makes.

    Raises:
        NotUsedHere: if it asks for something that is not done here.

    """
    wanted = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    if unknown := wanted.keys() - USED:
        raise NotUsedHere(f"{folder}: {unknown}")
    documents = [document for name in wanted["resources"] for document in _resource(folder / name)]
    for document in documents:
        if "namespace" in wanted and document["kind"] not in WITHOUT_NAMESPACE:
            document["metadata"]["namespace"] = wanted["namespace"]
        for image in wanted.get("images", ()):
            _set_image(document, image)
    for patch in wanted.get("patches", ()):
        _patch(documents, patch)
    return documents


def build_with_kustomize(folder: Path) -> list[Document] | None:
    """Give what the real program makes of it; None if neither ``kustomize`` nor ``kubectl`` is here."""
    for program, *words in (("kustomize", "build"), ("kubectl", "kustomize")):
        if found := shutil.which(program):
            made = subprocess.run([found, *words, str(folder)], capture_output=True, check=True, timeout=60)  # noqa: S603 - found on the PATH
            return read(made.stdout.decode())
    return None


def read(text: str) -> list[Document]:
    """Read a file of several documents."""
    return [document for document in yaml.safe_load_all(text) if document]


def containers(document: Document) -> Iterator[Document]:
    """Find the containers anywhere in a document."""
    if isinstance(document, list):
        for each in document:
            yield from containers(each)
    elif isinstance(document, dict):
        yield from document.get("containers", ())
        for each in document.values():
            yield from containers(each)


def _resource(path: Path) -> list[Document]:
    return build(path) if path.is_dir() else read(path.read_text(encoding="utf-8"))


def _set_image(document: Document, image: Document) -> None:
    for container in containers(document):
        if container["image"].partition(":")[0] == image["name"]:
            container["image"] = f"{image['newName']}:{image['newTag']}"


def _patch(documents: list[Document], patch: Document) -> None:
    """Apply a JSON patch (RFC 6902) of replacing and adding to the one document that it names."""
    target = patch["target"]
    (document,) = (
        each for each in documents if (each["kind"], each["metadata"]["name"]) == (target["kind"], target["name"])
    )
    for change in yaml.safe_load(patch["patch"]):
        *way, last = change["path"].removeprefix("/").split("/")
        place: Any = document
        for step in way:
            place = place[int(step) if isinstance(place, list) else step]
        key = int(last) if isinstance(place, list) else last
        if change["op"] == "replace":
            place[key]
        elif change["op"] != "add" or isinstance(place, list):
            raise NotUsedHere(f"{change}")
        place[key] = deepcopy(change["value"])
