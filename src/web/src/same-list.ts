/** Of what two lists were asked with: only the filter is another. What one person's list held is never shown as another's. */
export function isSameList(before: unknown, now: unknown): boolean {
  return JSON.stringify(paramsOf(before)) === JSON.stringify(paramsOf(now));
}

const paramsOf = (args: unknown): unknown => (args as { params?: unknown }).params;
