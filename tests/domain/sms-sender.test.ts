import { canBeAnswered, isAlphanumericSender, senderFromName } from '../../src/domain/sms-sender';

describe('R-SEND-3: the company’s name as a sender', () => {
  it.each([
    ['Brightwater', 'Brightwater'],
    ['Brightwater Bakeries Ltd', 'Brightwater'],
    ['Café Müller & Söhne', 'Cafe Muller'],
    ['The Big Oak Group', 'The Big Oak'],
    ['Northwind X Trade', 'Northwind X'],
    ['Straße 24', 'Strasse 24'],
    ['3M', '3M'],
    ['42', undefined],
    ['Рога и копыта', undefined],
    ['', undefined],
  ])('%s → %s', (name, sender) => {
    expect(senderFromName(name)).toBe(sender);
  });

  it('has 1 to 11 letters, digits or spaces, a letter among them', () => {
    for (const sender of ['A', 'Parley HR', 'ABCDEFGHIJK', '24 seven'])
      expect(isAlphanumericSender(sender)).toBe(true);
    for (const sender of ['', ' A', 'ABCDEFGHIJKL', '12345', 'Par-ley', 'Müller', '+34600000000'])
      expect(isAlphanumericSender(sender)).toBe(false);
  });

  it('cannot be answered when it is in letters', () => {
    expect(canBeAnswered('Parley')).toBe(false);
    expect(canBeAnswered('+34600000000')).toBe(true);
    expect(canBeAnswered(undefined)).toBe(true);
  });
});
