/* The cases that one may see: mine, waiting for approval, over. Asking for a new one. */
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { get } from "../lib/api.js";
import { useKeys } from "../lib/keys.js";
import { go, href } from "../lib/route.js";
import { account, hasRole } from "../lib/session.js";
import { length } from "../lib/time.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { Instant } from "../parts/instant.js";
import { StateChip, hoursOf, mayOpen, standing, worksIn } from "../parts/papers.js";
import { Opening } from "./cases/opening.js";
import { Papers } from "./cases/papers.js";

const OPEN = ["active", "emergency", "requested"];
const AGAIN_MS = 20_000;

const LISTS = {
  mine: (papers) => worksIn(papers) && OPEN.includes(standing(papers)),
  waiting: (papers) => ["requested", "emergency"].includes(standing(papers)),
  over: (papers) => !OPEN.includes(standing(papers)),
  all: () => true,
};

export function View({ options }) {
  const [cases, setCases] = useState(null);
  const [known, setKnown] = useState({ cameras: new Map(), people: new Map() });
  const [failed, setFailed] = useState(null);
  const load = () => get("/cases").then(setCases, setFailed);
  useEffect(() => {
    setFailed(null);
    load(); // again when one comes back from asking for a case
  }, [options.new]);
  useEffect(() => {
    Promise.all([get("/cameras"), get("/accounts")]).then(
      ([cameras, people]) => setKnown({
        cameras: new Map(cameras.map((one) => [one.camera_id, one])),
        people: new Map(people.map((one) => [one.account_id, one])),
      }),
      setFailed,
    );
    // The list alone writes no entry in the audit log, so it may look again by itself.
    const timer = setInterval(() => document.hidden || get("/cases").then(setCases, () => null), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  if (failed) return html`<div class="pad"><${Failure} error=${failed} retry=${() => { setFailed(null); load(); }} /></div>`;
  if (!cases) return html`<div class="pad" role="status">${t("shell.loading")}</div>`;
  if (options.new) return html`<${Opening} known=${known} />`;
  return html`<${List} cases=${cases} known=${known} options=${options} reload=${load} />`;
}

function List({ cases, known, options, reload }) {
  const decides = hasRole("approver") && !hasRole("investigator");
  const list = LISTS[options.list] ? options.list : firstList(cases, decides);
  const shown = useMemo(() => cases.filter(LISTS[list]), [cases, list]);
  const chosen = shown.find((papers) => papers.case_id === options.case) ?? shown[0] ?? null;
  const choose = (papers) => papers && go("cases", null, { list, case: papers.case_id });
  const step = (by) => choose(shown[shown.indexOf(chosen) + by]);
  useKeys("cases.title", {
    j: { does: () => step(1), words: "cases.key.next" },
    k: { does: () => step(-1), words: "cases.key.previous" },
    ArrowDown: { does: () => step(1) },
    ArrowUp: { does: () => step(-1) },
    Enter: { does: () => chosen && mayOpen(chosen) && go("scene", chosen.case_id), words: "cases.key.open" },
    n: { does: () => go("cases", null, { new: 1 }), words: "cases.new", off: !hasRole("investigator") },
  });
  return html`<div class="cases" data-test="view-cases">
    <section class="cases-list" aria-label=${t("cases.title")}>
      <header class="cases-head">
        <nav class="tabs" aria-label=${t("cases.lists")}>
          ${Object.keys(LISTS).map((name) => html`<a class="tab" href=${href("cases", null, { list: name })}
            aria-current=${name === list ? "page" : undefined} data-test=${`cases-${name}`}>
            ${t(`cases.list.${name}`)}<span class="count">${cases.filter(LISTS[name]).length}</span></a>`)}
        </nav>
        <span class="grow"></span>
        ${hasRole("investigator") && html`<a class="button primary" href=${href("cases", null, { new: 1 })} data-test="case-new">
          <${Icon} name="plus" />${t("cases.new")}</a>`}
      </header>
      ${shown.length ? html`<${Table} shown=${shown} chosen=${chosen} known=${known} choose=${choose} />`
        : html`<div class="empty">${t(`cases.none.${list}`)}</div>`}
    </section>
    <aside class="cases-papers" aria-label=${t("cases.papers")}>
      ${chosen && html`<${Papers} key=${`${chosen.case_id}.${chosen.version}`} papers=${chosen} known=${known} reload=${reload} />`}
    </aside>
  </div>`;
}

function firstList(cases, decides) {
  if (decides) return "waiting";
  return cases.some(LISTS.mine) || !cases.length ? "mine" : "all";
}

function Table({ shown, chosen, known, choose }) {
  return html`<table class="cases-table">
    <thead><tr><th>${t("cases.reference")}</th><th>${t("cases.offence")}</th><th>${t("cases.state")}</th>
      <th>${t("cases.scope")}</th><th>${t("cases.requester")}</th><th>${t("cases.expires")}</th></tr></thead>
    <tbody>${shown.map((papers) => html`<tr key=${papers.case_id} aria-current=${papers === chosen ? "true" : undefined}
        onClick=${() => choose(papers)} onDblClick=${() => mayOpen(papers) && go("scene", papers.case_id)}
        data-test=${`case-${papers.case_id}`}>
      <td class="nowrap"><a href=${mayOpen(papers) ? href("scene", papers.case_id) : href("cases", null, { list: "all", case: papers.case_id })}
        onClick=${(event) => event.stopPropagation()}>${papers.reference}</a></td>
      <td><span class="two-lines">${papers.offence}</span></td>
      <td><${StateChip} papers=${papers} /></td>
      <td class="nowrap muted">${t("cases.scopeOf", { cameras: new Set(papers.grants.map((one) => one.camera_id)).size,
        hours: length(hoursOf(papers.grants) * 3600) })}</td>
      <td class="nowrap">${nameOf(known.people, papers.requester)}</td>
      <td class="nowrap"><${Instant} at=${papers.expires} /></td>
    </tr>`)}</tbody>
  </table>`;
}

export function nameOf(people, accountId) {
  if (accountId === account.value.account_id) return t("cases.me");
  const person = people.get(accountId);
  return person ? person.full_name || person.name : `#${accountId}`;
}
