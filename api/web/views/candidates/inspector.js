/* The candidate that is looked at: beside the probe, why it is here, and what the reader says of it. */
import { html, useEffect, useState } from "../../lib/html.js";
import { post, probeUrl, shotUrl } from "../../lib/api.js";
import { number, t } from "../../lib/i18n.js";
import { href } from "../../lib/route.js";
import { useStore } from "../../lib/store.js";
import { clock, length, ms } from "../../lib/time.js";
import { told, trackletsIn } from "../../lib/told.js";
import { said } from "../../parts/failure.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { Picture } from "../../parts/picture.js";
import { PlateSigns } from "../../parts/platesigns.js";
import { SpanClip } from "../../parts/spanclip.js";
import { tell } from "../../parts/toasts.js";
import { Why } from "../../parts/why.js";
import { className } from "./filters.js";

export function Inspector({ caseId, store, item, all, verdicts, verdict, shotPlace, onShot, playing, onPlay, covers, onDecide, moved }) {
  if (!item) return html`<aside class="inspector"><p class="empty">${t("candidates.pick")}</p></aside>`;
  const { candidate } = item;
  return html`<aside class="inspector" aria-label=${t("candidates.inspector")} data-test="inspector" data-tracklet=${item.id}>
    <header class="inspector-head">
      <div class="row"><b class="inspector-rank mono">${item.rank}</b>
        <span class="grow clip-text" title=${store.cameraName(candidate.camera_id)}>${store.cameraName(candidate.camera_id)}</span>
        <${Moved} by=${moved} /></div>
      <div class="row muted small"><${Instant} at=${candidate.span.start} />
        <span>${length(Math.max(0, (ms(candidate.span.end) - ms(candidate.span.start)) / 1000))}</span>
        <span>${className(candidate.class_label)}</span></div>
    </header>
    ${playing
      ? html`<${SpanClip} caseId=${caseId} store=${store} shown=${candidate} autoplay loop />`
      : html`<${Beside} ...${{ caseId, store, candidate, all, verdicts, shotPlace, covers }} />`}
    <${Strip} ...${{ caseId, store, candidate, shotPlace, onShot, covers, playing, onPlay }} />
    <${Deciding} key=${item.id} ...${{ store, item, verdict, verdicts, onDecide }} />
    <${Why} probability=${item.chance} silent=${item.silent} notes=${candidate.notes.map((note) => told(note, { named: namedBy(store, all, verdicts) }))}
      evidence=${[["appearance", candidate.llr], ["plate", candidate.plate_llr], ["transit", candidate.transit_llr]]} />
    ${candidate.plate && html`<${PlateSigns} plate=${candidate.plate} />`}
    <${Colours} colours=${item.colours} cosine=${candidate.cosine} />
    <${Steps} ...${{ caseId, store, candidate, shotPlace }} />
  </aside>`;
}

function Moved({ by }) {
  if (!by) return null;
  const words = t(by > 0 ? "candidates.movedUp" : "candidates.movedDown", { n: Math.abs(by) });
  return html`<span class=${`moved ${by > 0 ? "good-text" : "muted"}`} title=${words} aria-label=${words}>
    <${Icon} name=${by > 0 ? "up" : "down"} />${Math.abs(by)}</span>`;
}

/** A tracklet as camera and time, where it is the reader's own find; another's stays unnamed. */
const namedBy = (store, all, verdicts) => (id) => {
  const known = verdicts.of(id) && all.find((one) => one.id === id)?.candidate;
  return known ? `${store.cameraName(known.camera_id)} ${clock(known.span.start)}` : t("candidates.another");
};

/** What it is most like: the probe, or the tracklet that the note names and the reader confirmed. */
function likeness(candidate, all, verdicts) {
  if (candidate.probe_id) return { probeId: candidate.probe_id };
  const named = candidate.notes.flatMap(trackletsIn).filter((id) => verdicts.of(id) === "confirm");
  return { confirmed: all.find((one) => named.includes(one.id))?.candidate ?? null };
}

/** What was asked with and what was found, side by side at one height. */
function Beside({ caseId, store, candidate, all, verdicts, shotPlace, covers }) {
  const { probes, selected } = useStore(store);
  const { probeId = [...selected][0] ?? probes[0]?.probe_id ?? null, confirmed } = likeness(candidate, all, verdicts);
  const shotId = candidate.shot_ids[shotPlace] ?? candidate.shot_id;
  return html`<div class="beside">
    <figure>${confirmed
      ? html`<${Picture} eager src=${shotUrl(caseId, confirmed.shot_id, { searchId: covers(confirmed.shot_id) })} alt=${t("candidates.likeConfirmed")} />`
      : probeId && probes.some((one) => one.probe_id === probeId)
        ? html`<${Picture} eager src=${probeUrl(caseId, probeId)} alt=${t("candidates.probe")} />`
        : html`<span class="picture beside-none muted small">${t("candidates.noProbe")}</span>`}
      <figcaption class="muted small">${t(confirmed ? "candidates.likeConfirmed" : "candidates.probe")}</figcaption></figure>
    <figure><${Picture} eager src=${shotUrl(caseId, shotId, { searchId: covers(shotId) })} alt=${t("candidates.shot")} data-test="best-shot" />
      <figcaption class="muted small">${t("candidates.shotOf", { n: Math.max(1, shotPlace + 1), of: candidate.shot_ids.length || 1 })}</figcaption></figure>
  </div>`;
}

function Strip({ caseId, store, candidate, shotPlace, onShot, covers, playing, onPlay }) {
  return html`<div class="strip" role="group" aria-label=${t("candidates.shots")} data-test="shots">
    ${candidate.shot_ids.map((id, place) => html`<button key=${id} type="button" class="strip-shot"
      aria-pressed=${!playing && place === shotPlace} aria-label=${t("candidates.shotOf", { n: place + 1, of: candidate.shot_ids.length })}
      onClick=${() => onShot(place)}>
      <${Picture} eager src=${shotUrl(caseId, id, { searchId: covers(id), height: 160 })} alt="" />
    </button>`)}
    <button type="button" class="button strip-play" aria-pressed=${playing} onClick=${() => onPlay(!playing)} data-test="play">
      <${Icon} name=${playing ? "image" : "play"} />${t(playing ? "candidates.pictures" : "candidates.clip")}</button>
  </div>`;
}

const VERDICTS = [["confirm", "check", "C"], ["reject", "close", "R"], ["unsure", "question", "U"]];

function Deciding({ store, item, verdict, verdicts, onDecide }) {
  const [note, setNote] = useState(store.draft(`note.${item.id}`));
  const written = store.state.decisions.get(item.id)?.note ?? "";
  const type = (event) => {
    setNote(event.target.value);
    store.setDraft(`note.${item.id}`, event.target.value || null);
  };
  const give = (which) => {
    onDecide(item.id, which);
    setNote("");
  };
  const pending = verdicts.pending.value.has(item.id);
  return html`<section class="deciding" aria-label=${t("candidates.decide")}>
    <div class="row deciding-row" role="group">
      ${VERDICTS.map(([name, icon, key]) => html`<button key=${name} type="button" class=${`button grow verdict-button verdict-${name}`}
        aria-pressed=${verdict === name} onClick=${() => give(name)} data-test=${`verdict-${name}`}>
        <${Icon} name=${icon} />${t(`candidates.give.${name}`)} <kbd aria-hidden="true">${key}</kbd></button>`)}
    </div>
    <label class="deciding-note"><span class="visually-hidden">${t("candidates.note")}</span>
      <input id="candidate-note" value=${note} maxlength="2000" placeholder=${t("candidates.noteHint")} onInput=${type}
        onKeyDown=${(event) => event.key === "Enter" && !event.isComposing && verdict && note && give(verdict)} data-test="note" />
      ${verdict && note && html`<button type="button" class="button small" onClick=${() => give(verdict)}>${t("candidates.keepNote")}</button>`}
    </label>
    ${written && !note && html`<p class="small note-written">“${written}”</p>`}
    <p class="visually-hidden" role="status">${pending ? t("candidates.keeping") : verdict ? t(`candidates.verdict.${verdict}`) : ""}</p>
  </section>`;
}

function Colours({ colours, cosine }) {
  if (!colours?.length && cosine === null) return null;
  return html`<section class="row wrap colours" aria-label=${t("candidates.colours")}>
    ${cosine !== null && html`<span class="chip">${t("candidates.cosine")} <span class="mono">${number(cosine, 2)}</span></span>`}
    ${colours?.map((one) => html`<span class="chip" key=${`${one.part}${one.colour}`} title=${`${number(100 * one.share)} %`}>
      <span class=${`colour colour-${one.colour}`} aria-hidden="true" />${t(`candidates.part.${one.part}`)}: ${t(`colour.${one.colour}`)}</span>`)}
  </section>`;
}

/** Where to go on from here. */
function Steps({ caseId, store, candidate, shotPlace }) {
  const [busy, setBusy] = useState(false);
  useEffect(() => setBusy(false), [candidate.tracklet_id]);
  const asProbe = async () => {
    setBusy(true);
    try {
      const shotId = candidate.shot_ids[shotPlace] ?? candidate.shot_id;
      store.addProbe(await post(`/cases/${caseId}/probes/shot`, { shot_id: shotId }));
      tell(t("candidates.probeAdded"), "good");
    } catch (error) {
      tell(said(error), "bad");
    }
    setBusy(false);
  };
  return html`<div class="row wrap steps">
    <a class="button small" href=${href("scene", caseId, { camera: candidate.camera_id, at: candidate.span.start })}><${Icon} name="camera" />${t("candidates.lookThere")}</a>
    <a class="button small" href=${href("trajectory", caseId, { tracklet: candidate.tracklet_id })}><${Icon} name="way" />${t("trajectory.title")}</a>
    <button type="button" class="button small" disabled=${busy} onClick=${asProbe} data-test="as-probe"><${Icon} name="plus" />${t("candidates.asProbe")}</button>
  </div>`;
}
