"""How a report says things: its words, its times, and the engine's sentences in its language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from api.reports import times
from api.reports.words import WORDS, Language
from api.reports.words.sentences import in_chinese
from cases.report_content import Person, Place


@dataclass(frozen=True, slots=True)
class Telling:
    """The words, the zone and the names for one report."""

    language: Language
    zone: tzinfo
    places: Mapping[int, Place]

    def t(self, key: str, **values: object) -> str:
        return WORDS[self.language][key].format(**values)

    def known(self, prefix: str, word: str) -> str:
        """The words for a fixed word of ours, or that word itself where there are none."""
        return WORDS[self.language].get(f"{prefix}.{word}", word)

    def engine(self, sentence: str) -> str:
        """What the engine said, in this language."""
        return in_chinese(sentence) if self.language == "zh" else sentence

    @property
    def join(self) -> str:
        return WORDS[self.language]["join"]

    @property
    def semicolon(self) -> str:
        return WORDS[self.language]["semicolon"]

    def camera(self, camera_id: int | None) -> str:
        if camera_id is None:
            return self.t("unknown")
        place = self.places.get(camera_id)
        return place.name if place else f"#{camera_id}"

    def person(self, person: Person) -> str:
        """Full name, account and organisation, as far as they are known."""
        full = person.full_name or person.name
        more = [part for part in (person.name, person.organisation) if part and part != full]
        return self.t("person", full=full, more=self.join.join(more)) if more else full

    def name(self, person: Person) -> str:
        return person.full_name or person.name

    def local(self, at_ns: int) -> str:
        return times.local(at_ns, self.zone)

    def minute(self, at_ns: int) -> str:
        return times.minute(at_ns, self.zone)

    def clock(self, at_ns: int) -> str:
        return times.clock(at_ns, self.zone)

    def utc(self, at_ns: int) -> str:
        return times.utc(at_ns)

    def span(self, start: str, end: str) -> str:
        return self.t("sighting.span", start=start, end=end)

    def seconds(self, seconds: float) -> str:
        """`42 s`, `3 min 12 s`, `1 h 05 min`."""
        if seconds < 60:
            return self.t("seconds", value=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")
        minutes, rest = divmod(round(seconds), 60)
        if minutes < 60:
            return self.t("minutes", minutes=minutes, seconds=f"{rest:02d}")
        hours, minutes = divmod(minutes, 60)
        return self.t("hours", hours=hours, minutes=f"{minutes:02d}")
