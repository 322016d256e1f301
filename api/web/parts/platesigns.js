/* A plate as it was read, and how it answers the one asked for, sign by sign. */
import { html } from "../lib/html.js";
import { percent, t } from "../lib/i18n.js";

const DOUBT = 0.8;

/** The likeliest text, its doubtful signs marked. */
export function PlateText({ plate }) {
  return html`<span class=${`plate plate-${plate.colour}`} aria-label=${plate.text}>
    ${[...plate.text].map((sign, place) => html`<span key=${place}
      class=${plate.chances[place] < DOUBT ? "plate-doubt" : ""} title=${percent(plate.chances[place] ?? 0)}>${sign}</span>`)}
  </span>`;
}

export function PlateSigns({ plate }) {
  return html`<section class="plate-signs" aria-label=${t("plate.title")} data-test="plate">
    <div class="row"><${PlateText} plate=${plate} />
      <span class="muted small">${t("plate.reads", { n: plate.reads })}</span></div>
    ${plate.signs.length > 0 && html`<table>
      <thead class="visually-hidden"><tr><th>${t("plate.row")}</th>
        ${plate.signs.map((_, place) => html`<th key=${place}>${place + 1}</th>`)}</tr></thead>
      <tbody>
        <${Row} name="plate.asked" cells=${plate.signs.map((sign) => [sign, sign.asked || "·"])} />
        <${Row} name="plate.read" cells=${plate.signs.map((sign) => [sign, sign.read || "·"])} />
        <tr class="plate-chances"><th scope="row">${t("plate.chance")}</th>
          ${plate.signs.map((sign, place) => html`<td key=${place} class="muted">${percent(sign.chance)}</td>`)}</tr>
      </tbody></table>`}
  </section>`;
}

function Row({ name, cells }) {
  return html`<tr><th scope="row">${t(name)}</th>
    ${cells.map(([sign, text], place) => html`<td key=${place} class=${`sign sign-${sign.outcome}`}
      title=${t(`plate.${sign.outcome}`)}>${text}</td>`)}</tr>`;
}
