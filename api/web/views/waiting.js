/* A case that cannot be read now: its papers, and a look now and then whether that has changed. */
import { html, useEffect } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { get } from "../lib/api.js";
import { href } from "../lib/route.js";
import { useStore } from "../lib/store.js";
import { mayOpen, standing, worksIn } from "../parts/papers.js";
import { tell } from "../parts/toasts.js";
import { Papers } from "./cases/papers.js";

const AGAIN_MS = 10_000;

export function View({ store }) {
  const { case: papers, cameras, people } = useStore(store);
  const reload = async () => {
    // The list writes no entry in the audit log, as reading one case does.
    const now = (await get("/cases")).find((one) => one.case_id === store.caseId);
    if (!now || now.version === papers.version) return;
    if (mayOpen(now)) {
      tell(t("cases.approved", { reference: now.reference }), "good");
      await store.load({ again: true });
    } else store.set({ case: now });
  };
  useEffect(() => {
    const timer = setInterval(() => document.hidden || reload().catch(() => null), AGAIN_MS);
    return () => clearInterval(timer);
  });
  return html`<div class="waiting-view" data-test="view-waiting">
    <div role="status"><h1>${t(`cases.shut.${worksIn(papers) ? standing(papers) : "stranger"}`)}</h1>
      <p class="muted">${standing(papers) === "requested" && worksIn(papers) ? t("cases.looksAgain") : ""}
        <a href=${href("cases")}>${t("cases.toList")}</a></p></div>
    <section class="panel"><${Papers} papers=${papers} known=${{ cameras, people }} reload=${reload} /></section>
  </div>`;
}
