/* Where the page is, by location.hash: #/cases/17/scene?camera=3&at=... */
import { Signal } from "./signal.js";

export const VIEWS = ["scene", "candidates", "trajectory", "report", "series"];

function parsed() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [first = "", caseId = null, view = null] = path.split("/");
  const options = Object.fromEntries(new URLSearchParams(query));
  if (first === "cases" && caseId && /^\d+$/.test(caseId)) {
    return { name: VIEWS.includes(view) ? view : "scene", caseId, options };
  }
  return { name: first === "login" ? "login" : "cases", caseId: null, options };
}

export const route = new Signal(parsed());
window.addEventListener("hashchange", () => {
  route.value = parsed();
});

/** The address of a view: href("cases"), href("candidates", caseId, {…}). */
export function href(name, caseId = null, options = {}) {
  const query = new URLSearchParams(
    Object.entries(options).filter(([, value]) => value !== null && value !== undefined),
  ).toString();
  const path = caseId ? `#/cases/${caseId}/${name}` : `#/${name}`;
  return query ? `${path}?${query}` : path;
}

export function go(name, caseId = null, options = {}) {
  location.hash = href(name, caseId, options);
}
