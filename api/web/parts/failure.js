/* What went wrong, in words of the language, with what the service said. */
import { html } from "../lib/html.js";
import { has, t } from "../lib/i18n.js";
import { ApiError } from "../lib/api.js";
import { Icon } from "./icon.js";

/** One line about an error: known words for its code, and the service's own where they say more. */
export function said(error) {
  if (!(error instanceof ApiError)) return t("error.page", { message: String(error?.message ?? error) });
  const words = has(`error.${error.code}`) ? t(`error.${error.code}`) : t("error.other", { code: error.code });
  return error.message ? `${words} (${error.message})` : words;
}

/** The error where the thing would have been; `retry` offers another try. */
export function Failure({ error, retry = null }) {
  return html`<div class="failure" role="alert" data-test="failure">
    <${Icon} name="warn" />
    <span class="grow">${said(error)}
      ${error.requestId && error.status >= 500 && html`<span class="muted mono"> ${error.requestId}</span>`}
    </span>
    ${retry && html`<button class="button small" onClick=${retry}>${t("shell.retry")}</button>`}
  </div>`;
}
