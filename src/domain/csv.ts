/** So that spreadsheets read it as UTF-8. */
export const csvStart = '\uFEFF';

/** One line. A cell that a spreadsheet would take for a formula is made a text by a leading apostrophe. */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(csvCell).join(',')}\r\n`;

/** What begins a formula in a spreadsheet; in full width too, as Japanese ones take it. */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
