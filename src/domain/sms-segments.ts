export type SmsEncoding = 'gsm7' | 'ucs2';

export type SmsSize = {
  encoding: SmsEncoding;
  /** Septets of GSM-7 (a character of the extension table is two), else UTF-16 units. */
  units: number;
  segments: number;
  /** Units that still fit into the last segment. */
  left: number;
};

/** 3GPP TS 23.038, the basic table; each is one septet. */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** The extension table: two septets each, the first of them an escape. */
const extension = new Set('\f^{}\\[~]|€');

const sizes = { gsm7: { single: 160, joined: 153 }, ucs2: { single: 70, joined: 67 } };

/** R-CRED-2: how many SMS a text makes. What is longer than one is cut into joined ones, each shorter by its header. */
export function smsSize(text: string): SmsSize {
  const characters = Array.from(text);
  const gsm7 = characters.every((character) => basic.has(character) || extension.has(character));
  const encoding = gsm7 ? 'gsm7' : 'ucs2';
  const widths = characters.map((character) =>
    gsm7 ? (extension.has(character) ? 2 : 1) : character.length,
  );
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { single, joined } = sizes[encoding];
  if (units <= single) return { encoding, units, segments: 1, left: single - units };
  const { segments, used } = cut(widths, joined);
  return { encoding, units, segments, left: joined - used };
}

/** No character is cut in two: what does not fit whole begins the next segment. */
function cut(widths: number[], joined: number): { segments: number; used: number } {
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > joined) {
      segments++;
      used = 0;
    }
    used += width;
  }
  return { segments, used };
}
