/* Placeholder until the view is there. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";

export function View() {
  return html`<div class="empty">${t("report.title")}</div>`;
}
