/* Logging in: as a page, and as a dialog over a view whose login has expired. */
import { html, useEffect, useRef, useState } from "../lib/html.js";
import { LANGUAGES, language, t } from "../lib/i18n.js";
import { account, logIn } from "../lib/session.js";
import { Dialog } from "../parts/dialog.js";
import { said } from "../parts/failure.js";
import { Mark } from "../parts/topbar.js";

export function View() {
  return html`<main class="login" data-test="view-login">
    <section class="panel login-panel">
      <h1 class="brand"><${Mark} />CaseTrace</h1>
      <p class="muted">${t("login.about")}</p>
      <${LoginForm} />
      <p class="muted small">${t("login.watched")}</p>
      <div class="switch" role="group" aria-label=${t("shell.language")}>
        ${LANGUAGES.map(([code, name]) => html`<button lang=${code} aria-pressed=${language.value === code}
          onClick=${() => { language.value = code; }} data-test=${`language-${code}`}>${name}</button>`)}
      </div>
    </section>
  </main>`;
}

export function LoginDialog() {
  return html`<${Dialog} title=${t("login.again")} test="login-dialog">
    <p>${t("login.nothingLost")}</p>
    <${LoginForm} name=${account.value?.name ?? ""} />
  <//>`;
}

function LoginForm({ name: first = "" }) {
  const [name, setName] = useState(first);
  const [password, setPassword] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const start = useRef(null);
  // A dialog focuses what has `autofocus` when it opens; a page has to be told.
  useEffect(() => start.current.focus(), []);
  const send = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(name.trim(), password);
    } catch (failure) {
      setError(failure);
      setPassword("");
      setBusy(false);
    }
  };
  return html`<form class="stack" onSubmit=${send} data-test="login-form">
    <label class="field"><span>${t("login.name")}</span>
      <input ref=${first ? undefined : start} autofocus=${!first} name="username" autocomplete="username" required value=${name}
        onInput=${(event) => setName(event.target.value)} data-test="login-name" /></label>
    <label class="field"><span>${t("login.password")}</span>
      <input ref=${first ? start : undefined} autofocus=${Boolean(first)} name="password" type="password" autocomplete="current-password" required
        value=${password} onInput=${(event) => setPassword(event.target.value)} data-test="login-password" /></label>
    ${error && html`<p class="bad-text" role="alert" data-test="login-error">${said(error)}</p>`}
    <button class="button primary" disabled=${busy} data-test="login-send">${t("login.send")}</button>
  </form>`;
}
