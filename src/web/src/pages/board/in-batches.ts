import type { EndResult } from '../../../../contracts/vacancies';

/** The API takes no more in one call. */
const limit = 1000;

/** Ends as many as there are, a call for each thousand; their results together, and the id of each call's move. */
export async function inBatches(
  applicationIds: string[],
  end: (applicationIds: string[]) => Promise<EndResult>,
): Promise<EndResult & { moveIds: string[] }> {
  const sum: EndResult & { moveIds: string[] } = {
    moveId: '',
    moveIds: [],
    changed: 0,
    unchanged: 0,
    planned: [],
  };
  for (let from = 0; from < applicationIds.length; from += limit) {
    const result = await end(applicationIds.slice(from, from + limit));
    sum.moveIds.push(result.moveId);
    sum.changed += result.changed;
    sum.unchanged += result.unchanged;
    sum.planned.push(...result.planned);
  }
  return sum;
}
