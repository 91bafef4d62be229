/** Whatever runs a query: the database, or a transaction of it. */
export interface Queryable {
  query<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
  prepared<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
}

/** Collects values and hands out their placeholders: `where name = ${params.add(name)}`. */
export function createParams(...first: unknown[]): { values: unknown[]; add(value: unknown): string } {
  const values = [...first];
  return { values, add: (value) => `$${values.push(value)}` };
}

/** A select list out of names and what stands for them. */
export const columnsSql = (columns: Record<string, string>): string =>
  Object.entries(columns)
    .map(([name, sql]) => `${sql} as "${name}"`)
    .join(', ');

/**
 * Rows handed over as JSON, to be joined with large tables by key. PostgreSQL takes them for a hundred, and would rather read a table of
 * some thousand rows as a whole for each batch: of a limit (`count`: a parameter, how many there are) it expects a tenth.
 */
export const rowsByKeySql = (rows: string, columns: string, count: string): string =>
  `(select * from jsonb_to_recordset(${rows}::jsonb) as r(${columns}) limit ${count})`;

/** An instant as the API writes it; null stays null. */
export const isoSql = (expression: string): string =>
  `to_char((${expression}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The name of a row of `people` or `users`. */
export const fullNameSql = (alias: string): string =>
  `btrim(${alias}.first_name || ' ' || ${alias}.last_name)`;

/** The same where those who were erased still stand in a list. */
export const personNameSql = (alias: string): string =>
  `case when ${alias}.erased_at is not null then 'Erased person' else ${fullNameSql(alias)} end`;

/** `userSummary` of a row of `users`; null when an outer join found none. */
export const userSummarySql = (alias: string): string =>
  `case when ${alias}.id is null then null
     else jsonb_build_object('id', ${alias}.id, 'name', ${fullNameSql(alias)}, 'role', ${alias}.role) end`;

/** A text as part of a LIKE pattern. */
export const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** An `exists (…)` that is asked of each row on the way, and never turned into a join that looks for all of them first. */
export const askedOneByOne = (exists: string): string =>
  exists.replace(/^((?:not )?exists \([^]*)\)$/, '$1 offset 0)');

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** Of a file of a mail: pictures that stand in its HTML are no attachments. */
export const isAttachmentSql = (file: string, mail: string): string =>
  `(${file}.content_id is null or ${mail}.html is null or position('cid:' || ${file}.content_id in ${mail}.html) = 0)`;
