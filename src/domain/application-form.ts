/** What the box of the application form says; kept with the consent as its evidence (R-ELIG `no_consent`). */
export const consentWording = (companyName: string): string =>
  `${companyName} may send me messages about my application on WhatsApp, to the number given above. ` +
  'I can take this back at any time by answering STOP.';

/** Why an application of a stranger may not be of the person it was matched with: somebody has to look. */
export type Doubt = 'otherName' | 'newContact' | 'takenContact';

export type KnownPerson = { id: string; kind: 'candidate' | 'contact'; name: string };

export type Match =
  | { person: KnownPerson; doubts: Doubt[] }
  /** Nobody whom they could be. */
  | { person: null; doubts: Doubt[] };

/**
 * Whose application it is, by number and address: the number's candidate first, then the address's. What a stranger types never
 * decides more than that; every difference is a doubt.
 */
export function matchApplicant(
  name: string,
  owners: { phone: KnownPerson | null | undefined; email: KnownPerson | null | undefined },
): Match {
  const candidates = [owners.phone, owners.email].filter((one) => one?.kind === 'candidate');
  const person = candidates[0] ?? null;
  const taken = [owners.phone, owners.email].some((one) => one && one.id !== person?.id);
  const doubts: Doubt[] = taken ? ['takenContact'] : [];
  if (!person) return { person: null, doubts };
  if (!isSameName(person.name, name)) doubts.push('otherName');
  // undefined: not given; null: given, and nobody's
  if (owners.phone === null || owners.email === null) doubts.push('newContact');
  return { person, doubts };
}

/** The same words in any order, case and accents. */
export function isSameName(one: string, other: string): boolean {
  return words(one) === words(other);
}

const words = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .sort()
    .join(' ');
