import addressparser from 'nodemailer/lib/addressparser';
import { attribute, headerOf, type MimePart } from '../mime';
import { string } from './wire';

/** ENVELOPE: the headers that lists of mails show, not decoded. */
export function envelopeOf({ headers }: MimePart): string {
  const header = (name: string) => headerOf(headers, name) || null;
  const from = addressList(header('from'));
  const parts = [
    ...[string(header('date')), string(header('subject')), from],
    ...[addressList(header('sender'), from), addressList(header('reply-to'), from)],
    ...[addressList(header('to')), addressList(header('cc')), addressList(header('bcc'))],
    ...[string(header('in-reply-to')), string(header('message-id'))],
  ];
  return `(${parts.join(' ')})`;
}

function addressList(header: string | null, fallback = 'NIL'): string {
  const addresses = header === null ? [] : addressparser(header, { flatten: true });
  if (addresses.length === 0) return fallback;
  const each = addresses.map(({ name, address }) => {
    const at = address.lastIndexOf('@');
    return `(${string(name || null)} NIL ${string(address.slice(0, at))} ${string(address.slice(at + 1))})`;
  });
  return `(${each.join('')})`;
}

/** BODYSTRUCTURE, or BODY without its extension data. */
export function structureOf(part: MimePart, extended: boolean): string {
  const { headers, body, mimeType } = part;
  const [type = 'text', subtype = 'plain'] = mimeType.split('/');
  const contentType = headerOf(headers, 'content-type');
  const tail = extended ? ` ${dispositionOf(part)} NIL NIL` : '';
  if (part.parts.length > 0) {
    const children = part.parts.map((child) => structureOf(child, extended)).join('');
    return `(${children} ${string(subtype)}${extended ? ` ${parametersOf(contentType)}` : ''}${tail})`;
  }
  const encoding = headerOf(headers, 'content-transfer-encoding') || '7bit';
  const facts = [
    ...[string(type), string(subtype), parametersOf(contentType)],
    ...[
      string(headerOf(headers, 'content-id') || null),
      string(headerOf(headers, 'content-description') || null),
    ],
    ...[string(encoding), String(body.length)],
    ...(type === 'text' ? [String(linesOf(body))] : []),
  ];
  return `(${facts.join(' ')}${extended ? ' NIL' : ''}${tail})`;
}

function dispositionOf({ headers }: MimePart): string {
  const value = headerOf(headers, 'content-disposition');
  const [kind = ''] = value.split(';');
  return kind.trim() === '' ? 'NIL' : `(${string(kind.trim())} ${parametersOf(value)})`;
}

function parametersOf(header: string): string {
  const names = [...header.matchAll(/;\s*([\w-]+)\*?=/g)].map(([, name]) => name!);
  const pairs = [...new Set(names)].flatMap((name) => {
    const value = attribute(header, name);
    return value === undefined ? [] : [`${string(name)} ${string(value)}`];
  });
  return pairs.length === 0 ? 'NIL' : `(${pairs.join(' ')})`;
}

const linesOf = (body: Buffer): number => body.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);

/** What BODY[…] asks for: `` is all, `1.2`, `HEADER`, `TEXT`, `1.MIME`, `HEADER.FIELDS (DATE SUBJECT)`. */
export function sectionOf(raw: Buffer, top: MimePart, section: string): Buffer {
  if (section === '') return raw;
  const [, path = '', what = ''] = /^([\d.]*?)\.?([A-Z].*)?$/i.exec(section) ?? [];
  let part: MimePart | undefined = top;
  for (const step of path.split('.').filter((number) => number !== ''))
    part = part?.parts[Number(step) - 1] ?? (step === '1' && part?.parts.length === 0 ? part : undefined);
  if (!part) return Buffer.alloc(0);
  const [, name = '', not, list] = /^([A-Z]+)(?:\.FIELDS(\.NOT)?\s*\(?([^)]*)\)?)?$/i.exec(what) ?? [];
  if (list !== undefined) return fieldsOf(part, list, not !== undefined);
  switch (name.toUpperCase()) {
    case 'HEADER':
    case 'MIME':
      return part.head;
    default:
      return part.body;
  }
}

function fieldsOf({ head }: MimePart, list: string, exceptThese: boolean): Buffer {
  const names = new Set(list.toLowerCase().match(/[^\s"]+/g) ?? []);
  const fields = head.toString('latin1').match(/^[^\s:]+:.*(?:\r?\n[ \t].*)*\r?\n/gm) ?? [];
  const wanted = fields.filter((field) => names.has(field.split(':')[0]!.toLowerCase()) !== exceptThese);
  return Buffer.from(`${wanted.join('')}\r\n`, 'latin1');
}
