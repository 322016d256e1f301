/* The bar of a case: its papers in a line, its views, and how much of it was searched. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { href, VIEWS } from "../lib/route.js";
import { useStore } from "../lib/store.js";
import { CoverageMark } from "./coverage.js";
import { Instant } from "./instant.js";
import { StateChip } from "./papers.js";

export function CaseBar({ store, view }) {
  const state = useStore(store);
  const papers = state.case;
  return html`<section class="casebar" aria-label=${t("shell.case", { id: store.caseId })} data-test="casebar">
    <div class="casebar-papers">
      <h1 class="casebar-reference">${papers.reference}</h1>
      <span class="casebar-offence" title=${papers.purpose}>${papers.offence}</span>
      <${StateChip} papers=${papers} />
      <span class="muted casebar-until">${t("cases.until")} <${Instant} at=${papers.readable_until ?? papers.expires} show="full" /></span>
    </div>
    <nav class="tabs" aria-label=${t("shell.views")}>
      ${VIEWS.map((name, number) => html`<a href=${href(name, store.caseId)} class="tab"
        aria-current=${name === view ? "page" : undefined} data-test=${`tab-${name}`}
        title=${`${t(`${name}.title`)} (${number + 1})`}>${t(`${name}.title`)}${mark(name, state)}</a>`)}
    </nav>
    <${CoverageMark} store=${store} />
  </section>`;
}

function mark(view, { answer, searching, selected }) {
  if (view === "scene" && selected.size) return html`<span class="count">${selected.size}</span>`;
  if (view !== "candidates") return null;
  if (searching) return html`<span class="spinner" role="status" aria-label=${t("shell.searching")}></span>`;
  return answer?.candidates ? html`<span class="count">${answer.candidates.length}</span>` : null;
}
