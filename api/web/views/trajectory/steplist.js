/* The way as a list: each sighting and each hop, with all that speaks for it and against it. */
import { html, useEffect, useRef, useState } from "../../lib/html.js";
import { get, shotUrl } from "../../lib/api.js";
import { percent, t } from "../../lib/i18n.js";
import { go, href } from "../../lib/route.js";
import { change, told } from "../../lib/told.js";
import { clock, length } from "../../lib/time.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { Picture } from "../../parts/picture.js";
import { signed, strength, Why } from "../../parts/why.js";
import { odds } from "./way.js";

/** `own` holds what every step needs: {caseId, store, trajectory, candidates, covers, verdicts, confirmed, sayings}. */
export function StepList({ own, steps, chosen, onChoose, onPlay }) {
  return html`<ol class="steps-list" aria-label=${t("trajectory.steps")} data-test="steps">
    ${steps.map((step) => html`<li key=${step.key}>
      ${step.kind === "sighting"
        ? html`<${SightingStep} ...${{ own, step, isChosen: step.key === chosen, onChoose, onPlay }} />`
        : html`<${HopStep} ...${{ own, step, isChosen: step.key === chosen, onChoose }} />`}
    </li>`)}
  </ol>`;
}

/** The chosen step comes into sight in the list. */
function useSeen(isChosen) {
  const element = useRef(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return element;
}

function SightingStep({ own, step, isChosen, onChoose, onPlay }) {
  const { sighting, place } = step;
  const sure = own.confirmed(sighting);
  const rivals = sighting.rivals.length;
  return html`<section class=${`step step-sighting ${sure ? "" : "way-proposed"} ${isChosen ? "step-chosen" : ""}`} ref=${useSeen(isChosen)} data-test="sighting" data-tracklet=${sighting.tracklet_id}>
    <button type="button" class="step-head" aria-expanded=${isChosen} onClick=${() => onChoose(step.key)}>
      <span class="step-number mono">${place + 1}</span>
      <${ShotOf} own=${own} trackletId=${sighting.tracklet_id} shotId=${sighting.shot_ids[0]} />
      <span class="grow step-words"><span class="clip-text"><b>${own.store.cameraName(sighting.camera_id)}</b></span>
        <span class="muted small mono">${clock(sighting.span.start)}–${clock(sighting.span.end)}</span>
        <span class="muted small">${t(`told.${sighting.family}`)} · ± ${sighting.clock_sigma_s.toFixed(1)} s</span></span>
      <span class="step-state"><span class=${`chip ${sure ? "good" : ""}`} data-test="state">${t(sure ? "trajectory.confirmed" : "trajectory.proposed")}</span>
        ${!sure && sighting.probability !== null && html`<b class="mono">${percent(sighting.probability)}</b>`}
        ${rivals > 0 && html`<span class="muted small">${t("trajectory.rivals", { n: rivals })}</span>`}</span>
    </button>
    ${isChosen && html`<div class="step-body">
      ${rivals > 0 && html`<${Rivals} own=${own} sighting=${sighting} />`}
      <${Why} probability=${sighting.probability} compact=${sure} evidence=${["appearance", "plate", "transit"].map((name) => [name, sighting.llr[name] ?? null])} />
      ${sighting.margin !== null && html`<p class="small">${t("trajectory.ahead", { odds: odds(sighting.margin) })}</p>`}
      <${Said} own=${own} sighting=${sighting} />
      <div class="row wrap"><${Verdicts} own=${own} trackletId=${sighting.tracklet_id} /></div>
      <div class="row wrap">
        <button type="button" class="button small" onClick=${() => onPlay(place)} data-test="play-one"><${Icon} name="play" />${t("candidates.clip")}</button>
        <a class="button small" href=${href("scene", own.caseId, { camera: sighting.camera_id, at: sighting.span.start })}><${Icon} name="camera" />${t("candidates.lookThere")}</a>
        <a class="button small" href=${href("candidates", own.caseId, { tracklet: sighting.tracklet_id })}><${Icon} name="grid" />${t("candidates.title")}</a>
      </div>
    </div>`}
  </section>`;
}

const VERDICTS = [["confirm", "check"], ["reject", "close"], ["unsure", "question"]];

function Verdicts({ own, trackletId }) {
  const verdict = own.verdicts.of(trackletId);
  return VERDICTS.map(([name, icon]) => html`<button key=${name} type="button" class=${`button small verdict-button verdict-${name}`}
    aria-pressed=${verdict === name} onClick=${() => own.verdicts.decide(trackletId, name)} data-test=${`verdict-${name}`}>
    <${Icon} name=${icon} />${t(`candidates.give.${name}`)}</button>`);
}

/** Who said what, once the reader has said something too: a second look is not swayed by the first. */
function Said({ own, sighting }) {
  if (!own.verdicts.of(sighting.tracklet_id)) return null;
  return html`<ul class="said small">${sighting.decisions.map((one) => html`<li key=${one.decision_id}>
    <span class=${`said-${one.verdict}`}>${t(`candidates.verdict.${one.verdict}`)}</span>
    <span class="muted"> ${own.store.personName(one.actor)}, <${Instant} at=${one.at} /></span>
    ${one.note && html`<span> “${one.note}”</span>`}</li>`)}</ul>`;
}

/** What else it could be, beside what it is taken for. */
function Rivals({ own, sighting }) {
  return html`<div class="rivals" data-test="rivals">
    <h4 class="small">${t("trajectory.instead")}</h4>
    <div class="rivals-row">
      <figure class="rival rival-own"><${ShotOf} own=${own} trackletId=${sighting.tracklet_id} shotId=${sighting.shot_ids[0]} />
        <figcaption class="small"><b>${t("trajectory.this")}</b></figcaption></figure>
      ${sighting.rivals.map((rival, place) => html`<${Rival} key=${place} own=${own} rival=${rival} />`)}
    </div>
  </div>`;
}

function Rival({ own, rival }) {
  const [first] = rival.tracklet_ids;
  const known = own.candidates.get(first);
  const behind = rival.margin === null ? "" : t("trajectory.behind", { odds: odds(rival.margin) });
  if (!first) {
    return html`<figure class="rival"><span class="picture rival-nobody muted small">${t("trajectory.nobody")}</span>
      <figcaption class="small muted">${behind}</figcaption></figure>`;
  }
  return html`<figure class="rival"><button type="button" class="rival-button" title=${own.sayings.named(first)}
      onClick=${() => go("candidates", own.caseId, { tracklet: first })} data-test="rival"><${ShotOf} own=${own} trackletId=${first} /></button>
    <figcaption class="small"><span class="clip-text">${known ? own.store.cameraName(known.camera_id) : own.sayings.named(first)}</span>
      ${known && html`<span class="mono muted">${clock(known.span.start)}</span>`}
      <span class="muted">${rival.tracklet_ids.length > 1 ? t("trajectory.withMore", { n: rival.tracklet_ids.length - 1 }) : ""} ${behind}</span></figcaption></figure>`;
}

/** The best shot of a tracklet; asked for where no candidate has it. */
function ShotOf({ own, trackletId, shotId = null }) {
  const known = shotId ?? own.candidates.get(trackletId)?.shot_id ?? null;
  const [found, setFound] = useState(null);
  useEffect(() => {
    if (known) return undefined;
    let gone = false;
    get(`/cases/${own.caseId}/tracklets/${trackletId}`).then(
      ({ shots }) => gone || setFound(shots.reduce((best, one) => (!best || one.quality > best.quality ? one : best), null)?.shot_id),
      () => {}, // gone by retention: the empty picture stays
    );
    return () => {
      gone = true;
    };
  }, [known, trackletId]);
  const id = known ?? found;
  if (!id) return html`<span class="picture" />`;
  return html`<${Picture} eager src=${shotUrl(own.caseId, id, { searchId: own.covers(id), height: 160 })} alt="" />`;
}

function HopStep({ own, step, isChosen, onChoose }) {
  const { hop } = step;
  const feasible = hop.feasible;
  return html`<section class=${`step step-hop ${feasible ? "" : "way-cannot"} ${isChosen ? "step-chosen" : ""}`} ref=${useSeen(isChosen)} data-test="hop">
    <button type="button" class="step-head" aria-expanded=${isChosen} onClick=${() => onChoose(step.key)}>
      <span class="step-line" aria-hidden="true" />
      <span class="grow small"><b class="mono">${hop.gap_s >= 0 ? length(hop.gap_s) : t("trajectory.overlap", { s: (-hop.gap_s).toFixed(1) })}</b>
        <span class="muted"> ${told(hop.why, own.sayings)}</span></span>
      ${hop.change && html`<span class="chip" data-test="change"><${Icon} name="swap" />${change(hop.change)}</span>`}
      ${!feasible && html`<span class="chip bad"><${Icon} name="warn" />${t("trajectory.cannot")}</span>`}
      ${hop.missed.length > 0 && html`<span class="chip warn" title=${hop.missed.map((id) => own.store.cameraName(id)).join(", ")}>${t("trajectory.missed", { n: hop.missed.length })}</span>`}
    </button>
    ${isChosen && html`<div class="step-body">
      ${hop.llr !== null && html`<p class="small">${t("trajectory.hopLlr", { llr: signed(hop.llr), words: strength(hop.llr) })}</p>`}
      ${hop.fastest_s !== null && html`<p class="small muted">${t("trajectory.pace", { fastest: length(hop.fastest_s), slowest: length(hop.slowest_s) })}</p>`}
      ${hop.missed.length > 0 && html`<p class="small">${t("trajectory.missedBy", { names: hop.missed.map((id) => own.store.cameraName(id)).join(", ") })}</p>`}
      ${hop.between.length > 0 && html`<h4 class="small">${t("trajectory.between")}</h4>
        <div class="rivals-row">${hop.between.map((id) => html`<${Rival} key=${id} own=${own} rival=${{ tracklet_ids: [id], margin: null }} />`)}</div>`}
    </div>`}
  </section>`;
}
