"""Vendors front-end libraries: copies files of the npm packages in package.json into the repository, with licences.

``npm ci --ignore-scripts``, then ``python deploy/vendor.py``. The output is committed, so that the product runs without
Node.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
SERVED = ROOT / "shared" / "web" / "pages" / "static" / "vendor"
TESTED = ROOT / "tests" / "browser" / "vendor"
SPRITE = "icons.svg"

# Only where one replaces a word.
ICONS = (
    "arrow-down",
    "arrow-left",
    "arrow-right",
    "arrow-up",
    "ban",
    "bot",
    "calendar-clock",
    "calendar-plus",
    "calendar-sync",
    "check",
    "chevron-down",
    "chevrons-up-down",
    "circle-alert",
    "clock",
    "copy",
    "download",
    "external-link",
    "eye",
    "hourglass",
    "info",
    "keyboard",
    "lock",
    "log-out",
    "mail",
    "map-pin",
    "megaphone",
    "message-square",
    "pencil",
    "plus",
    "rotate-ccw",
    "rss",
    "search",
    "trash-2",
    "triangle-alert",
    "undo-2",
    "x",
)


@dataclass(frozen=True)
class Library:
    """``files`` are paths inside the package, the licence first."""

    package: str
    files: tuple[str, ...]
    folder: Path = SERVED
    icons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Without its scope."""
        return self.package.rpartition("/")[2]


def list_font_files(family: str, style: str) -> tuple[str, ...]:
    # The subsets that the site's languages need.
    return tuple(f"files/{family}-{subset}-{style}-normal.woff2" for subset in ("latin", "latin-ext", "cyrillic"))


LIBRARIES = (
    Library("@fontsource/bitter", ("LICENSE", *list_font_files("bitter", "700"))),
    Library("@fontsource-variable/commissioner", ("LICENSE", *list_font_files("commissioner", "wght"))),
    Library("htmx.org", ("LICENSE", "dist/htmx.min.js")),
    Library("lucide-static", ("LICENSE",), icons=ICONS),
    Library("modern-normalize", ("license", "modern-normalize.css")),
    Library("axe-core", ("LICENSE", "LICENSE-3RD-PARTY.txt", "axe.min.js"), folder=TESTED),
)


def render_sprite(package: Path, icons: tuple[str, ...]) -> str:
    # Colour and stroke are set where they are used.
    symbols = [render_symbol(icon, (package / "icons" / f"{icon}.svg").read_text(encoding="utf-8")) for icon in icons]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def render_symbol(name: str, drawing: str) -> str:
    """Raises ValueError if it is not a single svg element."""
    found = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if found is None:
        raise ValueError(f"{name} is not a single svg element")
    shapes = " ".join(found[1].split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def copy_library(library: Library) -> dict[str, object]:
    """Returns its entry of ``vendor.toml``."""
    package = PACKAGES / library.package
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    folder = library.folder / f"{library.name}-{about['version']}"
    folder.mkdir(parents=True)
    for file in library.files:
        shutil.copyfile(package / file, folder / Path(file).name)
    if library.icons:
        (folder / SPRITE).write_text(render_sprite(package, library.icons), encoding="utf-8")
    files = {path.relative_to(ROOT).as_posix(): hash_file(path) for path in sorted(folder.iterdir())}
    return {"name": library.package, "version": about["version"], "licence": about["license"], "files": files}


def hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def render_manifest(libraries: list[dict[str, object]]) -> str:
    lines = ["# Written by deploy/vendor.py; a test compares the sha256 with the files."]
    for library in libraries:
        lines += ["", "[[library]]"]
        lines += [f"{key} = {json.dumps(library[key])}" for key in ("name", "version", "licence")]
        lines += ["", "[library.files]"]
        files = library["files"]
        assert isinstance(files, dict)  # noqa: S101 - copy_library() above made it
        lines += [f"{json.dumps(path)} = {json.dumps(checksum)}" for path, checksum in files.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    for folder in (SERVED, TESTED):
        shutil.rmtree(folder, ignore_errors=True)
    libraries = [copy_library(library) for library in LIBRARIES]
    (SERVED / "vendor.toml").write_text(render_manifest(libraries), encoding="utf-8")


if __name__ == "__main__":
    main()
