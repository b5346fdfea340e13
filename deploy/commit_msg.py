"""Commit message check: subject, blank line, wrapped body. The ``commit-msg`` hook runs it; ``make hooks`` installs it.

It needs Python and nothing else, because a commit may come before an install.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

SUBJECT_LENGTH = 60
BODY_WIDTH = 72
SCISSORS = "# ------------------------ >8 ------------------------"
# Git writes these subjects, or removes them in a rebase.
WRITTEN_BY_GIT = re.compile(r'Merge |Revert "|(?:fixup|squash|amend)! ')
# Nothing in such a line can be wrapped: one long word, quoted output, a trailer.
NOT_WRAPPED = re.compile(r"\S+$| {4}|\t|[A-Z][A-Za-z-]+-by: ")


def list_errors(message: str) -> list[str]:
    """One sentence for each; comments and what follows git's scissors do not count."""
    text = message.partition(SCISSORS)[0]
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("#")]
    while lines and not lines[0]:
        del lines[0]
    if not lines or WRITTEN_BY_GIT.match(lines[0]):
        return []
    return [*_check_subject(lines[0]), *_check_body(lines[1:])]


def _check_subject(subject: str) -> list[str]:
    errors = []
    if len(subject) > SUBJECT_LENGTH:
        errors.append(f"The subject has {len(subject)} characters; {SUBJECT_LENGTH} are allowed.")
    if re.search(r":\s", subject):
        errors.append("The subject has a colon: the reason belongs in the body, and there are no prefixes.")
    if subject.endswith("."):
        errors.append("The subject ends with a full stop; leave it out.")
    return errors


def _check_body(body: list[str]) -> list[str]:
    errors = []
    if body and body[0]:
        errors.append("The second line must be blank.")
    errors += [
        f"Line {number} has {len(line)} characters; wrap the body at {BODY_WIDTH}."
        for number, line in enumerate(body, start=2)
        if len(line) > BODY_WIDTH and not NOT_WRAPPED.match(line)
    ]
    return errors


def main(path: str) -> int:
    errors = list_errors(Path(path).read_text(encoding="utf-8"))
    sys.stderr.writelines(f"commit message: {error}\n" for error in errors)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
