import Papa from 'papaparse';

export type Table = { headers: string[]; rows: string[][] };

/** `numbers`: the rows' numbers as a spreadsheet counts them. */
export type ReadTable = Table & { numbers: number[] };

export const mostRows = 10_000;

/** The text of a file: UTF-8, else Windows-1252, which Excel still writes. */
export function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** A table with a row of headers; separated by comma, semicolon or tab. Empty rows are left out. */
export function parseTable(text: string): ReadTable {
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    delimitersToGuess: [',', ';', '\t'],
  });
  const [headers, ...rows] = data
    .map((row, index) => ({ number: index + 1, cells: row.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  return {
    headers: headers?.cells ?? [],
    rows: rows.map(({ cells }) => cells),
    numbers: rows.map(({ number }) => number),
  };
}

/** What a spreadsheet would take for a formula; phone numbers stay what they are. */
const formula = /^[=@\t\r]|^[+-](?![\d\s().+/-]*$)/;

/** A file for a spreadsheet; what would be a formula there is written as text. */
export function toCsv(table: Table): string {
  return Papa.unparse({ fields: table.headers, data: table.rows }, { escapeFormulae: formula });
}
