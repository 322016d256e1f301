/* The bar above everything: where one is, language, theme, zone, keys, who is in. */
import { html } from "../lib/html.js";
import { LANGUAGES, language, t } from "../lib/i18n.js";
import { href } from "../lib/route.js";
import { account, logOut } from "../lib/session.js";
import { useSignal } from "../lib/signal.js";
import { shownTheme, theme } from "../lib/theme.js";
import { ZONES, zone } from "../lib/time.js";
import { Icon } from "./icon.js";
import { showsKeys } from "./keyshelp.js";

export function TopBar({ caseId }) {
  const who = useSignal(account);
  const shown = useSignal(zone);
  const dark = shownTheme() === "dark";
  return html`<header class="topbar">
    <a class="skip" href="#view" onClick=${toView}>${t("shell.skip")}</a>
    <a class="brand" href=${href("cases")} data-test="to-cases"><${Mark} />CaseTrace</a>
    <nav class="grow" aria-label=${t("shell.places")}>
      <a class="place" href=${href("cases")} aria-current=${caseId ? undefined : "page"}>${t("cases.title")}</a>
      ${caseId && html`<span class="place" aria-current="page">${t("shell.case", { id: caseId })}</span>`}
    </nav>
    <label class="topbar-field" title=${t("shell.zone")}>
      <span class="visually-hidden">${t("shell.zone")}</span>
      <select class="quiet-select" value=${shown} onChange=${(event) => { zone.value = event.target.value; }}
        data-test="zone">
        ${ZONES.map((name) => html`<option value=${name} selected=${name === shown}>${name}</option>`)}
      </select>
    </label>
    <div class="switch" role="group" aria-label=${t("shell.language")}>
      ${LANGUAGES.map(([code, name]) => html`<button lang=${code} aria-pressed=${language.value === code}
        onClick=${() => { language.value = code; }} data-test=${`language-${code}`}>${name}</button>`)}
    </div>
    <button class="button quiet" onClick=${() => { theme.value = dark ? "light" : "dark"; }}
      aria-label=${t(dark ? "shell.light" : "shell.dark")} title=${t(dark ? "shell.light" : "shell.dark")}
      data-test="theme"><${Icon} name=${dark ? "sun" : "moon"} /></button>
    <button class="button quiet" onClick=${() => { showsKeys.value = true; }} aria-label=${t("shell.keys")}
      title=${`${t("shell.keys")} (?)`} data-test="keys"><${Icon} name="keys" /></button>
    <span class="who" title=${who.roles.map((role) => t(`role.${role}`)).join(", ")}>
      <${Icon} name="user" /> ${who.full_name || who.name}</span>
    <button class="button quiet small" onClick=${logOut} data-test="log-out">${t("shell.logOut")}</button>
  </header>`;
}

function toView(event) {
  event.preventDefault();
  const view = document.getElementById("view");
  view?.setAttribute("tabindex", "-1");
  view?.focus();
}

export function Mark() {
  return html`<svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M3.5 11.5L7 6l3 3 2.5-4.5" /><circle cx="3.5" cy="11.5" r="1.5" /><circle cx="12.5" cy="4.5" r="1.5" />
  </svg>`;
}
