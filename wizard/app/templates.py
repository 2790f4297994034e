"""The templates and data files that a person may have a version of, and copying them to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.language import mark
from wizard.language import translate as _
from wizard.model.problems import Problem, did_you_mean
from wizard.model.text import printable

if TYPE_CHECKING:
    from pathlib import Path

DATA = {
    "clients": ("clients.yaml", mark("The formats: file names, what each can express, installation steps.")),
    "screens": ("screens.yaml", mark("The field names on the screens of mail programs, for the card.")),
    "questions": ("questions.yaml", mark("The questions of the wizard.")),
    "scoring": ("scoring.yaml", mark("The points behind the advice (for --scoring FILE).")),
}
"""Data files that ``--templates DIR`` (or ``--scoring``) puts others before, by their ids here."""


@dataclass(frozen=True, slots=True)
class Template:
    """What can be copied: ``id``, a finished ``label``, and its files below the directory of templates."""

    id: str
    label: str
    files: tuple[str, ...]


def listed() -> tuple[Template, ...]:
    """Everything that can be copied: the templates of every format, and the data files."""
    from wizard.export.registry import formats

    of_formats = [
        Template(entry.id, _(entry.label), tuple(dict.fromkeys(file.template for file in entry.files)))
        for entry in formats()
    ]
    return (*of_formats, *(Template(key, _(label), (file,)) for key, (file, label) in DATA.items()))


def copy(identity: str, directory: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Copy the files of ``identity`` into ``directory``, under the names by which they are found there.

    Raises Problem for an unknown id, OutputExists when a file is in the way and ``force`` is not given.
    """
    from wizard.export.render import RenderedFile
    from wizard.export.write import write_files
    from wizard.resources.templates import templates_root

    known = {template.id: template for template in listed()}
    if identity not in known:
        raise Problem(
            _("There is no template “{name}”.").format(name=printable(identity, 60))
            + " "
            + did_you_mean(identity, known)
        )
    if directory.exists() and not directory.is_dir():
        raise Problem(_("“{path}” is a file; a directory is needed.").format(path=printable(str(directory))))
    contents = [(name, (templates_root() / name).read_bytes()) for name in known[identity].files]
    files = [RenderedFile(identity, name, "text/plain", 0o644, content, ()) for name, content in contents]
    directory.mkdir(parents=True, exist_ok=True)  # else a single file would take the place of the directory
    write_files(files, directory, force=force)
    return tuple(directory / file.name for file in files)
