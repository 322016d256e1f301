/* Asking for a case, or for more of one: what the law asks, which cameras, which hours. */
import { html, useEffect, useMemo, useState } from "../../lib/html.js";
import { number, t } from "../../lib/i18n.js";
import { get, patch, post } from "../../lib/api.js";
import { draft, setDraft } from "../../lib/drafts.js";
import { go, href, route } from "../../lib/route.js";
import { account } from "../../lib/session.js";
import { pageSettings } from "../../lib/settings.js";
import { iso, length } from "../../lib/time.js";
import { said } from "../../parts/failure.js";
import { Icon } from "../../parts/icon.js";
import { InstantInput } from "../../parts/instantinput.js";
import { bySpan, hoursOf } from "../../parts/papers.js";
import { tell } from "../../parts/toasts.js";
import { CameraPick } from "./camerapick.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

function blank(nowMs) {
  return {
    reference: "", offence: "", legal_basis: "", purpose: "", reason: "",
    expires: iso(nowMs + 7 * DAY_MS), emergency: false, hold: false, members: [],
    scenes: [{ start: iso(nowMs - 3 * HOUR_MS), end: iso(nowMs - HOUR_MS), camera_ids: [] }],
  };
}

function amending(papers) {
  const { expires, hold, grants } = papers;
  return { ...papers, expires, hold, reason: "", scenes: bySpan(grants) };
}

const grantsOf = (scenes) => scenes.flatMap(({ start, end, camera_ids: ids }) =>
  ids.map((camera_id) => ({ camera_id, start, end })));

export function Opening({ known }) {
  const from = route.value.options.from ?? null;
  const scope = from ? `amend-${from}` : "new";
  const [form, setForm] = useState(() => draft(scope, "form", from ? null : blank(Date.now())));
  const [limits, setLimits] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [active, setActive] = useState(0);
  useEffect(() => {
    pageSettings().then(setLimits, setError);
    if (from && !form) get(`/cases/${from}`).then((papers) => setForm(amending(papers)), setError);
  }, []);
  const change = (part) => {
    const after = { ...form, ...part };
    setForm(after);
    setDraft(scope, "form", after);
  };
  if (!form) return html`<div class="pad" role="status">${error ? said(error) : t("shell.loading")}</div>`;
  const scene = form.scenes[Math.min(active, form.scenes.length - 1)];
  const changeScene = (part) =>
    change({ scenes: form.scenes.map((one) => (one === scene ? { ...one, ...part } : one)) });
  const send = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const made = await sent(form, from);
      setDraft(scope, "form", null);
      tell(t(from ? "cases.amended" : "cases.asked", { reference: made.reference }), "good");
      go("cases", null, { list: "mine", case: made.case_id });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return html`<form class="opening" onSubmit=${send} data-test="opening">
    <div class="opening-form">
      <header class="row"><a class="button quiet" href=${href("cases")} aria-label=${t("shell.back")}><${Icon} name="back" /></a>
        <h1>${from ? `${t("cases.amend")}: ${form.reference}` : t("cases.new")}</h1></header>
      ${from ? html`<${Amending} form=${form} change=${change} />` : html`<${Law} form=${form} change=${change} />`}
      <${Scenes} form=${form} scene=${scene} change=${change} changeScene=${changeScene} setActive=${setActive} />
      <${Until} form=${form} change=${change} limits=${limits} />
      ${!from && html`<${Members} form=${form} change=${change} known=${known} />`}
      <${Options} form=${form} change=${change} amends=${Boolean(from)} />
      <footer class="opening-send">
        ${error && html`<p class="bad-text" role="alert" data-test="opening-error">${said(error)}</p>`}
        <${Measure} form=${form} limits=${limits} />
        <button class="button primary" disabled=${busy || !grantsOf(form.scenes).length} data-test="opening-send">
          ${t(from ? "cases.sendAmend" : "cases.send")}</button>
      </footer>
    </div>
    <${CameraPick} known=${known} scene=${scene} onChange=${(ids) => changeScene({ camera_ids: ids })} />
  </form>`;
}

function sent(form, from) {
  const grants = grantsOf(form.scenes);
  if (from) return patch(`/cases/${from}`, { reason: form.reason, grants, expires: form.expires, hold: form.hold });
  const { reference, offence, legal_basis, purpose, expires, emergency, hold, members } = form;
  return post("/cases", { reference, offence, legal_basis, purpose, expires, emergency, hold, members, grants });
}

function Law({ form, change }) {
  const text = (name, rows = 0) => html`<label class="field"><span>${t(`cases.${name}`)}</span>
    ${rows ? html`<textarea required rows=${rows} value=${form[name]} placeholder=${t(`cases.${name}.example`)}
        onInput=${(event) => change({ [name]: event.target.value })} data-test=${`opening-${name}`}></textarea>`
      : html`<input required value=${form[name]} placeholder=${t(`cases.${name}.example`)}
        onInput=${(event) => change({ [name]: event.target.value })} data-test=${`opening-${name}`} />`}</label>`;
  return html`<fieldset class="opening-law"><legend>${t("cases.law")}</legend>
    ${text("reference")}${text("offence")}${text("legal_basis")}${text("purpose", 2)}</fieldset>`;
}

function Amending({ form, change }) {
  return html`<fieldset><legend>${t("cases.why")}</legend>
    <p class="note warn">${t("cases.amendStops")}</p>
    <label class="field"><span>${t("cases.reason")}</span><textarea required rows="2" value=${form.reason}
      placeholder=${t("cases.reason.example")} onInput=${(event) => change({ reason: event.target.value })}
      data-test="opening-reason"></textarea></label></fieldset>`;
}

function Scenes({ form, scene, change, changeScene, setActive }) {
  const add = () => {
    change({ scenes: [...form.scenes, { ...scene, camera_ids: [] }] });
    setActive(form.scenes.length);
  };
  const drop = (one) => {
    change({ scenes: form.scenes.filter((other) => other !== one) });
    setActive(0);
  };
  return html`<fieldset><legend>${t("cases.where")}</legend>
    ${form.scenes.length > 1 && html`<div class="row wrap">${form.scenes.map((one, place) => html`<span class="row">
      <button type="button" class="button small" aria-pressed=${one === scene} onClick=${() => setActive(place)}>
        ${t("cases.sceneOf", { n: place + 1, cameras: one.camera_ids.length })}</button>
      <button type="button" class="button quiet small" aria-label=${t("cases.dropScene", { n: place + 1 })}
        onClick=${() => drop(one)}><${Icon} name="close" /></button></span>`)}</div>`}
    <div class="opening-span">
      <label class="field"><span>${t("cases.from")}</span><${InstantInput} at=${scene.start}
        onChange=${(start) => changeScene({ start })} data-test="opening-from" /></label>
      <label class="field"><span>${t("cases.to")}</span><${InstantInput} at=${scene.end}
        onChange=${(end) => changeScene({ end })} data-test="opening-to" /></label>
    </div>
    <div class="row wrap" role="group" aria-label=${t("cases.spanLength")}>
      ${[0.5, 1, 2, 4, 12].map((hours) => html`<button type="button" class="button small"
        onClick=${() => changeScene({ end: iso(Math.min(Date.parse(scene.start) + hours * HOUR_MS, Date.now() - 1000)) })}>
        ${length(hours * 3600)}</button>`)}
      <span class="grow"></span>
      <button type="button" class="button small" onClick=${add}><${Icon} name="plus" />${t("cases.addScene")}</button>
    </div>
    ${Date.parse(scene.end) <= Date.parse(scene.start) && html`<p class="bad-text">${t("cases.spanBackwards")}</p>`}
    ${Date.parse(scene.end) > Date.now() && html`<p class="bad-text">${t("cases.spanAhead")}</p>`}
  </fieldset>`;
}

function Until({ form, change, limits }) {
  const days = [1, 3, 7, 14, 30, 90].filter((one) => one <= (limits?.case_days ?? 90));
  return html`<fieldset><legend>${t("cases.expires")}</legend>
    <div class="row wrap"><span class="opening-until"><${InstantInput} at=${form.expires} label=${t("cases.expires")}
      onChange=${(expires) => change({ expires })} data-test="opening-expires" /></span>
    ${days.map((one) => html`<button type="button" class="button small"
      onClick=${() => change({ expires: iso(Date.now() + one * DAY_MS - (one === 90 ? HOUR_MS : 0)) })}>${t("cases.days", { n: one })}</button>`)}</div>
  </fieldset>`;
}

function Members({ form, change, known }) {
  const others = [...known.people.values()].filter((person) => person.roles.includes("investigator")
    && !person.disabled && person.account_id !== account.value.account_id);
  const toggle = (id, on) => change({ members: on ? [...form.members, id] : form.members.filter((one) => one !== id) });
  return html`<fieldset><legend>${t("cases.members")}</legend>
    ${others.length === 0 && html`<p class="muted">${t("cases.nobody")}</p>`}
    <div class="opening-members">${others.map((person) => html`<label class="check"><input type="checkbox"
      checked=${form.members.includes(person.account_id)} onChange=${(event) => toggle(person.account_id, event.target.checked)} />
      <span>${person.full_name || person.name} <span class="muted">${person.organisation}</span></span></label>`)}</div>
  </fieldset>`;
}

function Options({ form, change, amends }) {
  return html`<fieldset><legend>${t("cases.special")}</legend>
    ${!amends && html`<label class="check"><input type="checkbox" checked=${form.emergency}
      onChange=${(event) => change({ emergency: event.target.checked })} data-test="opening-emergency" />
      <span>${t("cases.emergency")}<br /><span class="muted small">${t("cases.emergencyAbout")}</span></span></label>`}
    <label class="check"><input type="checkbox" checked=${form.hold}
      onChange=${(event) => change({ hold: event.target.checked })} data-test="opening-hold" />
      <span>${t("cases.hold")}<br /><span class="muted small">${t("cases.holdAbout")}</span></span></label>
  </fieldset>`;
}

function Measure({ form, limits }) {
  const { cameras, hours } = useMemo(() => {
    const grants = grantsOf(form.scenes);
    return { cameras: new Set(grants.map((one) => one.camera_id)).size, hours: hoursOf(grants) };
  }, [form.scenes]);
  if (!limits) return null;
  const over = cameras > limits.case_cameras || hours > limits.case_hours;
  return html`<p class=${`grow ${over ? "bad-text" : "muted"}`} data-test="opening-measure">${t("cases.measure", {
    cameras: number(cameras), hours: length(hours * 3600), most_cameras: limits.case_cameras, most_hours: length(limits.case_hours * 3600),
  })}</p>`;
}
