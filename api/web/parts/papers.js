/* Small parts of a case's papers. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { ms } from "../lib/time.js";

/** How a case stands for a reader: requested, emergency, active, expired, rejected, closed. */
export function standing(papers, nowMs = Date.now()) {
  if (papers.state === "active") return ms(papers.expires) <= nowMs ? "expired" : "active";
  if (papers.state !== "requested") return papers.state;
  if (ms(papers.expires) <= nowMs) return "expired";
  return papers.emergency && papers.readable_until ? "emergency" : "requested";
}

const KINDS = { active: "good", requested: "warn", emergency: "warn", rejected: "bad" };

export function StateChip({ papers }) {
  const now = standing(papers);
  return html`<span class=${`chip ${KINDS[now] ?? ""}`} data-test="case-state">${t(`cases.state.${now}`)}</span>`;
}
