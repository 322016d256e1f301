/* Dark or light: what somebody chose, else what the system says. */
import { kept } from "./signal.js";

export const theme = kept("casetrace.theme", "system", ["system", "dark", "light"]);
const system = window.matchMedia("(prefers-color-scheme: light)");

/** "dark" or "light", as it is shown now. */
export function shownTheme() {
  if (theme.value !== "system") return theme.value;
  return system.matches ? "light" : "dark";
}

function apply() {
  document.documentElement.dataset.theme = shownTheme();
}

theme.watch(apply);
system.addEventListener("change", () => {
  apply();
  theme.tell();
});
apply();
