/* The clips of the sightings one after another, as the subject went. */
import { html, useState } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { useKeys } from "../../lib/keys.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { SpanClip } from "../../parts/spanclip.js";

/** `onPlace` is told which sighting runs, so that map and axis go along. */
export function Player({ caseId, store, sightings, from, onPlace, onClose }) {
  const [place, setPlace] = useState(from);
  const go = (to) => {
    const next = Math.min(sightings.length - 1, Math.max(0, to));
    setPlace(next);
    onPlace(next);
  };
  useKeys("trajectory.player", {
    ArrowLeft: { does: () => go(place - 1), words: "trajectory.key.before" },
    ArrowRight: { does: () => go(place + 1), words: "trajectory.key.next" },
    Escape: { does: onClose, words: "trajectory.key.close" },
  });
  const one = sightings[place];
  return html`<section class="player" aria-label=${t("trajectory.player")} data-test="player">
    <div class="player-screen"><${SpanClip} key=${one.tracklet_id} caseId=${caseId} store=${store} shown=${one} autoplay
      onEnd=${() => place + 1 < sightings.length && go(place + 1)} /></div>
    <footer class="player-bar">
      <button class="button small" onClick=${() => go(place - 1)} disabled=${place === 0} aria-label=${t("trajectory.key.before")}><${Icon} name="back" /></button>
      <b class="mono" data-test="player-place">${place + 1}/${sightings.length}</b>
      <button class="button small" onClick=${() => go(place + 1)} disabled=${place + 1 === sightings.length} aria-label=${t("trajectory.key.next")}><${Icon} name="forward" /></button>
      <span>${store.cameraName(one.camera_id)}</span><span class="muted"><${Instant} at=${one.span.start} /></span>
      <span class=${`chip ${one.proposed ? "" : "good"}`}>${t(one.proposed ? "trajectory.proposed" : "trajectory.confirmed")}</span>
      <span class="grow" /><span class="muted small">${t("trajectory.derived")}</span>
      <button class="button small" onClick=${onClose} data-test="player-close"><${Icon} name="close" />${t("shell.close")}</button>
    </footer>
  </section>`;
}
