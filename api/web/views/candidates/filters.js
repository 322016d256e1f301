/* The filters beside the gallery, each choice with how many there would be. */
import { html, useRef, useState } from "../../lib/html.js";
import { has, t } from "../../lib/i18n.js";
import { ms } from "../../lib/time.js";
import { InstantInput } from "../../parts/instantinput.js";
import { ALL, counts, isSifted, PARTS, sifted, timeBins } from "./sifting.js";

const BINS = 36;
const VERDICTS = ["open", "confirm", "unsure", "reject"];
export const COLOURS = [
  "black", "grey", "white", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown",
];

export const className = (label) => (has(`candidates.class.${label}`) ? t(`candidates.class.${label}`) : label);

export function Filters({ store, all, filters, onChange }) {
  const change = (part) => onChange({ ...filters, ...part });
  const some = (name) => counts(all, filters, name);
  const cameras = some("cameras");
  const byCount = [...cameras].sort((one, other) => other[1] - one[1]);
  for (const id of filters.cameras) if (!cameras.has(id)) byCount.push([id, 0]);
  return html`<aside class="filters" aria-label=${t("candidates.filters")} data-test="filters">
    <div class="row filters-head"><h3 class="grow">${t("candidates.filters")}</h3>
      <button class="button quiet small" disabled=${!isSifted(filters)} onClick=${() => onChange(ALL)}
        data-test="filters-clear">${t("candidates.clear")}</button></div>
    <label class="field"><span>${t("candidates.plate")}</span>
      <input type="search" value=${filters.plate} placeholder=${t("candidates.plateHint")} spellcheck=${false}
        onInput=${(event) => change({ plate: event.target.value })} data-test="filter-plate" /></label>
    <${Time} all=${all} filters=${filters} change=${change} />
    <${Checks} name="verdicts" choices=${VERDICTS.map((name) => [name, some("verdicts").get(name) ?? 0])}
      chosen=${filters.verdicts} change=${change} words=${(name) => t(`candidates.verdict.${name}`)} />
    <${Checks} name="classes" choices=${[...some("classes")].sort()} chosen=${filters.classes} change=${change} words=${className} />
    ${PARTS.map((part) => html`<${Swatches} key=${part} part=${part} found=${some(part)} chosen=${filters[part]} change=${change} />`)}
    <${Checks} name="cameras" choices=${byCount} chosen=${filters.cameras} change=${change}
      words=${(id) => store.cameraName(id)} />
  </aside>`;
}

const toggled = (chosen, one) => (chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);

function Checks({ name, choices, chosen, change, words }) {
  if (!choices.length) return null;
  return html`<fieldset class="facet" data-test=${`filter-${name}`}>
    <legend>${t(`candidates.filter.${name}`)}</legend>
    ${choices.map(([one, count]) => html`<label class="check facet-choice" key=${one}>
      <input type="checkbox" checked=${chosen.includes(one)} onChange=${() => change({ [name]: toggled(chosen, one) })} />
      <span class="grow clip-text" title=${words(one)}>${words(one)}</span>
      <span class="muted mono">${count}</span>
    </label>`)}
  </fieldset>`;
}

function Swatches({ part, found, chosen, change }) {
  const shown = COLOURS.filter((name) => found.has(name) || chosen.includes(name));
  if (!shown.length) return null;
  return html`<fieldset class="facet" data-test=${`filter-${part}`}>
    <legend>${t(`candidates.filter.${part}`)}</legend>
    <div class="colour-choices">${shown.map((name) => html`<button key=${name} type="button" class="colour-choice"
        aria-pressed=${chosen.includes(name)} title=${t(`colour.${name}`)}
        onClick=${() => change({ [part]: toggled(chosen, name) })}>
        <span class=${`colour colour-${name}`} aria-hidden="true" /><span class="colour-word">${t(`colour.${name}`)}</span>
        <span class="muted mono">${found.get(name) ?? 0}</span>
      </button>`)}</div>
  </fieldset>`;
}

/** The times of all as bars; dragging over them or typing narrows. */
function Time({ all, filters, change }) {
  const own = useRef(null);
  const [drag, setDrag] = useState(null);
  if (!all.length) return null;
  const times = all.map((one) => one.atMs);
  const range = [Math.min(...times), Math.max(...times) + 1];
  const bins = timeBins(sifted(all, filters, "time"), range, BINS);
  const most = Math.max(1, ...bins);
  const at = (event) => {
    const { left, width } = own.current.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    return range[0] + share * (range[1] - range[0]);
  };
  const done = () => {
    if (!drag) return;
    const [from, to] = [...drag].sort((one, other) => one - other);
    const tiny = to - from < (range[1] - range[0]) / BINS / 2;
    change(tiny ? { from: null, to: null } : { from, to });
    setDrag(null);
  };
  const [from, to] = drag ? [...drag].sort((one, other) => one - other) : [filters.from, filters.to];
  const share = (atMs) => `${(100 * (atMs - range[0])) / (range[1] - range[0])}%`;
  const ends = { from: range[0], to: range[1] };
  return html`<fieldset class="facet" data-test="filter-time">
    <legend>${t("candidates.filter.time")}</legend>
    <div class="timebars" ref=${own} aria-hidden="true"
      onPointerDown=${(event) => { event.currentTarget.setPointerCapture(event.pointerId); setDrag([at(event), at(event)]); }}
      onPointerMove=${(event) => drag && setDrag([drag[0], at(event)])}
      onPointerUp=${done} onPointerCancel=${() => setDrag(null)}>
      ${bins.map((count, place) => html`<span key=${place} style=${{ height: `${(100 * count) / most}%` }} />`)}
      ${from != null && to != null && html`<i style=${{ left: share(from), width: `calc(${share(to)} - ${share(from)})` }} />`}
    </div>
    <div class="timefields">
      ${["from", "to"].map((name) => html`<label class="row" key=${name}><span class="muted small">${t(`candidates.${name}`)}</span>
        <${InstantInput} at=${filters[name] ?? ends[name]} onChange=${(at) => change({ [name]: ms(at) })} data-test=${`filter-${name}`} /></label>`)}
    </div>
  </fieldset>`;
}
