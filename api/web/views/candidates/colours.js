/* Colours of clothes and bodywork, asked for once a shot; the service names them. */
import { post } from "../../lib/api.js";
import { Signal } from "../../lib/signal.js";

const AT_ONCE = 100;

/** Rises whenever more is known. */
export const known = new Signal(0);

const byCase = new Map(); // case id -> Map(shot id -> [{part, colour, share}] or null while asked)

export function coloursOf(caseId) {
  if (!byCase.has(caseId)) byCase.set(caseId, new Map());
  return byCase.get(caseId);
}

/** Asks for the shots that nothing is known of yet; what is gone stays without a name. */
export async function nameColours(caseId, shotIds) {
  const have = coloursOf(caseId);
  const wanted = [...new Set(shotIds)].filter((id) => !have.has(id));
  for (const id of wanted) have.set(id, null);
  for (let first = 0; first < wanted.length; first += AT_ONCE) {
    await chunk(caseId, have, wanted.slice(first, first + AT_ONCE));
    known.value += 1;
  }
}

async function chunk(caseId, have, shotIds) {
  try {
    const named = await post(`/cases/${caseId}/colours`, { shot_ids: shotIds });
    for (const one of named) have.set(one.shot_id, one.colours);
  } catch (error) {
    if (error.status !== 404) {
      for (const id of shotIds) have.delete(id); // asked again with the next answer
      return;
    }
    // One of them is gone: the others are asked for in halves.
    if (shotIds.length === 1) return;
    const half = shotIds.length >> 1;
    await chunk(caseId, have, shotIds.slice(0, half));
    await chunk(caseId, have, shotIds.slice(half));
  }
}
