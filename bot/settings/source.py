"""Where settings come from: the environment over one file over the built-in defaults.

Every mistake of file and environment is told at once, each with its place, its key and a remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from pydantic import ValidationError

from bot.errors import ConfigError
from bot.masking import masked_values, one_line, url_secrets
from bot.settings.checks import cautions, contradictions, missing_ca
from bot.settings.file import Document, Located, digest_of, read_document
from bot.settings.keys import PREFIX, RESERVED, SECTIONS, SPECIAL, Key, environment_keys
from bot.settings.model import Settings
from bot.settings.words import rephrase
from rules.core.options import BookOptions, Mistake, OptionsError, did_you_mean
from rules.core.options import Path as Keys

LogFormat = Literal["text", "json"]
LOG_FORMATS = ("text", "json")
BUILT_IN = "built-in defaults"
USUAL = Path("config.yaml")
BookCheck = Callable[[BookOptions], object]
"""Raises :class:`rules.core.options.OptionsError` for options that no rulebook can be made from."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a configuration came from, so that it can be read again.

    Attributes:
        path: the file; one that was not there when the built-in defaults were taken may come later.
        env: the environment that goes over it.
        digest: of the file's bytes as they were read; empty if there was no file.
    """

    path: Path
    env: Mapping[str, str] = field(repr=False)  # secrets stand in it
    digest: str

    def digests_now(self, settings: Settings) -> tuple[str, str]:
        """The digests of the file and of the rota that these settings name, as both are now; empty for no file."""
        rota = settings.work.rota
        return digest_of(self.path), digest_of(Path(rota)) if rota else ""

    def load(self, check_book: BookCheck | None = None) -> Loaded:
        """Read file and environment again; a file that is gone is a mistake now.

        Raises:
            ConfigError: something is wrong; the message lists every mistake.
        """
        return load_settings(self.path, self.env, check_book)


@dataclass(frozen=True)
class Loaded:
    """Settings and where they came from.

    Attributes:
        settings: the settings, valid as a whole.
        origin: where they can be read again.
        source: the file they were read from, or :data:`BUILT_IN`.
        warnings: what is legal but worth a line in the log.
        log: format of the log (``QUNGUI_LOG``).
        lines: for every key of the file its line.
        variables: for every key taken from the environment the variable's name.
    """

    settings: Settings
    source: str
    origin: Origin
    warnings: tuple[str, ...] = ()
    log: LogFormat = "text"
    lines: Mapping[Keys, int] = field(default_factory=dict)
    variables: Mapping[Keys, str] = field(default_factory=dict)

    def refuse(self, error: OptionsError) -> ConfigError:
        """The error of :func:`rules.core.load.load_book` as a configuration error, with file and line."""
        return _config_error(self.source, Document(lines=dict(self.lines)), self.variables, error.mistakes)


def load_settings(path: Path | None, env: Mapping[str, str], check_book: BookCheck | None = None) -> Loaded:
    """Read the settings: ``path`` (``--config``), else ``QUNGUI_CONFIG``, else ./config.yaml, else built in.

    Args:
        path: the file named on the command line.
        env: the environment; other names than ``QUNGUI_…`` are left alone, empty values count as unset.
        check_book: :func:`rules.core.load.load_book`, to have its mistakes in the same list.

    Raises:
        ConfigError: something is wrong; the message lists every mistake.
    """
    return _Reading(path, env).finish(check_book)


class _Reading:
    """One reading of file and environment: values by section, and every mistake on the way."""

    def __init__(self, path: Path | None, env: Mapping[str, str]) -> None:
        self.warnings: list[str] = []
        self.found: list[Mistake] = []  # by key; where they stand is looked up at the end
        self.placed: list[tuple[str, Mistake]] = []  # with a place of their own
        self.secrets: set[str] = set()
        self.variables: dict[Keys, str] = {}
        self.log: LogFormat = "text"
        self.values: dict[str, object] = {}
        self.source, file = self._file(path, env)
        # Taken before the file is read: what is written in between is seen as a change later.
        self.origin = Origin(file or USUAL, env, digest_of(file) if file else "")
        self.document = read_document(file) if file else Document()
        for located in self.document.mistakes:
            self._place(located)
        if file and not self.document.values and not self.document.mistakes:
            self.warnings.append(f"{self.source} holds no setting; the defaults apply")
        self._take_file()
        self._take_environment(env)

    def _file(self, path: Path | None, env: Mapping[str, str]) -> tuple[str, Path | None]:
        if path is not None:
            return str(path), path
        if named := env.get(f"{PREFIX}CONFIG"):
            return f"{named} (named by {PREFIX}CONFIG)" if not Path(named).exists() else named, Path(named)
        return (str(USUAL), USUAL) if USUAL.exists() else (BUILT_IN, None)

    def _place(self, located: Located) -> None:
        place = self.source if located.line is None else f"{self.source}:{located.line}"
        self.placed.append((place, located.mistake))

    def _take_file(self) -> None:
        keys = {(key.section, key.name): key for key in environment_keys()}
        for section, content in self.document.values.items():
            if content is None:
                continue
            if section in RESERVED:
                self.found.append(Mistake((section,), RESERVED[section], "remove it"))
            elif section not in SECTIONS:
                self.found.append(Mistake((section,), "unknown section", did_you_mean(section, SECTIONS)))
            elif not isinstance(content, dict):
                self.found.append(
                    Mistake(
                        (section,),
                        "must be a section with keys of its own",
                        "write its keys under it, indented",
                    )
                )
            else:
                taken = {name: value for name, value in content.items() if value is not None}
                for name in list(taken):
                    key = keys.get((section, name))
                    if key is not None and (mistake := self._misplaced_secret(key, taken[name])):
                        self._place(Located(mistake, self.document.line(key.path)))
                        del taken[name]
                self.values[section] = taken

    def _misplaced_secret(self, key: Key, value: object) -> Mistake | None:
        """Refuse what only the environment may hold; whatever it was, it is never shown."""
        if key.environment_only:
            self.secrets.add(str(value))
            return Mistake(
                key.path, "is a secret and is not taken from a file", f"set {key.variable} instead"
            )
        if key.secret and (inside := url_secrets(str(value))):
            self.secrets |= {str(value), *inside}
            return Mistake(
                key.path, "holds a password, which is not taken from a file", f"set {key.variable} instead"
            )
        return None

    def _take_environment(self, env: Mapping[str, str]) -> None:
        keys = {key.variable: key for key in environment_keys()}
        reserved = {f"{PREFIX}{section.upper()}_URL": said for section, said in RESERVED.items()}
        for name, value in sorted(env.items()):
            if not name.startswith(PREFIX):
                continue
            if name in reserved:
                self.placed.append((name, Mistake((), reserved[name], "unset it")))
            elif name not in keys and name not in SPECIAL:
                self.placed.append((name, _unknown_variable(name, keys)))
            elif not value.strip():
                self.warnings.append(f"{name} is empty and counts as unset")
            elif name == f"{PREFIX}LOG":
                self._take_log(value.strip())
            elif name in keys:
                self._take_variable(keys[name], value.strip())

    def _take_log(self, value: str) -> None:
        if value in LOG_FORMATS:
            self.log = cast("LogFormat", value)
        else:
            self.placed.append(
                (f"{PREFIX}LOG", Mistake((), "must be text or json", did_you_mean(value, LOG_FORMATS)))
            )

    def _take_variable(self, key: Key, value: str) -> None:
        if key.secret:
            self.secrets |= {value, *url_secrets(value)}
        section = self.values.setdefault(key.section, {})
        cast("dict[str, object]", section)[key.name] = (
            [part.strip() for part in value.split(",")] if key.many else value
        )
        self.variables[key.path] = key.variable

    def finish(self, check_book: BookCheck | None) -> Loaded:
        """Validate what was read.

        Raises:
            ConfigError: something is wrong anywhere.
        """
        settings = self._settings()
        bad = {mistake.path[0] for mistake in self.found if mistake.path}
        for mistake in (*contradictions(settings), *missing_ca(settings)):
            if mistake.path[0] not in bad:
                self.found.append(mistake)
        if check_book is not None:
            try:
                check_book(settings.book_options())
            except OptionsError as error:
                known = {mistake.path for mistake in self.found}
                self.found.extend(mistake for mistake in error.mistakes if mistake.path not in known)
        if self.found or self.placed:
            raise _config_error(
                self.source, self.document, self.variables, self.found, self.placed, self.secrets
            )
        return Loaded(
            settings=settings,
            source=self.source,
            origin=self.origin,
            warnings=(*self.warnings, *cautions(settings)),
            log=self.log,
            lines=self.document.lines,
            variables=self.variables,
        )

    def _settings(self) -> Settings:
        """The settings; after a mistake, those of the sections without one, so that more can be found."""
        try:
            return Settings.model_validate(self.values)
        except ValidationError as error:
            self.found.extend(rephrase(error))
            bad = {item["loc"][0] for item in error.errors(include_url=False, include_input=False)}
            return Settings.model_validate(
                {name: self.values[name] for name in self.values if name not in bad}
            )


def _unknown_variable(name: str, keys: Mapping[str, Key]) -> Mistake:
    section, _, rest = name.removeprefix(PREFIX).partition("_")
    if (
        section.lower() in SECTIONS
        and rest
        and not any(key.section == section.lower() for key in keys.values())
    ):
        return Mistake((), f"the section {section.lower()} is set in the file only", "move it to config.yaml")
    return Mistake((), "unknown variable", did_you_mean(name, (*keys, *SPECIAL)))


def _config_error(
    source: str,
    document: Document,
    variables: Mapping[Keys, str],
    found: Iterable[Mistake],
    placed: Iterable[tuple[str, Mistake]] = (),
    secrets: Iterable[str] = (),
) -> ConfigError:
    told: list[tuple[int, str]] = []
    for place, mistake in placed:
        line = place.rpartition(":")[2]
        told.append((int(line) if line.isdigit() else 0, _sentence(place, mistake)))
    for mistake in found:
        path = ("company", *mistake.path) if mistake.path[:1] == ("timezone",) else mistake.path
        variable = variables.get(path[:2])
        line_number = None if variable else document.line(path)
        place = variable or (f"{source}:{line_number}" if line_number else source)
        told.append((line_number or 0, _sentence(place, Mistake(path, mistake.problem, mistake.remedy))))
    sentences = list(dict.fromkeys(sentence for _, sentence in sorted(told, key=lambda one: one[0])))
    count = "one mistake" if len(sentences) == 1 else f"{len(sentences)} mistakes"
    text = "\n".join([f"the configuration has {count}:", *sentences])
    return ConfigError(masked_values(text, secrets))


def _sentence(place: str, mistake: Mistake) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in mistake.path)[1:]
    remedy = f" ({mistake.remedy.strip()})" if mistake.remedy.strip() else ""
    return one_line(f"  {place}: {where + ': ' if where else ''}{mistake.problem}{remedy}")
