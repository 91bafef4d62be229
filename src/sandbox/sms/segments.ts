const gsm7 =
  /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà\f^{}\\[~\]|€]*$/;

/** As the provider counts them in `num_segments`. Written apart from Parley's own count, which it is to agree with. */
export function segmentsOf(text: string): number {
  const plain = gsm7.test(text);
  const [single, joined] = plain ? [160, 153] : [70, 67];
  const widths = [...text].map((character) =>
    plain ? (/[\f^{}\\[~\]|€]/.test(character) ? 2 : 1) : character.length,
  );
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= single) return 1;
  let segments = 1;
  let room = joined;
  for (const width of widths) {
    if (width > room) {
      segments++;
      room = joined;
    }
    room -= width;
  }
  return segments;
}
