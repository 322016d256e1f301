/* Report: what the case still lacks before it is worth filing, the report itself, and taking it along. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { bytes, get, url } from "../lib/api.js";
import { language as pageLanguage, LANGUAGES, t } from "../lib/i18n.js";
import { useKeys } from "../lib/keys.js";
import { href } from "../lib/route.js";
import { useSignal } from "../lib/signal.js";
import { zone as pageZone } from "../lib/time.js";
import { Failure, said } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { tell } from "../parts/toasts.js";

// Where what is missing can be mended.
const MENDED = {
  nothing_confirmed: "candidates", one_reviewer: "candidates", contested: "candidates",
  proposed: "candidates", rival: "candidates", unsure: "candidates", infeasible: "trajectory",
  contradiction: "trajectory", no_scene: "scene",
};

export function View({ caseId, store }) {
  const zone = useSignal(pageZone);
  const [status, setStatus] = useState(null);
  const [failed, setFailed] = useState(null);
  const [language, setLanguage] = useState(store.draft("report.language", pageLanguage.value));
  const [shown, setShown] = useState(null); // {src, key, loading}
  const [saving, setSaving] = useState(false);
  const check = async () => {
    setFailed(null);
    try {
      setStatus(await get(`/cases/${caseId}/report`));
      return true;
    } catch (error) {
      setFailed(error);
      return false;
    }
  };
  useEffect(() => { check(); }, [caseId]);
  const choose = (chosen) => {
    setLanguage(chosen);
    store.setDraft("report.language", chosen);
    setShown(null);
  };
  // The check comes first: an expired login is asked for here, not inside the frame.
  const preview = async () => {
    setShown({ key: Date.now(), src: null });
    if (!(await check())) return setShown(null);
    setShown({ key: Date.now(), src: url(`/cases/${caseId}/report.html`, { language, zone }), loading: true });
  };
  const save = async (form) => {
    setSaving(true);
    try {
      await saved(url(`/cases/${caseId}/report.${form}`, { language, zone }));
    } catch (error) {
      tell(said(error), "bad");
    }
    setSaving(false);
  };
  useKeys("report.title", {
    p: { does: preview, words: "report.key.preview" },
    d: { does: () => save("pdf"), words: "report.key.pdf" },
    l: { does: () => choose(language === "zh" ? "en" : "zh"), words: "report.key.language" },
  });
  return html`<div class="report">
    <aside class="report-side" aria-label=${t("report.asOf")}>
      ${failed && html`<${Failure} error=${failed} retry=${check} />`}
      ${!status && !failed && html`<p class="muted" role="status">${t("report.checking")}</p>`}
      ${status && html`<${Status} status=${status} caseId=${caseId} check=${check} />`}
      <section class="report-make">
        <div class="field"><span id="report-language">${t("report.language")}</span>
          <div class="switch" role="group" aria-labelledby="report-language">${LANGUAGES.map(([code, name]) => html`
            <button aria-pressed=${language === code} onClick=${() => choose(code)} lang=${code}
              data-test=${`report-${code}`}>${name}</button>`)}</div></div>
        <p class="muted small">${t("report.zone", { zone })}</p>
        <div class="row wrap">
          <button class="button primary" onClick=${preview} disabled=${shown?.loading} data-test="report-preview">
            ${t(shown ? "report.previewAgain" : "report.preview")}</button>
          <button class="button" onClick=${() => save("pdf")} disabled=${saving} data-test="report-pdf">${t("report.pdf")}</button>
          <button class="button" onClick=${() => save("html")} disabled=${saving} data-test="report-html">${t("report.html")}</button>
        </div>
        <p class="muted small" role="status">${saving ? t("report.making") : t("report.logged")}</p>
      </section>
    </aside>
    <${Shown} caseId=${caseId} shown=${shown} onLoad=${() => setShown((old) => old && { ...old, loading: false })} />
  </div>`;
}

function Status({ status, caseId, check }) {
  const blocking = status.lacks.filter((lack) => lack.blocking);
  const remarks = status.lacks.filter((lack) => !lack.blocking);
  const counts = ["sightings", "hops", "probes", "decisions"];
  return html`<section class="stack" data-test="report-status">
    <div class="row"><h2 class=${status.worth_filing ? "good-text" : "bad-text"}>
      ${t(status.worth_filing ? "report.ready" : "report.notReady")}</h2><span class="grow"></span>
      <button class="button small" onClick=${check}>${t("report.again")}</button></div>
    <dl class="report-counts">${counts.map((name) => html`<div><dt>${t(`report.${name}`)}</dt><dd>${status[name]}</dd></div>`)}</dl>
    ${status.undecided_by_caller > 0 && html`<p class="report-yours" data-test="report-yours"><${Icon} name="warn" />
      <span>${t("report.yours", { n: status.undecided_by_caller })}</span></p>`}
    ${!status.lacks.length && html`<p class="muted">${t("report.nothingMissing")}</p>`}
    <${Lacks} title="report.blocking" lacks=${blocking} caseId=${caseId} tone="bad" />
    <${Lacks} title="report.remarks" lacks=${remarks} caseId=${caseId} tone="warn" />
  </section>`;
}

function Lacks({ title, lacks, caseId, tone }) {
  if (!lacks.length) return null;
  return html`<div><h3>${t(title)}</h3><ul class="report-lacks">${lacks.map((lack) => {
    const view = MENDED[lack.kind];
    return html`<li class=${tone}><span class="grow">${t(`report.lack.${lack.kind}`, { n: lack.count })}</span>
      ${view && html`<a href=${href(view, caseId)}>${t(`report.to${view[0].toUpperCase()}${view.slice(1)}`)}</a>`}</li>`;
  })}</ul></div>`;
}

function Shown({ caseId, shown, onLoad }) {
  const frame = useRef(null);
  if (!shown) return html`<div class="report-paper empty" data-test="report-none">${t("report.none")}</div>`;
  return html`<div class="report-paper">
    ${(shown.loading || !shown.src) && html`<div class="report-wait empty" role="status">${t("report.making")}</div>`}
    ${shown.src && html`<iframe ref=${frame} key=${shown.key} src=${shown.src} sandbox="" onLoad=${onLoad}
      title=${t("report.frame", { id: caseId })} data-test="report-frame"></iframe>`}
  </div>`;
}

/** Fetches the file and hands it to the browser to keep, under the name that the service gave it. */
async function saved(where) {
  const { blob, headers } = await bytes(where);
  const name = /filename="([^"]+)"/.exec(headers.get("Content-Disposition") ?? "")?.[1] ?? "report";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  tell(t("report.saved", { name, sha256: headers.get("X-CaseTrace-SHA256") ?? "" }));
}
