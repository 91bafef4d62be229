import { faultText, guessMapping, toPerson, withFaults } from '../../src/web/src/pages/import/mapping';
import { decode, isWorkbook, parseTable, toCsv } from '../../src/web/src/pages/import/read-csv';

const bytes = (...values: number[]) => new Uint8Array(values).buffer;

it.each([
  ['comma', 'First name,Phone\nAna,"+34 612, 11"\n\n'],
  ['semicolon', 'First name;Phone\r\nAna;+34 612, 11\r\n;;\r\n'],
  ['tab', '\uFEFFFirst name\tPhone\nAna\t+34 612, 11'],
])('a file separated by %s is read, empty rows left out', (_, text) => {
  expect(parseTable(text)).toEqual({
    headers: ['First name', 'Phone'],
    rows: [['Ana', '+34 612, 11']],
    numbers: [2],
    brokenRow: null,
  });
});

it('rows are numbered as a spreadsheet counts them, empty ones too', () => {
  expect(parseTable('Name\n\nAna\n"Bo\nRe"\n\nCy').numbers).toEqual([3, 4, 6]);
});

it('what is no UTF-8 is Windows-1252', () => {
  expect(decode(bytes(0x4a, 0x6f, 0x73, 0xc3, 0xa9))).toBe('José');
  expect(decode(bytes(0x4a, 0x6f, 0x73, 0xe9))).toBe('José');
});

it('what Excel calls Unicode text is UTF-16', () => {
  const utf16 = (order: (pair: [number, number]) => number[], mark: number[]) =>
    bytes(...mark, ...[...'José'].flatMap((letter) => order([letter.charCodeAt(0), 0])));
  expect(decode(utf16(([low, high]) => [low, high], [0xff, 0xfe]))).toBe('José');
  expect(decode(utf16(([low, high]) => [high, low], [0xfe, 0xff]))).toBe('José');
  expect(decode(utf16(([low, high]) => [low, high], []))).toBe('José');
  expect(isWorkbook(bytes(0x50, 0x4b, 3, 4))).toBe(true);
  expect(isWorkbook(bytes(0x4a, 0x6f))).toBe(false);
});

it('Excel’s own line with the separator is no row', () => {
  const table = parseTable('sep=;\r\nName;Tags\r\nAna;a,b,c\r\n');
  expect(table).toEqual({
    headers: ['Name', 'Tags'],
    rows: [['Ana', 'a,b,c']],
    numbers: [2],
    brokenRow: null,
  });
});

it('tells where quotation marks do not match, for there rows run into each other', () => {
  expect(parseTable('Name,Phone\nAna,"612\nBo,613\n').brokenRow).toBe(2);
  expect(parseTable('Name,Phone\nAna,611\nBo,"the "Duke" of York"\nCy,612\n').brokenRow).toBe(3);
  expect(parseTable('Name,Phone\nAna,2" pipe\n').brokenRow).toBeNull();
});

it('guesses the columns by their headers', () => {
  const headers = [
    'ID',
    'Vorname',
    'Surname',
    'Mobile',
    'Telefon',
    'E-Mail',
    'Tags',
    'WhatsApp consent',
    'Evidence',
    'Shoe size',
  ];
  expect(guessMapping(headers)).toEqual([
    'externalId',
    'firstName',
    'lastName',
    'phone',
    'phone',
    'email',
    'tags',
    'consent',
    'evidence',
    null,
  ]);
  expect(guessMapping(['Name', 'Nr'])).toEqual(['fullName', null]);
});

it('takes consent only with its evidence', () => {
  const mapping = guessMapping(['Name', 'Phone', 'Consent', 'Evidence']);
  expect(toPerson(['Ana Ruiz Gil', '612', 'yes', 'fair, 3 May'], mapping)).toEqual({
    person: expect.objectContaining({
      firstName: 'Ana',
      lastName: 'Ruiz Gil',
      contactPoints: [{ kind: 'phone', value: '612' }],
      consents: [{ channel: 'whatsapp', source: 'import', evidence: 'fair, 3 May' }],
    }) as object,
    consentFault: null,
  });
  expect(toPerson(['Ana', '612', 'No', ''], mapping).consentFault).toBeNull();
  for (const [row, fault] of [
    [['Ana', '612', 'yes', ''], 'noEvidence'],
    [['Ana', '', 'yes', 'fair'], 'noNumber'],
    [['Ana', '612', 'maybe', 'fair'], 'unclear'],
  ] as const) {
    const { person, consentFault } = toPerson([...row], mapping);
    expect(consentFault).toBe(fault);
    expect(person).not.toHaveProperty('consents');
  }
});

it('says which number or column a fault is about', () => {
  const { person } = toPerson(['Ana', '612', 'n/a'], ['firstName', 'phone', 'phone']);
  const fault = { path: 'contactPoints.1.value', message: 'is no phone number' };
  expect(faultText(fault, person)).toBe('“n/a” is no phone number');
  expect(faultText({ path: 'timeZone', message: 'is no time zone' }, person)).toBe(
    'Time zone: is no time zone',
  );
});

it('what is left out comes back as a file in which nothing is a formula', () => {
  const table = { headers: ['Name'], rows: [['Ana'], ['=1+1'], ['+34 612'], ['+A1']] };
  const csv = toCsv(withFaults(table, new Map([1, 2, 3].map((row) => [row, 'x'])), 'What is wrong'));
  expect(csv.split('\r\n')).toEqual(['Name,What is wrong', `"'=1+1",x`, '+34 612,x', `"'+A1",x`]);
});
