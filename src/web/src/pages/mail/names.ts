import type { MailAddress } from '../../../../contracts/mails';

export const namesOf = (addresses: MailAddress[]): string =>
  addresses.map(({ name, address }) => name || address).join(', ');

export const fullOf = ({ name, address }: MailAddress): string => (name ? `${name} <${address}>` : address);
