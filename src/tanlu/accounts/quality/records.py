"""The records behind results, as quality control needs them: rows by input, and the words of their choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.input_names import input_id
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.result import Result, Results
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record that was computed: its method, rows and choices."""

    first: Result
    method: Method
    rows: tuple[tuple[str, Activity], ...]
    choices: Mapping[str, str]


def named_rows(method: Method, rows: Iterable[Activity]) -> Iterable[tuple[str, Activity]]:
    """Return rows with the name of their input, which users may have written in Chinese or English."""
    for row in rows:
        name = input_id(method, row.input)
        if name in method.by_name:
            yield name, row


def record_views(results: Results, library: Library) -> list[RecordView]:
    """Return the records of some results, each once."""
    methods = {block.method.id: block.method for block in results.blocks}
    options = _Options(library)
    views: dict[tuple[str, str, str, tuple[str, ...]], RecordView] = {}
    for r in results:
        key = (r.record, r.place, r.method, r.activities)
        if key in views or r.method not in methods:
            continue
        method = methods[r.method]
        rows = tuple(named_rows(method, (results.activities[a] for a in r.activities)))
        views[key] = RecordView(r, method, rows, _choices(method, rows, options))
    return list(views.values())


def _choices(method: Method, rows: Iterable[tuple[str, Activity]], options: _Options) -> dict[str, str]:
    """Return the word of each choice; of one that was not made the word that the method assumes."""
    words = {i.name: i.word for i in method.inputs if i.kind == "choice"}
    for name, row in rows:
        if name in words:
            words[name] = options.find(row.value.strip(), method.by_name[name].options)
    return words


@dataclass(slots=True)
class _Options:
    """Finds the option that a word stands for; the names of options are made once, not once a record."""

    library: Library
    _names: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def find(self, word: str, options: tuple[str, ...]) -> str:
        """Return the option that a word stands for: the option itself, or its Chinese or English name."""
        if options not in self._names:
            known: dict[str, str] = {}
            for option in options:
                for name in (option, *(self.library.label(option, language).lower() for language in LANGUAGES)):
                    known.setdefault(name, option)
            self._names[options] = known
        names = self._names[options]
        return names.get(word) or names.get(word.lower(), word)
