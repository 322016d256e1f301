/* One case's papers, and what the caller may do with them: open, decide, add people, close. */
import { html, useState } from "../../lib/html.js";
import { number, t } from "../../lib/i18n.js";
import { post } from "../../lib/api.js";
import { href } from "../../lib/route.js";
import { length, ms } from "../../lib/time.js";
import { Dialog } from "../../parts/dialog.js";
import { said } from "../../parts/failure.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { CameraMap } from "../../parts/map.js";
import { StateChip, bySpan, mayDecide, mayOpen, standing, worksIn } from "../../parts/papers.js";
import { tell } from "../../parts/toasts.js";
import { nameOf } from "../cases.js";

export function Papers({ papers, known, reload }) {
  const now = standing(papers);
  const cameras = [...known.cameras.values()].filter((camera) =>
    papers.grants.some((grant) => grant.camera_id === camera.camera_id));
  return html`<div class="papers" data-test="papers">
    <header class="row wrap">
      <h1 class="grow papers-reference">${papers.reference}</h1><${StateChip} papers=${papers} />
    </header>
    ${mayOpen(papers) && html`<a class="button primary" href=${href("scene", papers.case_id)} data-test="case-open">
      ${t("cases.open")}<${Icon} name="forward" /></a>`}
    ${now === "requested" && worksIn(papers) && html`<p class="note warn">${t("cases.waits")}</p>`}
    ${now === "emergency" && html`<p class="note warn">${t("cases.emergencyUntil")} <${Instant} at=${papers.readable_until} /></p>`}
    ${mayDecide(papers) && ["requested", "emergency"].includes(now) && html`<${Deciding} papers=${papers} reload=${reload} />`}
    <dl class="facts">
      <${Fact} name="cases.offence">${papers.offence}<//>
      <${Fact} name="cases.legalBasis">${papers.legal_basis}<//>
      <${Fact} name="cases.purpose">${papers.purpose}<//>
      <${Fact} name="cases.requester">${nameOf(known.people, papers.requester)}, <${Instant} at=${papers.opened} /><//>
      ${papers.approver && html`<${Fact} name=${papers.state === "rejected" ? "cases.rejectedBy" : "cases.approver"}>
        ${nameOf(known.people, papers.approver)}, <${Instant} at=${papers.decided} /><//>`}
      <${Fact} name="cases.members">${papers.members.length
        ? papers.members.map((one) => nameOf(known.people, one)).join(", ") : t("cases.noMembers")}<//>
      <${Fact} name="cases.expires"><${Instant} at=${papers.expires} /><//>
      ${papers.hold && html`<${Fact} name="cases.hold">${t("cases.holdOn")}<//>`}
      ${papers.emergency && html`<${Fact} name="cases.emergency">${t("cases.emergencyOn")}<//>`}
      <${Fact} name="cases.number">${papers.case_id}, ${t("cases.version", { n: papers.version })}<//>
    </dl>
    <h2 class="h3">${t("cases.mayLookAt")}</h2>
    <${Grants} grants=${papers.grants} known=${known} />
    ${cameras.some((camera) => camera.lon_lat_deg) && html`<div class="papers-map">
      <${CameraMap} cameras=${cameras} kinds=${new Map(cameras.map((one) => [one.camera_id, "granted"]))} /></div>`}
    <${Acts} papers=${papers} known=${known} reload=${reload} />
  </div>`;
}

function Fact({ name, children }) {
  return html`<div><dt>${t(name)}</dt><dd>${children}</dd></div>`;
}

export function Grants({ grants, known }) {
  const cameraName = (id) => known.cameras.get(id)?.name ?? `#${id}`;
  return html`<ul class="grants">${bySpan(grants).map(({ start, end, camera_ids: ids }) => html`<li>
    <div><${Instant} at=${start} /> – <${Instant} at=${end} />
      <span class="muted"> ${length((ms(end) - ms(start)) / 1000)}</span></div>
    <details><summary>${t("cases.cameras", { n: number(ids.length) })}</summary>
      <p class="muted">${ids.map(cameraName).join(", ")}</p></details>
  </li>`)}</ul>`;
}

function Deciding({ papers, reload }) {
  const [note, setNote] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const decide = async (path, body, words) => {
    setBusy(true);
    setError(null);
    try {
      await post(`/cases/${papers.case_id}/${path}`, body);
      tell(t(words, { reference: papers.reference }), "good");
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
    await reload();
  };
  return html`<form class="panel deciding stack" onSubmit=${(event) => event.preventDefault()} data-test="deciding">
    <h2 class="h3">${t("cases.decide")}</h2>
    ${papers.emergency && html`<p class="note warn">${t("cases.emergencyDecide")}</p>`}
    <label class="field"><span>${t("cases.note")}</span>
      <textarea value=${note} onInput=${(event) => setNote(event.target.value)} data-test="decide-note"></textarea></label>
    ${error && html`<p class="bad-text" role="alert">${said(error)}</p>`}
    <div class="row">
      <button class="button primary" disabled=${busy} data-test="case-approve"
        onClick=${() => decide("approval", { version: papers.version, note }, "cases.approved")}>
        <${Icon} name="check" />${t("cases.approve")}</button>
      <button class="button danger" disabled=${busy || !note.trim()} title=${note.trim() ? "" : t("cases.rejectNeeds")}
        data-test="case-reject" onClick=${() => decide("rejection", { reason: note }, "cases.rejected")}>${t("cases.reject")}</button>
      <span class="muted small grow">${t("cases.rejectErases")}</span>
    </div>
  </form>`;
}

function Acts({ papers, known, reload }) {
  const [open, setOpen] = useState(null);
  const live = ["active", "emergency", "requested"].includes(standing(papers));
  const withdraws = mayDecide(papers) && standing(papers) === "active";
  if (!live || !(worksIn(papers) || withdraws)) return null;
  const done = async (words) => {
    setOpen(null);
    tell(t(words, { reference: papers.reference }), "good");
    await reload();
  };
  return html`<div class="row wrap papers-acts">
    ${worksIn(papers) && html`<button class="button small" onClick=${() => setOpen("member")} data-test="case-member">${t("cases.addMember")}</button>
    <a class="button small" href=${href("cases", null, { new: 1, from: papers.case_id })} data-test="case-amend">${t("cases.amend")}</a>
    <button class="button small danger" onClick=${() => setOpen("close")} data-test="case-close">${t("cases.close")}</button>`}
    ${withdraws && html`<button class="button small danger" onClick=${() => setOpen("withdraw")} data-test="case-withdraw">${t("cases.withdraw")}</button>`}
    ${open === "member" && html`<${MemberDialog} papers=${papers} known=${known} done=${done} onClose=${() => setOpen(null)} />`}
    ${open === "close" && html`<${ReasonDialog} papers=${papers} path="closing" title="cases.close" about="cases.closeAbout"
      words="cases.closed" done=${done} onClose=${() => setOpen(null)} />`}
    ${open === "withdraw" && html`<${ReasonDialog} papers=${papers} path="rejection" title="cases.withdraw" about="cases.withdrawAbout"
      words="cases.rejected" done=${done} onClose=${() => setOpen(null)} />`}
  </div>`;
}

function ReasonDialog({ papers, path, title, about, words, done, onClose }) {
  const [reason, setReason] = useState("");
  const [error, setError] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    try {
      await post(`/cases/${papers.case_id}/${path}`, { reason });
      await done(words);
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<${Dialog} title=${`${t(title)}: ${papers.reference}`} onClose=${onClose} test=${`dialog-${path}`}>
    <p>${t(about)}</p>
    <form class="stack" onSubmit=${send}>
      <label class="field"><span>${t("cases.reason")}</span>
        <textarea required value=${reason} onInput=${(event) => setReason(event.target.value)} data-test="reason"></textarea></label>
      ${error && html`<p class="bad-text" role="alert">${said(error)}</p>`}
      <div class="row"><button class="button danger" data-test="reason-send">${t(title)}</button>
        <button type="button" class="button quiet" onClick=${onClose}>${t("shell.cancel")}</button></div>
    </form>
  <//>`;
}

function MemberDialog({ papers, known, done, onClose }) {
  const [error, setError] = useState(null);
  const others = [...known.people.values()].filter((person) => person.roles.includes("investigator") && !person.disabled
    && person.account_id !== papers.requester && person.account_id !== papers.approver
    && !papers.members.includes(person.account_id));
  const add = async (person) => {
    try {
      await post(`/cases/${papers.case_id}/members`, { account_id: person.account_id });
      await done("cases.memberAdded");
    } catch (failure) {
      setError(failure);
    }
  };
  return html`<${Dialog} title=${t("cases.addMember")} onClose=${onClose} test="dialog-member">
    ${error && html`<p class="bad-text" role="alert">${said(error)}</p>`}
    ${others.length === 0 && html`<p class="muted">${t("cases.nobody")}</p>`}
    <ul class="stack">${others.map((person) => html`<li class="row">
      <span class="grow">${person.full_name || person.name} <span class="muted">${person.organisation}</span></span>
      <button class="button small" onClick=${() => add(person)} data-test=${`member-${person.name}`}>${t("cases.add")}</button></li>`)}</ul>
  <//>`;
}
