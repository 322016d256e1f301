/* Where each tile of a long gallery lies, and which of them are in sight: only those are drawn. */

/**
 * Lays tiles out in lines under the heads of their groups.
 * `groups` is [{key, items: [{id}]}]; a group without `key` has no head. All sizes are pixels.
 * Answers {height, columns, tiles: [{id, item, place, row, left, top}], heads: [{key, group, top}], at: Map(id -> tile)}.
 */
export function laidOut(groups, { width, tile, head, gap }) {
  const columns = Math.max(1, Math.floor((width + gap) / (tile.width + gap)));
  const tiles = [];
  const heads = [];
  let top = 0;
  let row = 0;
  for (const group of groups) {
    if (group.key != null) {
      heads.push({ key: group.key, group, top });
      top += head + gap;
    }
    group.items.forEach((item, place) => {
      const column = place % columns;
      tiles.push({ id: item.id, item, place: tiles.length, row: row + Math.floor(place / columns), left: column * (tile.width + gap),
        top: top + Math.floor(place / columns) * (tile.height + gap) });
    });
    const lines = Math.ceil(group.items.length / columns);
    row += lines;
    top += lines * (tile.height + gap);
  }
  return { height: top, columns, tiles, heads, at: new Map(tiles.map((one) => [one.id, one])) };
}

/** The part of `placed` (ascending by `top`) that overlaps from `low` to `high`. */
export function inSight(placed, low, high, size) {
  return placed.slice(firstAfter(placed, low - size), firstAfter(placed, high));
}

/** The first place whose `top` is above `value`. */
function firstAfter(placed, value) {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle].top > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The id one line above or below (`by` -1 or 1), as near to the column as there is one. */
export function lineAway(layout, id, by) {
  const from = layout.at.get(id);
  if (!from) return layout.tiles[0]?.id ?? null;
  const line = layout.tiles.filter((one) => one.row === from.row + by);
  if (!line.length) return id;
  return line.reduce((best, one) =>
    Math.abs(one.left - from.left) < Math.abs(best.left - from.left) ? one : best).id;
}
