"""Every word the bot says that is not a rule's own, by key, one file a language.

Templates are ours, facts are hostile: a fact is put in as it is and never read as a template again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import yaml
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import QunguiError

# libyaml reads the file twenty times as fast, where PyYAML was built with it.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Fact = object
"""A text, a number, a truth value, or a list or mapping of these."""


class TextError(QunguiError):
    """A text is not there, is broken, or lacks one of its facts: a mistake in the program."""


class Texts:
    """The texts of one language; each is compiled when it is first said, since a start would wait for them all.

    Args:
        templates: Jinja2 templates by key.
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        # Chat is plain text: escaping for HTML would spoil names, and no HTML is ever made of these.
        self._environment = ImmutableSandboxedEnvironment(
            autoescape=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.clear()
        self._sources = dict(templates)
        self._compiled: dict[str, Template] = {}

    @classmethod
    @cache
    def load(cls, language: str = "zh") -> Texts:
        """The texts of a language, from the file of that name beside this module; read once per process.

        Raises:
            TextError: there is no such language, or its file is no tree of texts.
        """
        file = files(__package__).joinpath(f"{language}.yaml")
        if not language.isalpha() or not file.is_file():
            raise TextError(f"there are no texts in {language!r}")
        tree = yaml.load(file.read_text(encoding="utf-8"), _YAML)  # noqa: S506 - both loaders are the safe ones
        return cls(dict(_flat(tree)))

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is, such as ``notice.case``."""
        return frozenset(self._sources)

    def render(self, key: str, **facts: Fact) -> str:
        """The text of a key with its facts filled in, without white space around it.

        Raises:
            TextError: there is no such text, it can't be read, or it needs a fact that was not given.
        """
        template = self._template(key)
        try:
            return template.render(facts).strip()
        except TemplateError as failure:
            raise TextError(f"text {key}: {failure.message}") from failure

    def _template(self, key: str) -> Template:
        known = self._compiled.get(key)
        if known is None:
            source = self._sources.get(key)
            if source is None:
                raise TextError(f"there is no text {key!r}")
            try:
                known = self._compiled[key] = self._environment.from_string(source)
            except TemplateSyntaxError as failure:
                raise TextError(f"text {key}, line {failure.lineno}: {failure.message}") from None
        return known

    def named(self, family: str, name: str, other: str) -> str:
        """What is called ``name`` in the program, as people call it; ``other`` if the family has no word for it.

        Categories, actions and reasons are kept by names of the program's own, which nobody should have to read.
        """
        key = f"{family}.{name}"
        return self.render(key) if name and key in self._sources else other


def _flat(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            raise TextError(f"text {prefix}{name} is no text")
