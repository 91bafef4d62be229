import type { Random } from './random';
import { availability, cities, origins, tags, type Origin } from './names';

/** A candidate before they become rows. Days are counted back from now. */
export type DemoPerson = {
  firstName: string;
  lastName: string;
  language: string;
  timeZone: string;
  /** As somebody typed them; null: no number. */
  phone: string | null;
  secondPhone: string | null;
  email: string | null;
  responsible: string | null;
  tags: string[];
  custom: Record<string, string>;
  consent: DemoConsent;
  /** False: a mobile number that nobody uses WhatsApp on. */
  onWhatsApp: boolean;
  addedDaysAgo: number;
  application: DemoApplication | null;
};

export type DemoConsent = 'form' | 'recorded' | 'import' | 'none' | 'withdrawn';

/** The way through the stages: when each was entered, the first by applying. */
export type DemoApplication = {
  vacancy: string;
  entered: { stage: number; daysAgo: number }[];
  rejectedDaysAgo?: number;
};

const recruiters = ['ruth', 'ruth', 'tom', 'tom', 'ines', 'ines', 'marco', null];
const vacancyKeys = ['warehouse', 'support', 'nurse'];

/** Everybody who has no story of their own. */
export function makePeople(random: Random, count: number, taken: ReadonlySet<string>): DemoPerson[] {
  const names = new Set(taken);
  return Array.from({ length: count }, (_, serial): DemoPerson => {
    const origin = pickOrigin(random);
    const [firstName, lastName] = newName(random, origin, names);
    const application = random.chance(0.62) ? makeApplication(random) : null;
    return {
      firstName,
      lastName,
      language: origin.language,
      timeZone: random.pick(origin.timeZones),
      ...numbers(random, origin, serial),
      email: random.chance(0.9) ? addressOf(firstName, lastName) : null,
      responsible: random.pick(recruiters),
      tags: tags.filter(() => random.chance(0.15)),
      custom: pickCustom(random),
      consent: pickConsent(random),
      onWhatsApp: !random.chance(0.05),
      addedDaysAgo: application ? application.entered[0]!.daysAgo + 0.01 : random.between(3, 60),
      application,
    };
  });
}

function pickOrigin(random: Random): Origin {
  let left = random.next() * origins.reduce((sum, origin) => sum + origin.weight, 0);
  return origins.find((origin) => (left -= origin.weight) < 0) ?? origins[0]!;
}

function newName(random: Random, origin: Origin, names: Set<string>): [string, string] {
  for (;;) {
    const [first, last] = [random.pick(origin.firstNames), random.pick(origin.lastNames)];
    if (names.has(`${first} ${last}`)) continue;
    names.add(`${first} ${last}`);
    return [first, last];
  }
}

function numbers(random: Random, origin: Origin, serial: number): Pick<DemoPerson, 'phone' | 'secondPhone'> {
  const lot = random.next();
  const mobile = origin.mobile(serial);
  if (lot < 0.8) return { phone: mobile, secondPhone: random.chance(0.06) ? origin.landline(serial) : null };
  if (lot < 0.88) return { phone: origin.landline(serial), secondPhone: null };
  // some digits too few, or a prefix that does not exist
  if (lot < 0.95)
    return {
      phone: random.chance(0.5)
        ? `${mobile.slice(0, -6).trim()} ${mobile.slice(-3)}`
        : `+999 ${mobile.replace('+', '')}`,
      secondPhone: null,
    };
  return { phone: null, secondPhone: null };
}

function pickCustom(random: Random): Record<string, string> {
  return random.chance(0.5) ? { city: random.pick(cities), availability: random.pick(availability) } : {};
}

function pickConsent(random: Random): DemoConsent {
  const lot = random.next();
  if (lot < 0.56) return 'form';
  if (lot < 0.68) return 'recorded';
  if (lot < 0.79) return 'import';
  return lot < 0.84 ? 'withdrawn' : 'none';
}

/** Most are in the first stages; those further on came there before the automatic action was set up. */
function makeApplication(random: Random): DemoApplication {
  const vacancy = random.pick(vacancyKeys);
  const last = vacancy === 'nurse' ? 4 : 5;
  const lot = random.next();
  const stage = lot < 0.5 ? 0 : lot < 0.84 ? 1 : lot < 0.91 ? 2 : random.between(3, last);
  const [oldest, newest] = stage >= 2 ? [random.between(22, 60), 14] : [random.between(3, 40), 1];
  const entered = Array.from({ length: stage + 1 }, (_, step) => ({
    stage: step,
    daysAgo: oldest - (step === 0 ? 0 : ((oldest - newest) * (step - random.next() / 2)) / stage),
  }));
  const rejected = stage === 1 && random.chance(0.15);
  return { vacancy, entered, ...(rejected ? { rejectedDaysAgo: entered.at(-1)!.daysAgo * 0.6 } : {}) };
}

export function addressOf(firstName: string, lastName: string): string {
  const plain = `${firstName}.${lastName}`
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/ı/g, 'i');
  return `${plain.toLowerCase().replace(/[^a-z.]/g, '')}@mail.example`;
}
