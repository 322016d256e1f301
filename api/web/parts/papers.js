/* Small parts of a case's papers. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { account, hasRole } from "../lib/session.js";
import { ms } from "../lib/time.js";

/** How a case stands for a reader: requested, emergency, active, expired, rejected, closed. */
export function standing(papers, nowMs = Date.now()) {
  if (papers.state === "active") return ms(papers.expires) <= nowMs ? "expired" : "active";
  if (papers.state !== "requested") return papers.state;
  if (ms(papers.expires) <= nowMs) return "expired";
  return papers.emergency && papers.readable_until && ms(papers.readable_until) > nowMs ? "emergency" : "requested";
}

const KINDS = { active: "good", requested: "warn", emergency: "warn", rejected: "bad" };

export function StateChip({ papers }) {
  const now = standing(papers);
  return html`<span class=${`chip ${KINDS[now] ?? ""}`} data-test="case-state">${t(`cases.state.${now}`)}</span>`;
}

/** Whether the caller works in the case. */
export function worksIn(papers) {
  const own = account.value.account_id;
  return papers.requester === own || papers.members.includes(own);
}

/** Whether the caller may look at what the case's cameras kept, now. */
export function mayOpen(papers, nowMs = Date.now()) {
  return worksIn(papers) && papers.readable_until !== null && ms(papers.readable_until) > nowMs;
}

/** Whether the caller may approve or reject: an approver who does not work in it. */
export const mayDecide = (papers) => hasRole("approver") && !worksIn(papers);

/** Hours that the grants cover together; an hour of many cameras is one hour, as the limits count. */
export function hoursOf(grants) {
  const spans = grants.map((grant) => [ms(grant.start), ms(grant.end)]).sort((a, b) => a[0] - b[0]);
  let total = 0;
  let until = -Infinity;
  for (const [start, end] of spans) {
    total += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return total / 3_600_000;
}

/** Grants by span: [{start, end, camera_ids}], for cameras that share one. */
export function bySpan(grants) {
  const spans = new Map();
  for (const { camera_id, start, end } of grants) {
    const key = `${start} ${end}`;
    if (!spans.has(key)) spans.set(key, { start, end, camera_ids: [] });
    spans.get(key).camera_ids.push(camera_id);
  }
  return [...spans.values()].sort((a, b) => ms(a.start) - ms(b.start));
}
