/* Series: scenes of one case beside each other, and who looks alike at more than one, weighed against chance. */
import { html, useState } from "../lib/html.js";
import { post, shotUrl } from "../lib/api.js";
import { number, t } from "../lib/i18n.js";
import { useKeys } from "../lib/keys.js";
import { ms } from "../lib/time.js";
import { Failure, said } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { Instant } from "../parts/instant.js";
import { InstantInput } from "../parts/instantinput.js";
import { Picture } from "../parts/picture.js";
import { tell } from "../parts/toasts.js";

const MOST = 8;
const FAMILIES = ["person", "rider", "vehicle"];

export function View({ caseId, store }) {
  const [asked, setAsked] = useState(() => store.draft("series", null) ?? { scenes: scenesOf(store), families: [], least: null });
  const [answer, setAnswer] = useState(null);
  const [failed, setFailed] = useState(null);
  const [busy, setBusy] = useState(false);
  const change = (part) => {
    const next = { ...asked, ...part };
    setAsked(next);
    store.setDraft("series", next);
  };
  const compare = async () => {
    if (busy) return;
    setBusy(true);
    setFailed(null);
    try {
      setAnswer({ ...(await post(`/cases/${caseId}/series`, bodyOf(asked))), asked });
    } catch (error) {
      setFailed(error);
    }
    setBusy(false);
  };
  const add = () => asked.scenes.length < MOST && change({ scenes: [...asked.scenes, another(asked.scenes)] });
  useKeys("series.title", {
    Enter: { does: compare, words: "series.key.compare" },
    a: { does: add, words: "series.key.add" },
  });
  return html`<div class="series">
    <aside class="series-side" aria-label=${t("series.title")}>
      <p class="muted small">${t("series.about")}</p>
      ${asked.scenes.map((scene, place) => html`<${Scene} key=${place} ...${{ store, scene, place }}
        onChange=${(part) => change({ scenes: asked.scenes.map((one, i) => (i === place ? { ...one, ...part } : one)) })}
        onRemove=${asked.scenes.length > 2 ? () => change({ scenes: asked.scenes.filter((_, i) => i !== place) }) : null} />`)}
      <button class="button small" onClick=${add} disabled=${asked.scenes.length >= MOST} data-test="series-add"><${Icon} name="plus" />${t("series.add")}</button>
      <${Wishes} asked=${asked} change=${change} />
      <button class="button primary" onClick=${compare} disabled=${busy} data-test="series-compare">${t(busy ? "series.comparing" : "series.compare")}</button>
    </aside>
    <section class="series-found" aria-live="polite">
      ${failed && html`<${Failure} error=${failed} />`}
      ${answer ? html`<${Found} ...${{ caseId, store, answer }} />` : !failed && html`<div class="empty">${t(busy ? "series.comparing" : "series.none")}</div>`}
    </section>
  </div>`;
}

function Scene({ store, scene, place, onChange, onRemove }) {
  const name = t("series.scene", { n: place + 1 });
  const cameras = store.granted().map((grant) => grant.camera_id);
  const chosen = new Set(scene.cameras);
  const toggle = (id) => {
    if (!chosen.delete(id)) chosen.add(id);
    onChange({ cameras: cameras.filter((one) => chosen.has(one)) });
  };
  return html`<fieldset class="series-scene panel" data-test="series-scene">
    <legend>${name}</legend>
    ${onRemove && html`<button class="button quiet small series-remove" onClick=${onRemove} aria-label=${t("series.remove", { n: place + 1 })}><${Icon} name="close" /></button>`}
    <label class="field"><span>${t("series.start")}</span><${InstantInput} at=${scene.start} onChange=${(start) => onChange({ start })} /></label>
    <label class="field"><span>${t("series.end")}</span><${InstantInput} at=${scene.end} onChange=${(end) => onChange({ end })} /></label>
    <details class="series-cameras"><summary>${t("series.cameras")}: ${chosen.size ? t("series.some", { n: chosen.size }) : t("series.all")}</summary>
      <ul>${cameras.map((id) => html`<li><label class="check"><input type="checkbox" checked=${chosen.has(id)} onChange=${() => toggle(id)} />
        <span>${store.cameraName(id)}</span></label></li>`)}</ul></details>
  </fieldset>`;
}

function Wishes({ asked, change }) {
  const chosen = new Set(asked.families);
  const toggle = (family) => {
    if (!chosen.delete(family)) chosen.add(family);
    change({ families: FAMILIES.filter((one) => chosen.has(one)) });
  };
  const counts = asked.scenes.map((_, i) => i + 1).slice(1, -1);
  return html`<div class="series-wishes">
    <div class="field"><span id="series-families">${t("series.families")}</span>
      <div class="row wrap" role="group" aria-labelledby="series-families">${FAMILIES.map((family) => html`
        <button class="button small" aria-pressed=${chosen.has(family)} onClick=${() => toggle(family)}>${t(`family.${family}`)}</button>`)}</div></div>
    ${counts.length > 0 && html`<label class="field"><span>${t("series.least")}</span>
      <select value=${asked.least ?? ""} onChange=${(event) => change({ least: Number(event.target.value) || null })}>
        ${counts.map((count) => html`<option value=${count}>${count}</option>`)}
        <option value="">${t("series.leastAll")} (${asked.scenes.length})</option></select></label>`}
  </div>`;
}

function Found({ caseId, store, answer }) {
  const standing = answer.groups.filter((group) => group.stands_out).length;
  return html`<header class="series-head" data-test="series-answer">
      <h2>${t("series.counts", { pairs: number(answer.pairs) })}</h2>
      <p class=${standing ? "good-text" : "warn-text"} data-test="series-chance">
        ${standing ? t("series.chanceSome", { n: standing }) : t("series.chanceNone")}</p>
      <ul class="row wrap">${answer.scenes.map((scene, place) => html`<li class="chip">${t("series.scene", { n: place + 1 })}:
        ${" "}${t("series.sceneCount", { compared: number(scene.tracklets), passed: number(scene.passed) })}</li>`)}</ul>
    </header>
    ${!answer.groups.length && html`<div class="empty">${t("series.noGroup")}</div>`}
    <ol class="series-groups">${answer.groups.map((group, place) => html`<${Group} key=${place} ...${{ caseId, store, answer, group }} />`)}</ol>`;
}

function Group({ caseId, store, answer, group }) {
  const names = (row) => t("series.scene", { n: group.members[row].scene + 1 });
  const links = group.links.map((link) => t("series.link", { a: names(link.start), b: names(link.end), llr: signed(link.llr) }));
  return html`<li class="series-group panel" data-test="series-group">
    <div class="series-why"><b class="mono" title=${links.join("\n")}>${t("series.llr", { llr: signed(group.llr) })}</b>
      ${group.stands_out && html`<span class="chip good">${t("series.standsOut")}</span>`}
      <span class="muted small">${t("series.accidents", { among: number(group.combinations), n: few(group.by_chance) })}</span></div>
    <div class="series-members">${answer.scenes.map((_, scene) => {
      const member = group.members.find((one) => one.scene === scene);
      return html`<figure key=${scene} class=${member ? "" : "absent"}>
        <figcaption class="small">${t("series.scene", { n: scene + 1 })}</figcaption>
        ${member ? html`<${Seen} ...${{ caseId, store, answer, member }} />` : html`<span class="muted small">${t("series.absent")}</span>`}
      </figure>`;
    })}</div>
    ${group.also.length > 0 && html`<div class="series-also"><span class="muted small">${t("series.also")}</span>
      ${group.also.map((one) => html`<span class="series-small" title=${`${t("series.scene", { n: one.scene + 1 })} · ${store.cameraName(one.camera_id)}`}>
        <${Shot} ...${{ caseId, store, answer, member: one }} height=${96} /></span>`)}</div>`}
  </li>`;
}

function Seen({ caseId, store, answer, member }) {
  const take = async () => {
    try {
      store.addProbe(await post(`/cases/${caseId}/probes/shot`, { shot_id: member.shot_ids[0] }));
      tell(t("series.probed"));
    } catch (error) {
      tell(said(error), "bad");
    }
  };
  return html`<${Shot} ...${{ caseId, store, answer, member }} height=${192} />
    <span class="small clip-text" title=${store.cameraName(member.camera_id)}>${store.cameraName(member.camera_id)}</span>
    <${Instant} at=${member.span.start} />
    <span class="muted small">${t(`candidates.class.${member.class_label}`)}</span>
    ${member.shot_ids.length > 0 && html`<button class="button small" onClick=${take}>${t("series.probe")}</button>`}`;
}

function Shot({ caseId, store, answer, member, height }) {
  const [shot] = member.shot_ids;
  if (!shot) return html`<span class="picture gone"><span class="picture-gone"><${Icon} name="warn" /></span></span>`;
  const alt = `${t(`candidates.class.${member.class_label}`)}, ${store.cameraName(member.camera_id)}`;
  return html`<${Picture} src=${shotUrl(caseId, shot, { searchId: answer.search_id, height })} alt=${alt} />`;
}

/** The windows that the case grants, each a scene; cameras of the same window belong together. */
function scenesOf(store) {
  const windows = new Map();
  for (const grant of store.granted()) {
    for (const { start, end } of grant.spans) {
      const key = `${start} ${end}`;
      if (!windows.has(key)) windows.set(key, { start, end, cameras: [] });
      windows.get(key).cameras.push(grant.camera_id);
    }
  }
  const scenes = [...windows.values()].sort((a, b) => ms(a.start) - ms(b.start)).slice(0, MOST);
  return scenes.length > 1 ? scenes : halved(scenes[0]);
}

/** Two scenes out of one window: to begin with. */
function halved(scene) {
  const middle = new Date((ms(scene.start) + ms(scene.end)) / 2).toISOString();
  return [{ ...scene, end: middle, cameras: [] }, { ...scene, start: middle, cameras: [] }];
}

function another(scenes) {
  const last = scenes[scenes.length - 1];
  return { start: last.start, end: last.end, cameras: [] };
}

function bodyOf({ scenes, families, least }) {
  const body = { scenes: scenes.map(({ start, end, cameras }) => ({ cameras, span: { start, end } })), families };
  return least && least <= scenes.length ? { ...body, least } : body;
}

const signed = (llr) => `${llr < 0 ? "−" : "+"}${number(Math.abs(llr), 1)}`;
const few = (count) => (count >= 10 ? number(Math.ceil(count)) : count >= 0.01 ? number(count, 2) : `<${number(0.01, 2)}`);
