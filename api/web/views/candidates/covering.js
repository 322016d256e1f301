/* Which search first showed a shot: its picture keeps that address when ranks change. */

const covering = new Map(); // case id/shot id -> search id

/** Notes an answer's shots and answers covers(shotId): the search whose entry covers its picture. */
export function coversOf(caseId, answer) {
  if (answer) {
    for (const one of answer.candidates) {
      for (const id of [one.shot_id, ...one.shot_ids]) {
        const key = `${caseId}/${id}`;
        if (!covering.has(key)) covering.set(key, answer.search_id);
      }
    }
  }
  return (shotId) => covering.get(`${caseId}/${shotId}`) ?? answer?.search_id ?? null;
}
