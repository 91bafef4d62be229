import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type CountryCode,
  type NumberType,
} from 'libphonenumber-js/max';

export type PhoneType = 'mobile' | 'landline' | 'voip' | 'unknown';

export type NormalisedPhone =
  | { ok: true; e164: string; country: string | undefined; type: PhoneType }
  | { ok: false; reason: 'phone_invalid' };

/**
 * E.164 of a number as people type it; `defaultCountry` (ISO 3166, two letters) is for numbers without a prefix.
 * The type is what the numbering plan tells: `unknown` where it does not tell mobile from landline (as in the USA).
 */
export function normalisePhone(text: string, defaultCountry?: string): NormalisedPhone {
  const country = defaultCountry?.toUpperCase();
  const known = country !== undefined && isSupportedCountry(country) ? country : undefined;
  const trimmed = text.trim();
  const parsed =
    parse(trimmed, known) ??
    // 00 is how most of the world writes the plus, also where the default country is unknown or dials otherwise
    (trimmed.startsWith('00') ? parse(`+${trimmed.slice(2)}`) : undefined);
  if (parsed === undefined) return { ok: false, reason: 'phone_invalid' };
  return { ok: true, e164: parsed.number, country: parsed.country, type: phoneType(parsed.getType()) };
}

/** Every country with its prefix, for whoever chooses one. */
export function phoneCountries(): { country: string; prefix: string }[] {
  return getCountries().map((country) => ({ country, prefix: `+${getCountryCallingCode(country)}` }));
}

/** The number as WhatsApp names it (digits, no plus) in E.164; undefined when it holds no number at all. */
export function fromWaId(waId: string): string | undefined {
  const digits = waId.replace(/\D/g, '');
  return digits.length < 5 || digits.length > 15 ? undefined : `+${digits}`;
}

/** E.164 as WhatsApp's `to` wants it. */
export function toWaId(e164: string): string {
  return e164.replace(/\D/g, '');
}

/**
 * R-CHAT-13: one key for all the ways one phone is written, for `contact_points`. Not for dialling: the number itself is
 * kept beside it. WhatsApp and address books disagree on Brazil's ninth digit, Mexico's old 1 and Argentina's 9.
 */
export function canonicalPhoneKey(e164: string): string {
  return variantRule(e164)?.canonical ?? e164;
}

/** Every way to write this phone, itself among them. */
export function phoneVariants(e164: string): string[] {
  const rule = variantRule(e164);
  return rule === undefined ? [e164] : [rule.canonical, rule.other];
}

function variantRule(e164: string): { canonical: string; other: string } | undefined {
  // Brazil: two digits of area, then eight; mobile ones (first digit 6–9) got a leading 9
  const brazil = /^\+55([1-9]\d)9?([6-9]\d{7})$/.exec(e164);
  if (brazil) return { canonical: `+55${brazil[1]}9${brazil[2]}`, other: `+55${brazil[1]}${brazil[2]}` };
  // Mexico: ten digits; until 2019 mobile ones were dialled from abroad with a 1
  const mexico = /^\+521?([2-9]\d{9})$/.exec(e164);
  if (mexico) return { canonical: `+52${mexico[1]}`, other: `+521${mexico[1]}` };
  // Argentina: ten digits, unique over mobile and fixed; a 9 before them says mobile
  const argentina = /^\+549?([1-8]\d{9})$/.exec(e164);
  if (argentina) return { canonical: `+549${argentina[1]}`, other: `+54${argentina[1]}` };
  return undefined;
}

/** A number in an older way of writing (R-CHAT-13) is no wrong number. */
function parse(text: string, defaultCountry?: CountryCode) {
  const parsed = parsePhoneNumberFromString(text, { defaultCountry, extract: false });
  if (!parsed || parsed.isValid()) return parsed;
  const newer = parsePhoneNumberFromString(canonicalPhoneKey(parsed.number));
  return newer?.isValid() ? newer : undefined;
}

function phoneType(type: NumberType): PhoneType {
  if (type === 'MOBILE') return 'mobile';
  if (type === 'FIXED_LINE') return 'landline';
  if (type === 'VOIP') return 'voip';
  return 'unknown';
}
