import type { PeopleImportInput } from '../../../../contracts/people';
import type { Table } from './read-csv';
import { importText } from './text';

/** What a column may hold. */
export const fields = [
  'firstName',
  'lastName',
  'fullName',
  'phone',
  'email',
  'tags',
  'externalId',
  'language',
  'timeZone',
  'consent',
  'evidence',
] as const;
export type Field = (typeof fields)[number];
/** Of each column; null: left out. */
export type Mapping = (Field | null)[];

const guesses: [Field, RegExp][] = [
  ['evidence', /evidence|proof|nachweis|prueba/],
  ['consent', /consent|opt.?in|einwilligung|consentimiento/],
  ['externalId', /^(external.?)?id$|reference|kennung/],
  ['firstName', /first|given|vorname|^nombre$|prenom|prénom/],
  ['lastName', /last|family|sur.?name|nachname|apellido|^nom$/],
  ['email', /mail|correo/],
  ['phone', /phone|mobile|cell|tel|number|handy|móvil|movil|whatsapp/],
  ['tags', /tag|label|etiqueta/],
  ['language', /language|sprache|idioma/],
  ['timeZone', /time.?zone|zeitzone/],
  ['fullName', /name|candidate/],
];

/** By the header; each field goes to the first column that sounds like it. Phones and addresses may stand in several. */
export function guessMapping(headers: string[]): Mapping {
  const taken = new Set<Field>();
  return headers.map((header) => {
    const text = header.toLowerCase().trim();
    const field = guesses.find(([one, pattern]) => pattern.test(text) && !taken.has(one))?.[0] ?? null;
    if (field && field !== 'phone' && field !== 'email') taken.add(field);
    return field;
  });
}

type PersonInput = {
  firstName?: string;
  lastName?: string;
  externalId?: string;
  language?: string;
  timeZone?: string;
  tags?: string[];
  contactPoints?: { kind: 'phone' | 'email'; value: string }[];
  consents?: { channel: 'whatsapp'; source: 'import'; evidence: string }[];
};

const yes = /^(yes|y|true|1|x|ja|sí|si|oui|sim|ano)$/i;
const no = /^(no|n|false|0|-|nein|nee|non|não|ne)$/i;

/** Why a row's consent is not taken over: it said yes and not how one knows, or for no number; or it said neither yes nor no. */
export type ConsentFault = 'noEvidence' | 'noNumber' | 'unclear';

/** A row as the API takes it. */
export function toPerson(
  row: string[],
  mapping: Mapping,
): { person: PersonInput; consentFault: ConsentFault | null } {
  const all = (field: Field): string[] =>
    mapping.flatMap((one, index) => (one === field && row[index] ? [row[index]] : []));
  const first = (field: Field): string | undefined => all(field)[0];
  const [firstOfFull, ...restOfFull] = first('fullName')?.split(/\s+/) ?? [];
  const tags = all('tags')
    .flatMap((cell) => cell.split(/[,;|]/))
    .map((tag) => tag.trim())
    .filter(Boolean);
  const contactPoints = [
    ...all('phone').map((value) => ({ kind: 'phone' as const, value })),
    ...all('email').map((value) => ({ kind: 'email' as const, value })),
  ];
  const evidence = first('evidence');
  const consentFault = faultOf(first('consent'), evidence, all('phone'));
  return {
    person: {
      firstName: first('firstName') ?? firstOfFull,
      lastName: first('lastName') ?? (restOfFull.join(' ') || undefined),
      externalId: first('externalId'),
      language: first('language'),
      timeZone: first('timeZone'),
      ...(tags.length > 0 ? { tags } : {}),
      ...(contactPoints.length > 0 ? { contactPoints } : {}),
      ...(yes.test(first('consent') ?? '') && evidence && consentFault === null
        ? { consents: [{ channel: 'whatsapp', source: 'import', evidence }] }
        : {}),
    },
    consentFault,
  };
}

function faultOf(
  consent: string | undefined,
  evidence: string | undefined,
  phones: string[],
): ConsentFault | null {
  if (consent === undefined || no.test(consent)) return null;
  if (!yes.test(consent)) return 'unclear';
  if (!evidence) return 'noEvidence';
  return phones.length === 0 ? 'noNumber' : null;
}

export function toBody(table: Table, mapping: Mapping): PeopleImportInput {
  return { people: table.rows.map((row) => toPerson(row, mapping).person), matchContactPoints: true };
}

/** A fault of a row, with the number or address it is about, or the name of its column. */
export function faultText({ path, message }: { path: string; message: string }, person: PersonInput): string {
  const [field = '', index = ''] = path.split('.');
  const point = field === 'contactPoints' ? person.contactPoints?.[Number(index)] : undefined;
  if (point) return `“${point.value}” ${message}`;
  const name = (importText.fields as Record<string, string>)[field];
  return name === undefined ? message : `${name}: ${message}`;
}

/** Rows as they were in the file, with what was wrong in a column of its own. */
export function withFaults(table: Table, faults: ReadonlyMap<number, string>, header: string): Table {
  return {
    headers: [...table.headers, header],
    rows: [...faults].map(([index, fault]) => [
      ...table.headers.map((_, column) => table.rows[index]?.[column] ?? ''),
      fault,
    ]),
  };
}
