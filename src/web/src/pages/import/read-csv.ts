import Papa from 'papaparse';

export type Table = { headers: string[]; rows: string[][] };

/** `numbers`: the rows' numbers as a spreadsheet counts them. `brokenRow`: the first whose quotation marks do not match. */
export type ReadTable = Table & { numbers: number[]; brokenRow: number | null };

export const mostRows = 10_000;

/** A workbook as Excel keeps it (zip, or the older compound file): no text at all. */
export function isWorkbook(bytes: ArrayBuffer): boolean {
  const [first, second] = new Uint8Array(bytes);
  return (first === 0x50 && second === 0x4b) || (first === 0xd0 && second === 0xcf);
}

/** The text of a file: UTF-16 (“Unicode text” in Excel), UTF-8, else Windows-1252, which Excel still writes. */
export function decode(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes);
  if ((first === 0xff && second === 0xfe) || second === 0) return new TextDecoder('utf-16le').decode(bytes);
  if ((first === 0xfe && second === 0xff) || first === 0) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Excel’s own line before the table, which it does not show. */
const separatorLine = /^sep=(.)\r?\n/i;

/** A table with a row of headers; separated by comma, semicolon or tab. Empty rows are left out. */
export function parseTable(text: string): ReadTable {
  const plain = text.replace(/^\uFEFF/, '');
  const { data, errors } = Papa.parse<string[]>(plain.replace(separatorLine, ''), {
    delimiter: separatorLine.exec(plain)?.[1],
    delimitersToGuess: [',', ';', '\t'],
  });
  const broken = errors.find(({ type }) => type === 'Quotes');
  const [headers, ...rows] = data
    .map((row, index) => ({ number: index + 1, cells: row.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  return {
    headers: headers?.cells ?? [],
    rows: rows.map(({ cells }) => cells),
    numbers: rows.map(({ number }) => number),
    brokenRow: broken ? (broken.row ?? 0) + 1 : null,
  };
}

/** What a spreadsheet would take for a formula; phone numbers stay what they are. */
const formula = /^[=@\t\r\n＝＋－＠]|^[+-](?![\d\s().+/-]*$)/;

/** A file for a spreadsheet; what would be a formula there is written as text. */
export function toCsv(table: Table): string {
  return Papa.unparse({ fields: table.headers, data: table.rows }, { escapeFormulae: formula });
}
