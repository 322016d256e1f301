/* The shell: who is in, where one is, and what lies round every view. */
import { html, render, useEffect, useState } from "./lib/html.js";
import { styled } from "./lib/styled.js";
import { language, t, useLanguage } from "./lib/i18n.js";
import { listen } from "./lib/keys.js";
import { go, route, VIEWS } from "./lib/route.js";
import { account, expired, whoAmI } from "./lib/session.js";
import { useSignal } from "./lib/signal.js";
import { storeOf, useStore } from "./lib/store.js";
import { theme } from "./lib/theme.js";
import { CaseBar } from "./parts/casebar.js";
import { Failure } from "./parts/failure.js";
import { KeysHelp, useShellKeys } from "./parts/keyshelp.js";
import { mayOpen } from "./parts/papers.js";
import { Toasts } from "./parts/toasts.js";
import { TopBar } from "./parts/topbar.js";
import { LoginDialog, View as Login } from "./views/login.js";
import { View as Cases } from "./views/cases.js";
import { View as Waiting } from "./views/waiting.js";

// The views of a case come when they are wanted, or once the page has nothing else to do.
const SOURCES = {
  scene: () => import("./views/scene.js"),
  candidates: () => import("./views/candidates.js"),
  trajectory: () => import("./views/trajectory.js"),
  report: () => import("./views/report.js"),
  series: () => import("./views/series.js"),
};
const views = {};

function viewOf(name) {
  views[name] ??= Promise.all([SOURCES[name](), styled(`page/views/${name}.css`)]).then(([{ View }]) => {
    views[name].View = View;
    return View;
  });
  return views[name];
}

function useView(name) {
  const [, shown] = useState(null);
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    viewOf(name).then(() => shown(name), setFailed);
  }, [name]);
  return [views[name]?.View ?? null, failed];
}

function App() {
  useLanguage();
  useSignal(theme);
  const who = useSignal(account);
  const asksAgain = useSignal(expired);
  if (who === undefined) return html`<div class="empty" role="status">${t("shell.loading")}</div>`;
  if (who === null) return html`<${Login} /><${Toasts} />`;
  return html`<${Inside} key=${who.account_id} />
    ${asksAgain && html`<${LoginDialog} />`}
    <${Toasts} />`;
}

function Inside() {
  const { name, caseId, options } = useSignal(route);
  useShellKeys(caseId);
  useEffect(() => {
    if (name === "login") go("cases");
  }, [name]);
  return html`<${TopBar} caseId=${caseId} view=${name} />
    ${caseId
      ? html`<${InCase} key=${caseId} caseId=${caseId} view=${name} options=${options} />`
      : html`<main class="view" id="view"><${Cases} options=${options} /></main>`}
    <${KeysHelp} />`;
}

function InCase({ caseId, view, options }) {
  const store = storeOf(caseId);
  const { loading, failed, case: papers } = useStore(store);
  const [Shown, lacking] = useView(view);
  useEffect(() => {
    store.load({ again: true });
  }, [store]);
  if (failed) {
    return html`<main class="view pad"><${Failure} error=${failed} retry=${() => store.load({ again: true })} /></main>`;
  }
  if (loading) return html`<main class="view pad" role="status">${t("shell.loading")}</main>`;
  if (!mayOpen(papers)) return html`<main class="view" id="view"><${Waiting} store=${store} /></main>`;
  return html`<${CaseBar} store=${store} view=${view} />
    <main class="view" id="view" data-test=${`view-${view}`}>
      ${lacking && html`<div class="pad"><${Failure} error=${lacking} retry=${() => location.reload()} /></div>`}
      ${Shown && html`<${Shown} key=${view} caseId=${caseId} store=${store} options=${options} />`}
    </main>`;
}

/** Everything that may be wanted next, while nobody waits for it. */
function foresee() {
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 1500));
  idle(() => Object.keys(SOURCES).forEach((name) => viewOf(name).catch(() => null)));
}

function titled() {
  const { name, caseId } = route.value;
  const words = VIEWS.includes(name) ? t(`${name}.title`) : t("cases.title");
  document.title = caseId ? `${words} · ${caseId} · CaseTrace` : `${words} · CaseTrace`;
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
}

listen();
route.watch(titled);
language.watch(titled);
titled();
const page = document.getElementById("page");
page.replaceChildren();
render(html`<${App} />`, page);
whoAmI().then(foresee).catch((error) => {
  render(html`<main class="view pad"><${Failure} error=${error} retry=${() => location.reload()} /></main>`,
    page);
});
