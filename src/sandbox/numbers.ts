/**
 * Several ways to write a number can be one phone: the wa_id that WhatsApp answers with is not always the number asked for.
 * Brazil's mobiles gained a ninth digit which wa_ids of area codes from 31 on mostly lack; Mexico's wa_ids carry a 1
 * after the 52, Argentina's a 9 after the 54, whether it was written or not.
 */

/** Digits of an international number, or undefined when it cannot be one. */
export function digitsOf(text: string): string | undefined {
  const digits = text.replace(/[\s().+-]/g, '');
  if (!/^[1-9]\d{7,14}$/.test(digits)) return undefined;
  if (digits.startsWith('55') && !/^55[1-9]\d\d{8,9}$/.test(digits)) return undefined;
  if (digits.startsWith('52') && !/^521?[1-9]\d{9}$/.test(digits)) return undefined;
  if (digits.startsWith('1') && !/^1[2-9]\d{9}$/.test(digits)) return undefined;
  return digits;
}

/** The same for every way of writing one number. */
export function variantKey(digits: string): string {
  const brazil = /^55(\d\d)9(\d{8})$/.exec(digits);
  if (brazil) return `55${brazil[1]}${brazil[2]}`;
  const mexico = /^521(\d{10})$/.exec(digits);
  if (mexico) return `52${mexico[1]}`;
  const argentina = /^549(\d{10})$/.exec(digits);
  if (argentina) return `54${argentina[1]}`;
  return digits;
}

/** The wa_id that WhatsApp gives a number it has not been told otherwise about. */
export function usualWaId(digits: string): string {
  const brazil = /^55(\d\d)(9?)(\d{8})$/.exec(digits);
  if (brazil) {
    const mobile = /^[6-9]/.test(brazil[3]!);
    return Number(brazil[1]) < 31 && mobile ? `55${brazil[1]}9${brazil[3]}` : `55${brazil[1]}${brazil[3]}`;
  }
  const mexico = /^52(\d{10})$/.exec(digits);
  if (mexico) return `521${mexico[1]}`;
  const argentina = /^54(\d{10})$/.exec(digits);
  if (argentina) return `549${argentina[1]}`;
  return digits;
}
