/** `text`: written by people, guarded and quoted; `plain`: a number, time, id or word of ours. */
export type CsvCell = { text: string } | { plain: string };

/** A line of `domain/csv` made by PostgreSQL, as the column `line`. */
export const csvLineSql = (cells: readonly CsvCell[]): string =>
  `${cells
    .map((cell) => `coalesce(${'text' in cell ? guarded(cell.text) : `(${cell.plain})::text`}, '')`)
    .join(` || ',' || `)} || e'\\r\\n' as line`;

/** A text that a spreadsheet would take for a formula begins with an apostrophe; quoted where it has a comma, a quote or a line break. */
const guarded = (text: string): string =>
  `(select case when t ~ '[",\\r\\n]' then '"' || replace(t, '"', '""') || '"' else t end
    from (select case when ${text} ~ '^[-=+@\\t\\r\\n＝＋－＠]' then '''' || ${text} else ${text} end as t) cell)`;
