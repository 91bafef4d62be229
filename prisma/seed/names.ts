/** Where candidates come from: names, language, time zone and the numbers of the place. */
export type Origin = {
  weight: number;
  language: string;
  timeZones: string[];
  firstNames: string[];
  lastNames: string[];
  /** `serial` is below 1000 and different for each. */
  mobile(serial: number): string;
  landline(serial: number): string;
};

const pad = (serial: number, length = 3): string => String(serial).padStart(length, '0');

export const origins: Origin[] = [
  {
    weight: 26,
    language: 'nl',
    timeZones: ['Europe/Amsterdam'],
    firstNames: [
      'Daan',
      'Sophie',
      'Bram',
      'Lotte',
      'Jeroen',
      'Fleur',
      'Thijs',
      'Maud',
      'Wouter',
      'Noor',
      'Sem',
      'Iris',
    ],
    lastNames: [
      'Bakker',
      'Visser',
      'Smit',
      'Mulder',
      'de Boer',
      'Dekker',
      'van Leeuwen',
      'Kok',
      'Schouten',
      'Hoekstra',
    ],
    mobile: (serial) => `06 1200 1${pad(serial)}`,
    landline: (serial) => `010 808 2${pad(serial)}`,
  },
  {
    weight: 12,
    language: 'pt',
    timeZones: ['America/Sao_Paulo', 'America/Recife'],
    firstNames: [
      'João',
      'Larissa',
      'Thiago',
      'Camila',
      'Rafael',
      'Bruna',
      'Felipe',
      'Juliana',
      'Mateus',
      'Aline',
    ],
    lastNames: ['Almeida', 'Barbosa', 'Cardoso', 'Nascimento', 'Oliveira', 'Ribeiro', 'Teixeira', 'Moreira'],
    mobile: (serial) => `+55 ${['11', '21', '31', '81'][serial % 4]} 98765-1${pad(serial)}`,
    landline: (serial) => `+55 11 3120 1${pad(serial)}`,
  },
  {
    weight: 11,
    language: 'es',
    timeZones: ['Europe/Madrid'],
    firstNames: [
      'Lucía',
      'Javier',
      'Carmen',
      'Álvaro',
      'Marina',
      'Sergio',
      'Elena',
      'Pablo',
      'Nuria',
      'Iker',
    ],
    lastNames: ['Romero', 'Navarro', 'Iglesias', 'Vega', 'Castro', 'Molina', 'Ortega', 'Serrano'],
    mobile: (serial) => `+34 612 001 ${pad(serial)}`,
    landline: (serial) => `+34 911 201 ${pad(serial)}`,
  },
  {
    weight: 9,
    language: 'pt',
    timeZones: ['Europe/Lisbon'],
    firstNames: ['Tiago', 'Mariana', 'Duarte', 'Beatriz', 'Gonçalo', 'Leonor', 'Rui', 'Catarina'],
    lastNames: ['Ferreira', 'Pinto', 'Lopes', 'Marques', 'Fonseca', 'Correia', 'Matos'],
    mobile: (serial) => `+351 912 001 ${pad(serial)}`,
    landline: (serial) => `+351 211 201 ${pad(serial)}`,
  },
  {
    weight: 8,
    language: 'pl',
    timeZones: ['Europe/Warsaw'],
    firstNames: ['Katarzyna', 'Piotr', 'Magdalena', 'Tomasz', 'Agnieszka', 'Marek', 'Zofia', 'Kamil'],
    lastNames: ['Nowak', 'Mazurek', 'Pietrzak', 'Kowalczyk', 'Duda', 'Wieczorek'],
    mobile: (serial) => `+48 512 001 ${pad(serial)}`,
    landline: (serial) => `+48 22 120 1${pad(serial)}`,
  },
  {
    weight: 8,
    language: 'en',
    timeZones: ['Europe/London'],
    firstNames: ['Amelia', 'Kwame', 'Priya', 'George', 'Aisha', 'Harry', 'Chloe', 'Imran'],
    lastNames: ['Bennett', 'Osei', 'Patel', 'Hughes', 'Khan', 'Fletcher', 'Mensah'],
    mobile: (serial) => `+44 7400 121${pad(serial)}`,
    landline: (serial) => `+44 20 7946 0${pad(serial)}`,
  },
  {
    weight: 7,
    language: 'de',
    timeZones: ['Europe/Berlin'],
    firstNames: ['Lena', 'Jonas', 'Miriam', 'Emre', 'Hannah', 'Lukas', 'Derya', 'Felix'],
    lastNames: ['Wagner', 'Yılmaz', 'Hoffmann', 'Krüger', 'Brandt', 'Demir', 'Vogel'],
    mobile: (serial) => `+49 1511 2301${pad(serial)}`,
    landline: (serial) => `+49 30 120 01${pad(serial)}`,
  },
  {
    weight: 5,
    language: 'es',
    timeZones: ['America/Argentina/Buenos_Aires'],
    firstNames: ['Agustina', 'Facundo', 'Milagros', 'Nicolás', 'Florencia', 'Santiago'],
    lastNames: ['Gutiérrez', 'Sosa', 'Acosta', 'Benítez', 'Peralta'],
    mobile: (serial) => `+54 9 11 2345 7${pad(serial)}`,
    landline: (serial) => `+54 11 4567 8${pad(serial)}`,
  },
  {
    weight: 4,
    language: 'ro',
    timeZones: ['Europe/Bucharest'],
    firstNames: ['Andreea', 'Mihai', 'Ioana', 'Radu'],
    lastNames: ['Popescu', 'Ionescu', 'Stan', 'Dumitru'],
    mobile: (serial) => `+40 721 201 ${pad(serial)}`,
    landline: (serial) => `+40 21 310 1${pad(serial)}`,
  },
  {
    weight: 4,
    language: 'en',
    timeZones: ['Asia/Manila'],
    firstNames: ['Jasmine', 'Rowell', 'Maricel', 'Joseph'],
    lastNames: ['Santos', 'Dela Cruz', 'Reyes', 'Villanueva'],
    mobile: (serial) => `+63 917 120 1${pad(serial)}`,
    landline: (serial) => `+63 2 8120 1${pad(serial)}`,
  },
  {
    weight: 3,
    language: 'fr',
    timeZones: ['Africa/Casablanca'],
    firstNames: ['Salma', 'Youssef', 'Imane', 'Hamza'],
    lastNames: ['Benali', 'El Fassi', 'Tazi', 'Bennis'],
    mobile: (serial) => `+212 612 001${pad(serial)}`,
    landline: (serial) => `+212 522 201${pad(serial)}`,
  },
  {
    weight: 3,
    language: 'en',
    timeZones: ['Africa/Lagos'],
    firstNames: ['Chidinma', 'Tunde', 'Adaeze', 'Emeka'],
    lastNames: ['Eze', 'Balogun', 'Nwosu', 'Adeyemi'],
    mobile: (serial) => `+234 803 120 1${pad(serial)}`,
    landline: (serial) => `+234 1 270 1${pad(serial)}`,
  },
];

export const tags = [
  'night shifts',
  'driving licence',
  'forklift',
  'part-time',
  'own car',
  'graduate',
  'returning',
  'weekend',
  'references',
];
export const cities = ['Rotterdam', 'Utrecht', 'Schiedam', 'Amsterdam', 'Dordrecht', 'Delft', 'The Hague'];
export const availability = ['at once', 'in two weeks', 'next month', 'after the summer'];
