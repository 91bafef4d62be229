const maxDepth = 64;

/**
 * A parsed JSON value with all that PostgreSQL can store neither as text nor as jsonb replaced: null characters and halves
 * of surrogate pairs. What lies deeper than any real payload is cut off.
 */
export function storableJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => storableJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item, depth + 1)]),
  );
}

function storableText(text: string): string {
  return text.replace(/\u0000|\p{Surrogate}/gu, '\uFFFD');
}
