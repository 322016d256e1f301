/* One camera large: scrubbed, stepped, played; a box on the paused picture becomes a probe. */
import { html, useEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { t } from "../../lib/i18n.js";
import { post } from "../../lib/api.js";
import { useKeys } from "../../lib/keys.js";
import { iso, ms } from "../../lib/time.js";
import { useStore } from "../../lib/store.js";
import { BoxStage, middleBox, tooSmall } from "../../parts/boxstage.js";
import { Failure, said } from "../../parts/failure.js";
import { Icon } from "../../parts/icon.js";
import { Instant } from "../../parts/instant.js";
import { InstantInput } from "../../parts/instantinput.js";
import { activity, beginnings, boxesAt, keptSpans, tracked } from "./footage.js";
import { usePlaying } from "./playing.js";
import { frameAt, useStill } from "./still.js";
import { Timeline } from "./timeline.js";
import { FAMILIES } from "./tray.js";

const RATES = [0.5, 1, 2, 4];
const STEP_TRIES = [1, 1.5, 2.5, 5, 10];

const spanMs = ({ start, end }) => ({ start: ms(start), end: ms(end) });
const NOTHING = [];
const FINE_MS = 400; // how long a zoom rests before finer marks are asked for

export function Player({ store, cameraId, at, setAt, onProbe, onSearch }) {
  const coverage = useStore(store, (state) => state.coverage);
  const [playing, setPlaying] = useState(false);
  const [scrubbing, setScrubbing] = useState(false);
  const [rate, setRate] = useState(1);
  const [box, setBox] = useState(null);
  const [family, setFamily] = useState("person");
  const [period, setPeriod] = useState(100);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const [wantsBox, setWantsBox] = useState(false);

  const granted = useMemo(() => (store.granted().find((one) => one.camera_id === cameraId)?.spans ?? []).map(spanMs)
    .sort((a, b) => a.start - b.start), [cameraId, store.state.case]);
  const extent = useMemo(() => ({ start: granted[0]?.start ?? at, end: granted.at(-1)?.end ?? at + 1 }), [granted]);
  const [shown, setShown] = useState(extent);
  const { kept, marks, all } = useFootage(store, cameraId, extent, shown);
  const missing = useMemo(() => (coverage?.missing ?? []).filter((one) => one.camera_id === cameraId).map(spanMs), [coverage, cameraId]);
  const still = useStill(store, cameraId, at, { coarse: scrubbing, off: playing });
  const span = granted.find((one) => one.start <= at && at < one.end) ?? extent;
  const play = usePlaying(store, cameraId, {
    on: playing, at, until: span.end, rate, onTime: setAt, onStop: () => setPlaying(false),
  });
  const frame = still.frame?.cameraId === cameraId ? still.frame : null;
  const paused = !playing && !scrubbing && frame && !frame.coarse && frame.at === at;
  const offers = useOffers(store, cameraId, paused ? frame.shownMs : null, span);

  useEffect(() => {
    setBox(null);
    setFailure(null);
  }, [cameraId, at, playing]);

  useEffect(() => {
    // Who asks for a box before the picture has come gets it when it comes.
    if (!wantsBox || !paused) return;
    setWantsBox(false);
    setBox(middleBox(sizeOf(frame)));
  }, [wantsBox, paused]);

  const bounded = (time) => Math.min(Math.max(time, extent.start), extent.end - 1);
  const jump = (time) => {
    setPlaying(false);
    setAt(Math.round(bounded(time)));
  };
  const stepFrame = async (by) => {
    if (!frame) return;
    setPlaying(false);
    const from = frame.shownMs;
    if (by < 0) {
      setAt(bounded(from - 1));
      return;
    }
    // Frames come when they come: ask a period on, then further, until the picture is another one.
    for (const tries of STEP_TRIES) {
      const later = bounded(from + period * tries);
      const found = await frameAt(store, cameraId, later).catch(() => null);
      if (found && found.shownMs > from) {
        if (tries === 1) setPeriod(Math.max(10, found.shownMs - from));
        setAt(Math.round(found.shownMs));
        return;
      }
    }
  };
  const stepMark = (by) => {
    const starts = all ? beginnings(all) : NOTHING;
    const to = by > 0 ? starts.find((start) => start > at + 200) : starts.findLast((start) => start < at - 200);
    if (to !== undefined) jump(to);
  };
  const take = async (search, { xyxy = box, kind = family } = {}) => {
    if (!xyxy || busy) return;
    setBusy(true);
    setFailure(null);
    try {
      const probe = await post(`/cases/${store.caseId}/probes/frame`, { camera_id: cameraId, at: iso(at), box: xyxy, family: kind });
      onProbe(probe, search);
      setBox(null);
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  const offer = (one) => {
    setFamily(one.family);
    setBox(one.xyxy.map((side) => Math.round(side * 10) / 10));
  };
  useKeys("scene.player", {
    " ": { does: () => setPlaying(!playing), words: "scene.key.play" },
    ArrowLeft: { does: () => jump(at - 1000), words: "scene.key.back" },
    ArrowRight: { does: () => jump(at + 1000), words: "scene.key.forward" },
    "Shift+ArrowLeft": { does: () => jump(at - 10_000), words: "scene.key.back10" },
    "Shift+ArrowRight": { does: () => jump(at + 10_000), words: "scene.key.forward10" },
    ",": { does: () => stepFrame(-1), words: "scene.key.frameBack" },
    ".": { does: () => stepFrame(1), words: "scene.key.frameForward" },
    "[": { does: () => stepMark(-1), words: "scene.key.markBack" },
    "]": { does: () => stepMark(1), words: "scene.key.markForward" },
    b: { does: () => { setPlaying(false); setWantsBox(true); }, words: "scene.key.box" },
    Enter: { does: () => take(true), words: "scene.key.searchBox", off: !box },
    t: { does: () => take(false), words: "scene.key.toTray", off: !box },
    Escape: { does: () => setBox(null), words: "scene.key.dropBox", off: !box },
  });

  if (!cameraId) return html`<section class="scene-player empty">${t("scene.chooseCamera")}</section>`;
  return html`<section class="scene-player" aria-label=${t("scene.player")} data-test="player">
    <div class="scene-screen">
      ${play.props && html`<video class="scene-screen-video" key="video" ...${play.props} />`}
      ${!playing && frame && html`<${BoxStage} size=${sizeOf(frame)} box=${box} onBox=${setBox} offers=${paused ? offers : NOTHING}
          onOffer=${offer} onEnter=${() => take(true)} disabled=${!paused}>
        <img src=${frame.blobUrl} alt=${t("scene.showed", { camera: store.cameraName(cameraId) })} draggable=${false} data-test="frame" /><//>`}
      ${!playing && still.error && html`<div class="scene-screen-failed"><${Failure} error=${still.error} retry=${() => setAt(at + 1)} /></div>`}
      ${(still.waiting && !scrubbing && !playing || play.waiting) && html`<span class="scene-screen-wait" role="status"><span class="spinner"></span>${t("shell.loading")}</span>`}
      <span class="scene-screen-name">${store.cameraName(cameraId)}</span>
      ${play.proxy && html`<span class="scene-screen-derived chip warn">${t("scene.derived")}</span>`}
    </div>
    <div class="scene-boxbar" role="group" aria-label=${t("scene.box")}>
      ${box ? html`<${BoxBar} box=${box} family=${family} setFamily=${setFamily} busy=${busy} onTake=${take} />`
        : html`<span class="muted small">${t(playing ? "scene.pauseFirst" : offers.length ? "scene.drawOrClick" : "scene.draw")}</span>`}
      ${failure && html`<span class="bad-text" role="alert" data-test="box-error">${said(failure)}</span>`}
      ${play.error && html`<span class="bad-text" role="alert">${said(play.error)}</span>`}
    </div>
    <div class="scene-transport">
      <button type="button" class="button quiet" onClick=${() => stepMark(-1)} aria-label=${t("scene.key.markBack")} title=${`${t("scene.key.markBack")} [`}><${Icon} name="first" /></button>
      <button type="button" class="button quiet" onClick=${() => stepFrame(-1)} aria-label=${t("scene.key.frameBack")} title=${`${t("scene.key.frameBack")} ,`} data-test="frame-back"><${Icon} name="back" /></button>
      <button type="button" class="button" onClick=${() => setPlaying(!playing)} aria-label=${t("scene.key.play")} title=${`${t("scene.key.play")} ␣`} data-test="play"><${Icon} name=${playing ? "pause" : "play"} /></button>
      <button type="button" class="button quiet" onClick=${() => stepFrame(1)} aria-label=${t("scene.key.frameForward")} title=${`${t("scene.key.frameForward")} .`} data-test="frame-forward"><${Icon} name="forward" /></button>
      <button type="button" class="button quiet" onClick=${() => stepMark(1)} aria-label=${t("scene.key.markForward")} title=${`${t("scene.key.markForward")} ]`}><${Icon} name="last" /></button>
      <span class="scene-transport-at"><${InstantInput} at=${iso(at)} label=${t("scene.at")} onChange=${(to) => jump(ms(to))} data-test="at" /></span>
      ${frame && !playing && html`<span class="muted small nowrap" title=${t("scene.frameTime")}><${Instant} at=${iso(frame.shownMs)} show="clock" ms /></span>`}
      <span class="grow"></span>
      <${Clock} camera=${store.camera(cameraId)} />
      <div class="switch" role="group" aria-label=${t("scene.rate")}>${RATES.map((one) => html`<button type="button" aria-pressed=${one === rate}
        onClick=${() => setRate(one)}>${one}×</button>`)}</div>
    </div>
    <${Timeline} extent=${extent} granted=${granted} kept=${kept} missing=${missing} marks=${marks} at=${at}
      onScrub=${(to) => { setPlaying(false); setScrubbing(true); setAt(Math.round(to)); }}
      onSettle=${(to) => { setScrubbing(false); jump(to); }} onWindow=${setShown} />
  </section>`;
}

const sizeOf = ({ width, height }) => ({ width, height });

function BoxBar({ box, family, setFamily, busy, onTake }) {
  return html`<div class="row" role="group" aria-label=${t("scene.family")}>
      ${FAMILIES.map((one) => html`<button type="button" class="button small"
        aria-pressed=${one === family} onClick=${() => setFamily(one)} data-test=${`family-${one}`}>${t(`family.${one}`)}</button>`)}
    </div>
    ${tooSmall(box) && html`<span class="warn-text small" role="status" data-test="box-small"><${Icon} name="warn" /> ${t("scene.boxSmall")}</span>`}
    <span class="grow"></span>
    <button type="button" class="button" disabled=${busy} onClick=${() => onTake(false)} data-test="box-add">${t("scene.toTray")}<kbd>T</kbd></button>
    <button type="button" class="button primary" disabled=${busy} onClick=${() => onTake(true)} data-test="box-search">
      <${Icon} name="search" />${t("scene.searchBox")}<kbd>↵</kbd></button>`;
}

/** What is known of the camera's clock: an investigator must see when a time may be off. */
function Clock({ camera }) {
  const last = camera?.clocks.at(-1);
  const words = last ? t("scene.clockOff", { offset: last.offset_s.toFixed(1), sigma: last.sigma_s.toFixed(1) }) : t("scene.clockUnknown");
  return html`<span class="muted small nowrap" title=${t("scene.clockAbout")}><${Icon} name="clock" /> ${words}</span>`;
}

/** Where footage is kept, and how much moved: `all` of the extent, `marks` finer where one has zoomed in. */
function useFootage(store, cameraId, extent, shown) {
  const [state, setState] = useState({ kept: NOTHING, all: null });
  const [fine, setFine] = useState(null);
  useEffect(() => {
    let gone = false;
    setState({ kept: NOTHING, all: null });
    setFine(null);
    if (!cameraId) return undefined;
    keptSpans(store, cameraId).then((kept) => gone || setState((one) => ({ ...one, kept })), () => null);
    activity(store, cameraId, extent).then((all) => gone || setState((one) => ({ ...one, all })), () => null);
    return () => {
      gone = true;
    };
  }, [cameraId, extent]);
  useEffect(() => {
    if (!cameraId || shown.end - shown.start > (extent.end - extent.start) / 3 || !state.all || state.all.bucketMs <= 250) {
      setFine(null);
      return undefined;
    }
    const timer = setTimeout(() => activity(store, cameraId, shown).then(setFine, () => null), FINE_MS);
    return () => clearTimeout(timer);
  }, [cameraId, shown, extent, state.all]);
  return { ...state, marks: fine ?? state.all };
}

/** Boxes that were tracked at the shown instant, asked for inside `span` once one rests on it. */
function useOffers(store, cameraId, at, span) {
  const [state, setState] = useState({ at: null, offers: NOTHING });
  const known = useRef({ cameraId: null, start: 0, end: 0, parts: NOTHING });
  useEffect(() => {
    if (at === null) return undefined;
    const now = known.current;
    const [from, to] = [Math.max(at - 500, span.start), Math.min(at + 500, span.end)];
    if (from >= to) return undefined;
    if (now.cameraId === cameraId && now.start <= from && to <= now.end) {
      setState({ at, offers: boxesAt(now.parts, at) });
      return undefined;
    }
    const timer = setTimeout(() => {
      const [start, end] = [Math.max(at - 3000, span.start), Math.min(at + 3000, span.end)];
      tracked(store, cameraId, start, end).then((parts) => {
        known.current = { cameraId, start, end, parts };
        setState({ at, offers: boxesAt(parts, at) });
      }, () => null);
    }, 150);
    return () => clearTimeout(timer);
  }, [cameraId, at]);
  return state.at === at ? state.offers : NOTHING;
}
