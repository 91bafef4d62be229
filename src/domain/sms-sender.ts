const maxLength = 11;

/**
 * R-SEND-3: the company's name as an alphanumeric sender: letters, digits and spaces, at most 11, at least one letter among them.
 * Accents are taken off, as networks know only plain letters. Undefined where nothing of the name remains.
 */
export function senderFromName(companyName: string): string | undefined {
  const plain = companyName
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9 ]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
    .slice(0, maxLength)
    .trim();
  return isAlphanumericSender(plain) ? plain : undefined;
}

/** Whether a provider takes this as a sender in letters. It cannot be answered. */
export function isAlphanumericSender(sender: string): boolean {
  return /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 ]{0,10}$/.test(sender);
}

/** Letters are shown, and there is no number to write back to. A messaging service (undefined) may hold either. */
export function canBeAnswered(sender: string | undefined): boolean {
  return sender === undefined || !/[A-Za-z]/.test(sender);
}
