/* Why a score: evidence as bars, in words, and the chance that comes of it. */
import { html } from "../lib/html.js";
import { number, percent, t } from "../lib/i18n.js";

const FULL_NATS = 8; // a bar's full length; more runs to the edge with its number
// Verbal scale of the ENFSI guideline for evaluative reporting (2015), in powers of ten.
const STRENGTHS = [[2, "none"], [10, "weak"], [100, "moderate"], [1000, "fair"], [10_000, "strong"]];

/** How strong evidence of `llr` nats is, in words. */
export function strength(llr) {
  const ratio = Math.exp(Math.abs(llr));
  const found = STRENGTHS.find(([below]) => ratio < below);
  const name = found ? found[1] : "very";
  return name === "none" ? t("why.none") : t(llr > 0 ? `why.for.${name}` : `why.against.${name}`);
}

export const signed = (value, digits = 1) => `${value < 0 ? "−" : "+"}${number(Math.abs(value), digits)}`;

/** Of `probability`, in words and number. */
export function chance(probability) {
  const words = probability >= 0.95 ? "very" : probability >= 0.75 ? "likely" : probability >= 0.4 ? "even"
    : probability >= 0.1 ? "unlikely" : "hardly";
  return `${percent(probability)} · ${t(`why.chance.${words}`)}`;
}

/** `evidence` is [[name, llr or null]]; what is null has nothing to say and says so. `silent` is why there is no chance. */
export function Why({ evidence, probability, notes = [], compact = false, silent = null }) {
  const knowing = evidence.filter(([, llr]) => llr !== null && llr !== undefined);
  const sum = knowing.reduce((total, [, llr]) => total + llr, 0);
  return html`<section class="why" aria-label=${t("why.title")} data-test="why">
    ${!compact && html`<p class="why-chance" data-test="why-chance">
      ${probability === null || probability === undefined
        ? html`<span class="muted">${t(silent ?? "why.uncalibrated")}</span>`
        : html`<b>${chance(probability)}</b>`}
    </p>`}
    <dl>
      ${evidence.map(([name, llr]) => html`<${Bar} key=${name} name=${name} llr=${llr} />`)}
      ${knowing.length > 1 && html`<${Bar} name="sum" llr=${sum} />`}
    </dl>
    ${notes.map((note) => html`<p class="muted small" key=${note}>${note}</p>`)}
  </section>`;
}

function Bar({ name, llr }) {
  const label = t(`why.${name}`);
  if (llr === null || llr === undefined) {
    return html`<div class="why-row"><dt>${label}</dt><dd class="why-silent muted">${t("why.silent")}</dd></div>`;
  }
  const share = Math.min(1, Math.abs(llr) / FULL_NATS) * 50;
  const style = llr >= 0 ? { left: "50%", width: `${share}%` } : { right: "50%", width: `${share}%` };
  return html`<div class=${`why-row ${name === "sum" ? "why-sum" : ""}`} title=${`${label}: ${signed(llr, 2)} nats · ${strength(llr)}`}>
    <dt>${label}</dt>
    <dd class="why-track"><span class=${llr >= 0 ? "why-for" : "why-against"} style=${style} /></dd>
    <dd class="why-number mono">${signed(llr)}</dd>
    <dd class="why-words muted">${strength(llr)}</dd>
  </div>`;
}
