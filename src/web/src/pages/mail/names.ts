import type { MailAddress } from '../../../../contracts/mails';

export const namesOf = (addresses: MailAddress[]): string =>
  addresses.map(({ name, address }) => name || address).join(', ');

/** Of what was sent from a conversation the company’s address is not kept. */
export const fullOf = ({ name, address }: MailAddress): string =>
  name && address ? `${name} <${address}>` : name || address;
