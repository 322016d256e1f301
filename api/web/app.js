/* The shell: who is in, where one is, and what lies round every view. */
import { html, render, useEffect } from "./lib/html.js";
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
import { View as Scene } from "./views/scene.js";
import { View as Waiting } from "./views/waiting.js";
import { View as Candidates } from "./views/candidates.js";
import { View as Trajectory } from "./views/trajectory.js";
import { View as Report } from "./views/report.js";

const CASE_VIEWS = { scene: Scene, candidates: Candidates, trajectory: Trajectory, report: Report };

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
  useEffect(() => {
    store.load({ again: true });
  }, [store]);
  if (failed) {
    return html`<main class="view pad"><${Failure} error=${failed} retry=${() => store.load({ again: true })} /></main>`;
  }
  if (loading) return html`<main class="view pad" role="status">${t("shell.loading")}</main>`;
  if (!mayOpen(papers)) return html`<main class="view" id="view"><${Waiting} store=${store} /></main>`;
  const Shown = CASE_VIEWS[view];
  return html`<${CaseBar} store=${store} view=${view} />
    <main class="view" id="view" data-test=${`view-${view}`}>
      <${Shown} key=${view} caseId=${caseId} store=${store} options=${options} />
    </main>`;
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
render(html`<${App} />`, document.getElementById("page"));
whoAmI().catch((error) => {
  render(html`<main class="view pad"><${Failure} error=${error} retry=${() => location.reload()} /></main>`,
    document.getElementById("page"));
});
