"""What is known of model files before any is opened: `models.toml`, read and checked.

A declaration is a table `[models.NAME]`; a set of labels may be named once under `[labels]`, and
`[groups.NAME]` lists models that go together. An operator's own model is declared the same way, and
so is each model that lies in the package itself, by a file of its own in `bundled/`.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar, get_args

from core.errors import InvalidInput, ModelMismatch, NotFound
from core.types import ModelSpec, Task

T = TypeVar("T")

BUNDLED = Path(__file__).parent / "bundled"
"""The models that come with the package: file, declaration, calibration and card of each."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SPEC_KEYS = tuple(key.name for key in fields(ModelSpec) if key.name != "name")
_ENTRY_KEYS = ("address", "size_bytes", "note")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A model, where it may be had and how large it is.

    `address` is an https URL, or empty for an operator's own file; `size_bytes` 0 is not known.
    """

    spec: ModelSpec
    address: str = ""
    size_bytes: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """Models that go together, so that one word gets them all."""

    name: str
    models: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries and groups by name."""

    entries: Mapping[str, CatalogueEntry] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, ModelGroup] = field(default_factory=lambda: MappingProxyType({}))

    def entry(self, name: str) -> CatalogueEntry:
        """The entry of that name; `NotFound` lists the names there are."""
        try:
            return self.entries[name]
        except KeyError:
            raise NotFound(f"model {name!r}: not declared; there are {_listed(self)}") from None

    def members(self, name: str) -> tuple[str, ...]:
        """The models that `name` stands for: a group's, or the one model of that name."""
        if name in self.groups:
            return self.groups[name].models
        return (self.entry(name).spec.name,)

    def by_sha256(self, sha256: str) -> CatalogueEntry | None:
        """The entry whose file has that hash; None if no entry has."""
        found = (entry for entry in self.entries.values() if entry.spec.sha256 == sha256)
        return next(found, None)


def bundled_catalogue(bundled: Path | None = None) -> Catalogue:
    """The models that CaseTrace knows by itself: each has an address or lies in the package.

    `bundled` is the folder of the latter, with a declaration `NAME.toml` beside each model; None
    is the package's own.
    """
    text = resources.files("core.runtime").joinpath("models.toml").read_text("utf-8")
    listed = parse_catalogue(text, origin="models.toml")
    inside = declared_in(BUNDLED if bundled is None else bundled)
    return Catalogue(MappingProxyType({**listed.entries, **inside}), listed.groups)


def declared_in(folder: Path) -> dict[str, CatalogueEntry]:
    """The entries by name that the TOML files of a folder declare; none if there is no folder."""
    entries: dict[str, CatalogueEntry] = {}
    for file in sorted(folder.glob("*.toml")):
        entries |= parse_catalogue(file.read_text("utf-8"), origin=file.name).entries
    return entries


def parse_catalogue(text: str, *, origin: str) -> Catalogue:
    """The catalogue that `text` (TOML) declares; `InvalidInput` names origin, table and key."""
    return _catalogue(_Table(_tables(text, origin), origin))


def parse_declaration(text: str, *, sha256: str) -> CatalogueEntry:
    """The one entry that an operator declares for a file with that hash.

    The declaration may leave `sha256` out. `InvalidInput` unless it has exactly one model,
    `ModelMismatch` if it states another hash.
    """
    tables = _tables(text, "declaration")
    models = tables.get("models", {})
    if not isinstance(models, dict) or len(models) != 1:
        raise InvalidInput("declaration: want exactly one [models.NAME] table")
    ((name, model),) = models.items()
    if isinstance(model, dict):
        model.setdefault("sha256", sha256)
    entry = _catalogue(_Table(tables, "declaration")).entry(name)
    if entry.spec.sha256 != sha256:
        raise ModelMismatch(f"model {name}: want SHA-256 {entry.spec.sha256}, got {sha256}")
    return entry


def render_declaration(entry: CatalogueEntry) -> str:
    """TOML that `parse_catalogue` reads back as exactly this entry."""
    spec = entry.spec
    values = {key: getattr(spec, key) for key in _SPEC_KEYS}
    values |= {key: getattr(entry, key) for key in _ENTRY_KEYS}
    # A JSON string, number or list of them is the same thing in TOML.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"[models.{json.dumps(spec.name)}]", *lines, ""])


def _tables(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{origin}: not TOML: {error}") from error


def _catalogue(root: "_Table") -> Catalogue:
    root.refuse_unknown({"labels", "models", "groups"})
    label_sets = root.child("labels")
    labels = {name: label_sets.texts(name) for name in label_sets.values}
    models = root.child("models")
    entries = {name: _entry(name, models.child(name), labels) for name in models.values}
    groups = root.child("groups")
    return Catalogue(
        MappingProxyType(entries),
        MappingProxyType({n: _group(n, groups.child(n), entries) for n in groups.values}),
    )


def _listed(catalogue: Catalogue) -> str:
    return ", ".join([*catalogue.entries, *catalogue.groups]) or "none"


def _group(name: str, table: "_Table", entries: Mapping[str, CatalogueEntry]) -> ModelGroup:
    table.refuse_unknown({"models", "note"})
    if name in entries:
        table.refuse("a model has this name already")
    members = table.texts("models")
    unknown = [member for member in members if member not in entries]
    if unknown or not members:
        table.refuse(f"models: want declared names, got {unknown or 'none'}")
    return ModelGroup(name, members, table.text("note", default=""))


def _entry(name: str, table: "_Table", label_sets: Mapping[str, tuple[str, ...]]) -> CatalogueEntry:
    table.refuse_unknown({*_SPEC_KEYS, *_ENTRY_KEYS})
    if not _NAME.fullmatch(name):
        table.refuse("name: want lower-case letters, digits, '.', '_' and '-', at most 64")
    address = table.text("address", default="")
    if address and not address.startswith("https://"):
        table.refuse(f"address: want https://..., got {address!r}")
    size_bytes = table.number("size_bytes", int, default=0)
    if size_bytes < 0:
        table.refuse(f"size_bytes: want 0 or more, got {size_bytes}")
    spec = _spec(name, table, _labels(table, label_sets))
    _check_task(spec, table)
    return CatalogueEntry(spec, address, size_bytes, table.text("note", default=""))


def _spec(name: str, table: "_Table", labels: tuple[str, ...]) -> ModelSpec:
    sha256 = table.text("sha256")
    if not _SHA256.fullmatch(sha256):
        table.refuse(f"sha256: want 64 hexadecimal digits in lower case, got {sha256!r}")
    height, width = table.numbers("input_hw", int, 2)
    if height < 1 or width < 1:
        table.refuse(f"input_hw: want pixels, got {[height, width]}")
    std = table.numbers("std", float, 3)
    if not all(std):
        table.refuse("std: want no zero")
    return ModelSpec(
        name=name,
        version=table.text("version"),
        sha256=sha256,
        licence=table.text("licence"),
        task=table.one_of("task", get_args(Task)),
        family=table.text("family", default=""),
        decoder=table.text("decoder", default=""),
        input_hw=(height, width),
        layout=table.one_of("layout", ("NCHW", "NHWC")),
        colour=table.one_of("colour", ("RGB", "BGR")),
        scale=table.number("scale", float),
        mean=_triple(table.numbers("mean", float, 3)),
        std=_triple(std),
        labels=labels,
        dim=table.number("dim", int, default=0),
    )


def _labels(table: "_Table", label_sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    named = table.values.get("labels", [])
    if not isinstance(named, str):
        return table.texts("labels") if named else ()
    if named not in label_sets:
        table.refuse(f"labels: want a set of {sorted(label_sets)} or a list, got {named!r}")
    return label_sets[named]


def _check_task(spec: ModelSpec, table: "_Table") -> None:
    if spec.task == "detect" and not (spec.decoder and spec.labels):
        table.refuse("a detector wants decoder and labels")
    if spec.task == "embed" and not (spec.family and spec.dim > 0):
        table.refuse("an embedder wants family and dim")


def _triple(values: tuple[float, ...]) -> tuple[float, float, float]:
    first, second, third = values
    return first, second, third


@dataclass(frozen=True, slots=True)
class _Table:
    """A TOML table and its place, for messages; every getter refuses a value of another type."""

    values: Mapping[str, Any]
    place: str

    def refuse(self, reason: str) -> NoReturn:
        raise InvalidInput(f"{self.place}: {reason}")

    def refuse_unknown(self, known: set[str]) -> None:
        unknown = sorted(set(self.values) - known)
        if unknown:
            self.refuse(f"unknown keys {unknown}; there are {sorted(known)}")

    def child(self, key: str) -> "_Table":
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.refuse(f"{key}: want a table, got {value!r}")
        return _Table(value, f"{self.place}: {key}")

    def text(self, key: str, *, default: str | None = None) -> str:
        return self._typed(key, self.values.get(key, default), str)

    def one_of(self, key: str, choices: tuple[T, ...]) -> T:
        value = self.values.get(key)
        for choice in choices:
            if value == choice:
                return choice
        self.refuse(f"{key}: want one of {list(choices)}, got {value!r}")

    def number(self, key: str, kind: type[T], *, default: T | None = None) -> T:
        return self._typed(key, self.values.get(key, default), kind)

    def numbers(self, key: str, kind: type[T], count: int) -> tuple[T, ...]:
        values = self.values.get(key)
        if not isinstance(values, list) or len(values) != count:
            self.refuse(f"{key}: want a list of {count}, got {values!r}")
        return tuple(self._typed(key, value, kind) for value in values)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.values.get(key)
        if not isinstance(values, list):
            self.refuse(f"{key}: want a list of texts, got {values!r}")
        return tuple(self._typed(key, value, str) for value in values)

    def _typed(self, key: str, value: object, kind: type[T]) -> T:
        # bool is an int to Python and never one to us.
        if not isinstance(value, kind) or isinstance(value, bool):
            self.refuse(f"{key}: want {kind.__name__}, got {value!r}")
        return value
