/* Trajectory: what people confirmed and what is proposed between, how else it could be, and where to look. */
import { html, useEffect, useMemo, useState } from "../lib/html.js";
import { get } from "../lib/api.js";
import { percent, t } from "../lib/i18n.js";
import { useKeys } from "../lib/keys.js";
import { go, href } from "../lib/route.js";
import { useSignal } from "../lib/signal.js";
import { useStore } from "../lib/store.js";
import { clock } from "../lib/time.js";
import { told } from "../lib/told.js";
import { Failure } from "../parts/failure.js";
import { Icon } from "../parts/icon.js";
import { coversOf } from "./candidates/covering.js";
import { verdictsOf } from "./candidates/verdicts.js";
import { NextCameras } from "./trajectory/next.js";
import { Player } from "./trajectory/player.js";
import { StepList } from "./trajectory/steplist.js";
import { TimeAxis } from "./trajectory/timeaxis.js";
import { isConfirmed, odds, steps } from "./trajectory/way.js";
import { WayMap } from "./trajectory/waymap.js";

export function View({ caseId, store, options }) {
  const { answer, searching, searchFailed } = useStore(store);
  const verdicts = verdictsOf(store);
  const [laid, setLaid] = useState(null); // what was confirmed alone, where no reconstruction is there
  const [failed, setFailed] = useState(null);
  useEffect(() => {
    if (!answer && !searching && !searchFailed && store.canSearch) store.search({ limit: verdicts.limit });
  }, [answer, searching, searchFailed, store.canSearch]);
  const lacks = answer ? !answer.trajectory : !searching && (searchFailed !== null || !store.canSearch);
  useEffect(() => {
    if (lacks) get(`/cases/${caseId}/trajectory`).then(setLaid, setFailed);
  }, [lacks, answer]);
  const trajectory = answer?.trajectory ?? laid;
  if (trajectory?.sightings.length) {
    return html`<${Laid} ...${{ caseId, store, answer, trajectory, verdicts, options }} />`;
  }
  if (failed ?? (!trajectory && searchFailed)) {
    return html`<div class="pad"><${Failure} error=${failed ?? searchFailed} retry=${() => { setFailed(null); store.search({ limit: verdicts.limit }); }} /></div>`;
  }
  if (searching || !trajectory) return html`<div class="empty" role="status">${t("candidates.searching")}</div>`;
  return html`<div class="empty" data-test="trajectory-none"><p>${t("trajectory.nothing")}</p>
    <div class="row"><a class="button primary" href=${href("candidates", caseId)}>${t("candidates.title")}</a>
    <a class="button" href=${href("scene", caseId)}>${t("candidates.toScene")}</a></div></div>`;
}

function Laid({ caseId, store, answer, trajectory, verdicts, options }) {
  const { searching } = useStore(store);
  useSignal(verdicts.pending);
  const all = useMemo(() => steps(trajectory), [trajectory]);
  const byOption = trajectory.sightings.findIndex((one) => one.tracklet_id === options.tracklet);
  const [chosen, setChosen] = useState(byOption >= 0 ? `s${byOption}` : null);
  const [playing, setPlaying] = useState(null);
  const next = answer?.next_cameras ?? [];
  const candidates = useMemo(() => new Map((answer?.candidates ?? []).map((one) => [one.tracklet_id, one])), [answer]);
  const confirmed = (sighting) => isConfirmed(sighting, verdicts.of(sighting.tracklet_id));
  const sayings = { named: namedBy(store, trajectory, candidates), timed: (at) => clock(at) };
  const own = { caseId, store, trajectory, candidates, verdicts, confirmed, sayings, covers: coversOf(caseId, answer) };
  const choose = (key) => setChosen(key === chosen ? null : key);
  const sighting = all.find((one) => one.key === chosen)?.sighting ?? null;
  const play = (place) => {
    setPlaying(place);
    setChosen(`s${place}`);
  };
  useStepKeys({ all, chosen, setChosen, sighting, verdicts, play, playing, caseId });
  const lookAt = (cameraId) => {
    const place = trajectory.sightings.findIndex((one) => one.camera_id === cameraId);
    if (place >= 0) setChosen(`s${place}`);
  };
  return html`<div class="trajectory">
    <div class="trajectory-left">
      <div class="trajectory-map">
        <${WayMap} ...${{ store, trajectory, next, chosen, confirmed, onChoose: setChosen, onCamera: lookAt }} />
        ${playing !== null && html`<${Player} ...${{ caseId, store, sightings: trajectory.sightings, from: playing }}
          onPlace=${(place) => setChosen(`s${place}`)} onClose=${() => setPlaying(null)} />`}
        <${Legend} />
      </div>
      <${TimeAxis} ...${{ store, trajectory, next, candidates, chosen, confirmed, onChoose: setChosen }} />
    </div>
    <aside class="trajectory-right" aria-label=${t("trajectory.title")}>
      <${Summary} ...${{ caseId, trajectory, answer, confirmed, searching, onPlay: () => play(0) }} />
      <${Doubts} trajectory=${trajectory} doubted=${answer?.doubted ?? []} sayings=${sayings} onChoose=${choose} />
      <${StepList} own=${own} steps=${all} chosen=${chosen} onChoose=${choose} onPlay=${play} />
      <${NextCameras} caseId=${caseId} store=${store} next=${next}
        after=${sayings.named(trajectory.sightings.at(-1).tracklet_id)} />
      <${Bound} answer=${answer} />
    </aside>
  </div>`;
}

/** A tracklet as people know it: its camera and time. */
const namedBy = (store, trajectory, candidates) => (id) => {
  const known = trajectory.sightings.find((one) => one.tracklet_id === id) ?? candidates.get(id);
  return known ? `${store.cameraName(known.camera_id)} ${clock(known.span.start)}` : `#${id}`;
};

function useStepKeys({ all, chosen, setChosen, sighting, verdicts, play, playing, caseId }) {
  const place = all.findIndex((one) => one.key === chosen);
  const step = (by) => setChosen(all[Math.min(all.length - 1, Math.max(0, place < 0 ? 0 : place + by))]?.key ?? null);
  const decide = (verdict) => sighting && verdicts.decide(sighting.tracklet_id, verdict);
  const key = (name, does) => ({ does, words: name });
  useKeys("trajectory.title", {
    j: key("trajectory.key.next", () => step(1)),
    k: key("trajectory.key.before", () => step(-1)),
    ArrowDown: key("trajectory.key.next", () => step(1)),
    ArrowUp: key("trajectory.key.before", () => step(-1)),
    c: key("candidates.key.confirm", () => decide("confirm")),
    r: key("candidates.key.reject", () => decide("reject")),
    u: key("candidates.key.unsure", () => decide("unsure")),
    z: key("candidates.key.undo", () => verdicts.undo()),
    " ": { ...key("trajectory.key.play", () => play(all[Math.max(0, place)].place)), off: playing !== null },
    l: key("candidates.key.look", () => sighting && go("scene", caseId, { camera: sighting.camera_id, at: sighting.span.start })),
  });
}

function Summary({ caseId, trajectory, answer, confirmed, searching, onPlay }) {
  const sure = trajectory.sightings.filter(confirmed).length;
  const cannot = trajectory.hops.filter((one) => !one.feasible).length;
  return html`<header class="trajectory-head">
    <div class="row">
      <span class="row wrap grow"><span class="chip good" data-test="count-confirmed">${t("trajectory.nConfirmed", { n: sure })}</span>
      ${sure < trajectory.sightings.length && html`<span class="chip" data-test="count-proposed">${t("trajectory.nProposed", { n: trajectory.sightings.length - sure })}</span>`}
      ${cannot > 0 && html`<span class="chip bad">${t("trajectory.nCannot", { n: cannot })}</span>`}
      ${searching && html`<span class="muted small row" role="status"><i class="spinner" />${t("candidates.ranking")}</span>`}</span>
      <button type="button" class="button small" onClick=${onPlay} data-test="play-all"><${Icon} name="play" />${t("trajectory.playAll")}</button>
      <a class="button small primary" href=${href("report", caseId)} data-test="to-report">${t("trajectory.toReport")}</a>
    </div>
    <p class="small muted">${trajectory.margin !== null && trajectory.margin !== undefined ? `${t("trajectory.margin", { odds: odds(trajectory.margin) })} ` : ""}${t(answer?.trajectory ? "trajectory.proposal" : "trajectory.confirmedOnly")}</p>
  </header>`;
}

/** What cannot be and what is missing: said first, hidden never. */
function Doubts({ trajectory, doubted, sayings, onChoose }) {
  const { contradictions, gaps, sightings } = trajectory;
  const again = doubted.map((one) => ({ ...one, place: sightings.findIndex((s) => s.tracklet_id === one.tracklet_id) })).filter((one) => one.place >= 0);
  if (!contradictions.length && !gaps.length && !again.length) return null;
  return html`<section class="doubts" aria-label=${t("trajectory.doubts")} data-test="doubts">
    ${again.map((one) => html`<p key=${one.tracklet_id} class="doubt" data-test="doubted"><${Icon} name="warn" />
      <span>${t("trajectory.doubted", { sighting: sayings.named(one.tracklet_id), chance: percent(one.probability) })}
      ${" "}<button type="button" class="button small" onClick=${() => onChoose(`s${one.place}`)}>${t("trajectory.lookAgain")}</button></span></p>`)}
    ${contradictions.map((text) => html`<p key=${text} class="doubt doubt-bad"><${Icon} name="warn" /><span>${told(text, sayings)}</span></p>`)}
    ${gaps.map((text) => html`<p key=${text} class="doubt"><${Icon} name="clock" /><span>${told(text, sayings)}</span></p>`)}
  </section>`;
}

/** What was left out before ways were laid, and what that can have cost. */
function Bound({ answer }) {
  if (!answer?.pruned) return null;
  const { candidates, kept, lost } = answer.pruned;
  const words = kept >= candidates ? t("trajectory.allKept", { n: candidates })
    : t("trajectory.pruned", { kept, n: candidates, lost: lost.toFixed(2) });
  const ways = answer.ways.length > 1
    ? t("trajectory.ways", { n: answer.ways.length, odds: odds(answer.ways[0].llr - answer.ways[1].llr) }) : "";
  return html`<p class="small muted bound" data-test="bound">${ways} ${words}</p>`;
}

function Legend() {
  return html`<div class="legend small" aria-hidden="true">
    <span><i class="legend-line" />${t("trajectory.confirmed")}</span>
    <span><i class="legend-line legend-dashed" />${t("trajectory.proposed")}</span>
    <span><i class="legend-reach" />${t("trajectory.reach")}</span>
    <span><i class="legend-next" />${t("trajectory.next")}</span>
  </div>`;
}
