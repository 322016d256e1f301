/* The gallery: only the tiles in sight are drawn, and it stays where it was when it is ranked anew. */
import { Component, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../../lib/html.js";
import { shotUrl } from "../../lib/api.js";
import { number, percent, t, useLanguage } from "../../lib/i18n.js";
import { useSignal } from "../../lib/signal.js";
import { inSight, laidOut } from "../../lib/virtual.js";
import { clock, minute, zone } from "../../lib/time.js";
import { Icon } from "../../parts/icon.js";
import { Picture } from "../../parts/picture.js";
import { PlateText } from "../../parts/platesigns.js";
import { signed } from "../../parts/why.js";

export const SIZES = {
  small: { width: 92, height: 138, picture: 96 },
  medium: { width: 124, height: 184, picture: 140 },
  large: { width: 168, height: 256, picture: 212 },
};
const HEAD = 26;
const GAP = 8;
const OVERSCAN = 400; // pixels drawn beyond what is in sight, so that scrolling finds them ready
const STEP = 200; // pixels of scrolling after which other tiles are drawn

/** The id of a tile's element. */
const tileId = (id) => `tile-${id}`;

/**
 * `api` gets {layout()} for moving by lines. `covers` says which search first showed a shot, so
 * that a picture keeps its address when ranks change.
 */
export function Gallery({ caseId, store, groups, size, focused, onFocus, onHover, covers, api }) {
  const scroller = useRef(null);
  const [sight, setSight] = useState({ top: 0, height: 800, width: 0 });
  const tile = SIZES[size];
  const inLanguage = useLanguage();
  const inZone = useSignal(zone);
  const layout = useMemo(
    () => laidOut(groups, { width: sight.width, tile, head: HEAD, gap: GAP }),
    [groups, sight.width, tile],
  );
  api.current = { layout };
  useLayoutEffect(() => {
    const own = scroller.current;
    const measure = () => setSight((before) => ({ ...before, height: own.clientHeight, width: innerWidth(own) }));
    const observer = new ResizeObserver(measure);
    observer.observe(own);
    measure();
    return () => observer.disconnect();
  }, []);
  useAnchored(scroller, layout, focused);
  useInView(scroller, layout, focused, tile);
  const scrolled = (event) => {
    const top = Math.floor(event.currentTarget.scrollTop / STEP) * STEP;
    if (top !== sight.top) setSight((before) => ({ ...before, top }));
  };
  const over = useRef(null);
  const pointed = (event) => {
    const element = event && pointedAt(event);
    if (element === over.current) return;
    over.current = element;
    onHover(layout.at.get(element?.dataset.tracklet)?.item ?? null, element);
  };
  const low = sight.top - OVERSCAN;
  const high = sight.top + STEP + sight.height + OVERSCAN;
  return html`<div class="gallery" ref=${scroller} tabindex="0" role="listbox" aria-label=${t("candidates.title")}
      aria-activedescendant=${focused ? tileId(focused) : undefined} data-test="gallery"
      onScroll=${scrolled} onClick=${(event) => onFocus(pointedAt(event)?.dataset.tracklet)}
      onPointerOver=${pointed} onPointerLeave=${() => pointed(null)}>
    <div class="gallery-all" role="presentation" style=${{ height: `${layout.height}px` }}>
      ${inSight(layout.heads, low, high, HEAD).map(({ key, group, top }) => html`<${Head} key=${key} store=${store} group=${group} top=${top} />`)}
      ${inSight(layout.tiles, low, high, tile.height).map((one) => html`<${Tile} key=${one.id} ...${one} tile=${tile}
        size=${size} caseId=${caseId} store=${store} focused=${one.id === focused}
        searchId=${covers(one.item.candidate.shot_id)} total=${layout.tiles.length} inLanguage=${inLanguage} inZone=${inZone} />`)}
    </div>
  </div>`;
}

/** The tile under an event, null beside them. */
const pointedAt = (event) => event.target.closest("[data-tracklet]");

const innerWidth = (own) => own.clientWidth - 2 * GAP;

/** When the layout changes, what was looked at stays where it was on the screen. */
function useAnchored(scroller, layout, focused) {
  const before = useRef(layout);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = layout;
    if (old === layout) return;
    const { scrollTop, clientHeight } = scroller.current;
    const seen = (id) => {
      const at = old.at.get(id);
      return at && at.top >= scrollTop - HEAD && at.top < scrollTop + clientHeight;
    };
    const first = old.tiles.find((one) => one.top >= scrollTop && layout.at.has(one.id));
    const anchor = layout.at.has(focused) && seen(focused) ? focused : first?.id;
    if (!anchor) return;
    scroller.current.scrollTop = scrollTop + layout.at.get(anchor).top - old.at.get(anchor).top;
  }, [layout]);
}

/** A tile that gets the focus comes into sight. */
function useInView(scroller, layout, focused, tile) {
  useEffect(() => {
    const at = layout.at.get(focused);
    if (!at) return;
    const own = scroller.current;
    const top = at.top - HEAD - GAP;
    if (top < own.scrollTop) own.scrollTop = Math.max(0, top);
    else if (at.top + tile.height > own.scrollTop + own.clientHeight) {
      own.scrollTop = at.top + tile.height + GAP - own.clientHeight;
    }
  }, [focused]);
}

function Head({ store, group, top }) {
  const first = group.items[0].atMs;
  const last = group.items.at(-1).atMs;
  return html`<div class="gallery-head" role="presentation" style=${{ top: `${top}px`, height: `${HEAD}px` }} data-test="group">
    <b>${store.cameraName(group.cameraId)}</b>
    <span class="mono muted">${minute(first)}${minute(last) === minute(first) ? "" : `–${minute(last)}`}</span>
    <span class="count">${group.items.length}</span>
  </div>`;
}

const MARKS = { confirm: "check", reject: "close", unsure: "question" };

/** Drawn again only when something of it changes: scrolling draws the new ones alone. */
class Tile extends Component {
  shouldComponentUpdate(next) {
    return Object.keys(next).some((name) => next[name] !== this.props[name]);
  }

  render(props) {
    return drawn(props);
  }
}

function drawn({ id, item, place, left, top, tile, size, caseId, store, focused, searchId, total }) {
  const { candidate, rank, verdict, onWay, chance } = item;
  const settled = verdict === "confirm" || verdict === "reject";
  const camera = store.cameraName(candidate.camera_id);
  const style = { left: `${left}px`, top: `${top}px`, width: `${tile.width}px`, height: `${tile.height}px` };
  return html`<div id=${tileId(id)} class=${`tile ${verdict ? `tile-${verdict}` : ""}`} role="option" style=${style}
      aria-selected=${focused} aria-setsize=${total} aria-posinset=${place + 1} data-test="tile" data-tracklet=${id}>
    <div class="tile-picture" style=${{ height: `${tile.picture}px` }}>
      <${Picture} src=${shotUrl(caseId, candidate.shot_id, { searchId, height: tile.picture > 160 ? 320 : 160 })} alt="" />
      <span class="tile-rank mono"><span class="visually-hidden">${t("candidates.rank")} </span>${rank}</span>
      ${verdict && html`<span class=${`tile-verdict verdict-${verdict}`}><${Icon} name=${MARKS[verdict]} />
        <span class="visually-hidden">${t(`candidates.verdict.${verdict}`)}</span></span>`}
      ${onWay && html`<span class="tile-way" title=${t("candidates.onWay")}><${Icon} name="way" /></span>`}
      ${candidate.plate && size !== "small" && html`<span class="tile-plate"><${PlateText} plate=${candidate.plate} /></span>`}
    </div>
    <div class="tile-words">
      <span class="clip-text" title=${camera}>${camera}</span>
      <span class="row tile-line"><span class="mono muted grow">${clock(candidate.span.start)}</span>${!settled && html`<${Score} candidate=${candidate} chance=${chance} />`}</span>
    </div>
    ${chance !== null && html`<span class="tile-bar"><i style=${{ width: `${100 * chance}%` }} /></span>`}
  </div>`;
}

function Score({ candidate, chance }) {
  if (chance !== null) return html`<b class="mono">${percent(chance)}</b>`;
  const known = [candidate.llr, candidate.plate_llr].filter((one) => one !== null);
  if (known.length) return html`<span class="mono" title="llr">${signed(known.reduce((sum, one) => sum + one, 0))}</span>`;
  return html`<span class="mono muted" title=${t("candidates.cosine")}>${candidate.cosine === null ? "" : number(candidate.cosine, 2)}</span>`;
}
