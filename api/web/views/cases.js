/* The cases that one may see. */
import { html, useEffect, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { get } from "../lib/api.js";
import { href } from "../lib/route.js";
import { StateChip } from "../parts/papers.js";

export function View() {
  const [cases, setCases] = useState([]);
  useEffect(() => { get("/cases").then(setCases); }, []);
  return html`<div class="pad stack"><h1>${t("cases.title")}</h1>
    ${cases.map((papers) => html`<a href=${href("scene", papers.case_id)}>${papers.reference} <${StateChip} papers=${papers} /></a>`)}</div>`;
}
