import { isSameName, matchApplicant, type KnownPerson } from '../../src/domain/application-form';

const person = (id: string, name = 'Ana Ruiz', kind: KnownPerson['kind'] = 'candidate'): KnownPerson => ({
  id,
  kind,
  name,
});
const ana = person('ana');
const ben = person('ben', 'Ben Okoro');
const client = person('client', 'Ana Ruiz', 'contact');

it.each([
  ['nobody has either', { phone: null, email: null }, null, []],
  ['one and the same', { phone: ana, email: ana }, 'ana', []],
  ['no phone given', { phone: undefined, email: ana }, 'ana', []],
  ['the address is new', { phone: ana, email: null }, 'ana', ['newContact']],
  ['the number is new', { phone: null, email: ana }, 'ana', ['newContact']],
  ['another name', { phone: ben, email: ben }, 'ben', ['otherName']],
  ['number and address of two people: the number’s', { phone: ana, email: ben }, 'ana', ['takenContact']],
  ['a client’s contact does not apply', { phone: client, email: null }, null, ['takenContact']],
  [
    'the number is a contact’s, the address a candidate’s',
    { phone: client, email: ana },
    'ana',
    ['takenContact'],
  ],
] as const)('R-SEND-8: whose application it is: %s', (_, owners, id, doubts) => {
  const match = matchApplicant('Ana Ruiz', owners);
  expect([match.person?.id ?? null, match.doubts]).toEqual([id, doubts]);
});

it('names are the same in any order, case and accents', () => {
  expect(isSameName('José Núñez', 'nunez, JOSE')).toBe(true);
  expect(isSameName('José Núñez', 'José Núñez Gil')).toBe(false);
});
