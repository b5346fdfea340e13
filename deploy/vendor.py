"""Copies the named files of the npm packages in package.json to where they are served from, with their licences.

Run `npm ci --ignore-scripts` first, then `python deploy/vendor.py`. What it writes is committed, so that running the
product needs no Node: `shared/web/static/vendor/<name>-<version>/`, `shared/web/static/vendor/vendor.toml` (name,
version, licence and the sha256 of each file) and, for the tests alone, `tests/browser/vendor/`.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
SERVED = ROOT / "shared" / "web" / "static" / "vendor"
TESTED = ROOT / "tests" / "browser" / "vendor"
SPRITE = "icons.svg"

ICONS = (
    "arrow-down",
    "arrow-left",
    "arrow-right",
    "arrow-up",
    "ban",
    "calendar-plus",
    "calendar-sync",
    "check",
    "circle-alert",
    "clock",
    "download",
    "external-link",
    "info",
    "log-out",
    "map-pin",
    "plus",
    "rss",
    "search",
    "x",
)
"""The icons of the sprite: one where it saves a word, not one before every heading."""


@dataclass(frozen=True)
class Library:
    """One npm package and what is taken of it: paths inside the package, the licence first."""

    package: str
    files: tuple[str, ...]
    folder: Path = SERVED
    icons: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The package's name without its scope."""
        return self.package.rpartition("/")[2]


def fonts(family: str, style: str) -> tuple[str, ...]:
    """Give the three subsets that Polish, German, English, Czech and Ukrainian need."""
    return tuple(f"files/{family}-{subset}-{style}-normal.woff2" for subset in ("latin", "latin-ext", "cyrillic"))


LIBRARIES = (
    Library("@fontsource/bitter", ("LICENSE", *fonts("bitter", "700"))),
    Library("@fontsource-variable/commissioner", ("LICENSE", *fonts("commissioner", "wght"))),
    Library("htmx.org", ("LICENSE", "dist/htmx.min.js")),
    Library("lucide-static", ("LICENSE",), icons=ICONS),
    Library("modern-normalize", ("license", "modern-normalize.css")),
    Library("axe-core", ("LICENSE", "LICENSE-3RD-PARTY.txt", "axe.min.js"), folder=TESTED),
)


def sprite(package: Path, icons: tuple[str, ...]) -> str:
    """Draw one SVG of many symbols: colour and stroke come from the place of use."""
    symbols = [symbol(icon, (package / "icons" / f"{icon}.svg").read_text(encoding="utf-8")) for icon in icons]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def symbol(name: str, drawing: str) -> str:
    """Turn one icon's file into a symbol of the sprite.

    Raises:
        ValueError: the file is not a single svg element.
    """
    found = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if found is None:
        raise ValueError(f"{name} is not a single svg element")
    shapes = " ".join(found[1].split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def copy(library: Library) -> dict[str, object]:
    """Copy one library's files into its own folder and describe them."""
    package = PACKAGES / library.package
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    folder = library.folder / f"{library.name}-{about['version']}"
    folder.mkdir(parents=True)
    for file in library.files:
        shutil.copyfile(package / file, folder / Path(file).name)
    if library.icons:
        (folder / SPRITE).write_text(sprite(package, library.icons), encoding="utf-8")
    files = {path.relative_to(ROOT).as_posix(): digest(path) for path in sorted(folder.iterdir())}
    return {"name": library.package, "version": about["version"], "licence": about["license"], "files": files}


def digest(path: Path) -> str:
    """Give the sha256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listing(libraries: list[dict[str, object]]) -> str:
    """Write vendor.toml: one table a library, each file with its sha256."""
    lines = ["# Written by deploy/vendor.py; a test compares the sha256 with the files."]
    for library in libraries:
        lines += ["", "[[library]]"]
        lines += [f"{key} = {json.dumps(library[key])}" for key in ("name", "version", "licence")]
        lines += ["", "[library.files]"]
        files = library["files"]
        assert isinstance(files, dict)  # noqa: S101 - copy() above made it
        lines += [f"{json.dumps(path)} = {json.dumps(checksum)}" for path, checksum in files.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Replace both folders by what the installed packages hold."""
    for folder in (SERVED, TESTED):
        shutil.rmtree(folder, ignore_errors=True)
    libraries = [copy(library) for library in LIBRARIES]
    (SERVED / "vendor.toml").write_text(listing(libraries), encoding="utf-8")


if __name__ == "__main__":
    main()
