import type { Role } from '../../src/contracts/common';

/** The demonstration company: who works there, for whom, and what jobs are open. */
export const company = {
  name: 'Brightwater Recruitment',
  slug: 'brightwater',
  domain: 'brightwater.example',
  country: 'NL',
  timeZone: 'Europe/Amsterdam',
  /** Only ever set where the sandbox plays WhatsApp; beside a real number a random one is made. */
  password: 'parley-demo',
  credits: 500,
};

export type DemoUser = {
  key: string;
  firstName: string;
  lastName: string;
  role: Role;
  accessToOwnBase: boolean;
  phone: string | null;
};

export const users: DemoUser[] = [
  ['anna', 'Anna', 'de Vries', 'administrator', true, '+31 10 808 01 01'],
  ['marco', 'Marco', 'Silva', 'supervisor', true, '+31 10 808 01 02'],
  ['ruth', 'Ruth', 'Okafor', 'recruiter', true, '+31 10 808 01 03'],
  ['tom', 'Tom', 'Janssen', 'recruiter', false, '+31 10 808 01 04'],
  ['ines', 'Inês', 'Carvalho', 'recruiter', true, '+31 10 808 01 05'],
  ['eva', 'Eva', 'Lindqvist', 'interviewer', false, '+31 10 808 01 06'],
  ['carl', 'Carl', 'Bergmann', 'collaborator', false, null],
  ['rita', 'Rita', 'Gómez', 'requisitioner', false, null],
  ['victor', 'Victor', 'Chen', 'reviewer', false, null],
].map(
  ([key, firstName, lastName, role, accessToOwnBase, phone]) =>
    ({ key, firstName, lastName, role, accessToOwnBase, phone }) as DemoUser,
);

export const emailOf = (user: Pick<DemoUser, 'key'>): string => `${user.key}@${company.domain}`;

export const employers = [
  { key: 'havenlogistiek', name: 'Havenlogistiek Rotterdam' },
  { key: 'solar', name: 'Solar Airlines' },
  { key: 'zorg', name: 'Zorggroep Midden' },
  { key: 'tulip', name: 'Tulip Foods' },
  { key: 'north', name: 'North Quay Hotels' },
];

/** Contact persons at the employers. */
export const contacts: {
  firstName: string;
  lastName: string;
  employer: string;
  phone: string;
  responsible: string | null;
  consent: boolean;
}[] = [
  {
    firstName: 'Pieter',
    lastName: 'van Dam',
    employer: 'havenlogistiek',
    phone: '+31 6 1200 0101',
    responsible: 'ruth',
    consent: true,
  },
  {
    firstName: 'Sanne',
    lastName: 'Kuipers',
    employer: 'havenlogistiek',
    phone: '+31 6 1200 0102',
    responsible: 'ruth',
    consent: false,
  },
  {
    firstName: 'Marta',
    lastName: 'Nogueira',
    employer: 'solar',
    phone: '+351 912 000 103',
    responsible: 'ines',
    consent: true,
  },
  {
    firstName: 'Hugo',
    lastName: 'Prieto',
    employer: 'solar',
    phone: '+34 612 000 104',
    responsible: 'ines',
    consent: false,
  },
  {
    firstName: 'Willemijn',
    lastName: 'Postma',
    employer: 'zorg',
    phone: '+31 6 1200 0105',
    responsible: 'tom',
    consent: true,
  },
  {
    firstName: 'Farid',
    lastName: 'Amrani',
    employer: 'tulip',
    phone: '+31 6 1200 0106',
    responsible: 'marco',
    consent: true,
  },
  {
    firstName: 'Greta',
    lastName: 'Hollander',
    employer: 'tulip',
    phone: '+31 20 808 01 07',
    responsible: 'marco',
    consent: false,
  },
  {
    firstName: 'Oliver',
    lastName: 'Whitfield',
    employer: 'north',
    phone: '+44 7400 120108',
    responsible: null,
    consent: false,
  },
];

export type DemoVacancy = {
  key: string;
  title: string;
  stages: string[];
  team: string[];
  /** Who moves candidates on this vacancy. */
  lead: string;
};

export const vacancies: DemoVacancy[] = [
  {
    key: 'warehouse',
    title: 'Warehouse operative, Rotterdam',
    stages: ['New', 'Screening', 'Interview', 'Trial shift', 'Offer', 'Hired'],
    team: ['ruth', 'tom', 'eva', 'carl', 'rita'],
    lead: 'ruth',
  },
  {
    key: 'support',
    title: 'Customer support agent (Spanish, Portuguese)',
    stages: ['New', 'Phone call', 'Interview', 'Language test', 'Offer', 'Hired'],
    team: ['ines', 'marco', 'eva', 'victor'],
    lead: 'ines',
  },
  {
    key: 'nurse',
    title: 'Registered nurse, Utrecht',
    stages: ['New', 'Papers checked', 'Interview', 'References', 'Contract'],
    team: ['tom', 'ruth', 'carl', 'victor'],
    lead: 'tom',
  },
];

/** Its automatic action writes to whoever enters it. */
export const interviewStage = 'Interview';
