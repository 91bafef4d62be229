export type MediaType = 'image' | 'document' | 'audio' | 'video' | 'sticker';

export type MediaCheck = { ok: true; media: MediaType; mimeType: string } | { ok: false; sentence: string };

const MiB = 1024 * 1024;
const word = 'application/msword';
const excel = 'application/vnd.ms-excel';
const powerpoint = 'application/vnd.ms-powerpoint';
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const pptx = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';

/** What the Cloud API takes, by media type. */
export const whatsAppMedia: Record<MediaType, { maxBytes: number; mimeTypes: readonly string[] }> = {
  image: { maxBytes: 5 * MiB, mimeTypes: ['image/jpeg', 'image/png'] },
  sticker: { maxBytes: 500 * 1024, mimeTypes: ['image/webp'] },
  video: { maxBytes: 16 * MiB, mimeTypes: ['video/mp4', 'video/3gpp'] },
  audio: {
    maxBytes: 16 * MiB,
    mimeTypes: ['audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/amr', 'audio/ogg'],
  },
  document: {
    maxBytes: 100 * MiB,
    mimeTypes: ['application/pdf', 'text/plain', word, excel, powerpoint, docx, xlsx, pptx],
  },
};

/**
 * Whether WhatsApp will take a file, and as what. The bytes decide, not the name: a declared type is believed only where it
 * narrows what the bytes say (an old Office file, sound in an MP4).
 */
export function checkWhatsAppMedia(file: { bytes: Uint8Array; declaredMimeType: string }): MediaCheck {
  if (file.bytes.length === 0) return refuse('The file is empty.');
  const mimeType = trueMimeType(file.bytes, file.declaredMimeType);
  const media = mimeType === undefined ? undefined : mediaTypeOf(mimeType);
  if (mimeType === undefined || media === undefined) {
    return refuse(
      'WhatsApp does not take this kind of file. Send a JPEG or PNG picture, an MP4 video, an MP3, M4A or OGG recording, a PDF, an Office file or plain text.',
    );
  }
  const { maxBytes } = whatsAppMedia[media];
  if (file.bytes.length > maxBytes) {
    return refuse(
      `The file is too large: WhatsApp takes ${mediaNoun[media]} of up to ${sizeText(maxBytes)}.`,
    );
  }
  return { ok: true, media, mimeType };
}

export const maxCandidateFileBytes = 20 * MiB;

const candidateFiles =
  /^(image\/(jpeg|png|gif|webp|heic)|audio\/|video\/|application\/(pdf$|msword|vnd\.)|text\/plain)/;

/** Whether a candidate may send a file by their page, and as what: pictures, sound, videos, documents. The bytes decide. */
export function checkCandidateFile(file: {
  bytes: Uint8Array;
  declaredMimeType: string;
}): { ok: true; mimeType: string } | { ok: false; sentence: string } {
  if (file.bytes.length === 0) return refuse('The file is empty.');
  const mimeType = trueMimeType(file.bytes, file.declaredMimeType);
  if (mimeType !== undefined && candidateFiles.test(mimeType)) return { ok: true, mimeType };
  return refuse(
    'This kind of file cannot be sent here. Send a picture, a PDF, an Office file, plain text, a recording or a video.',
  );
}

/** What most mail servers take, with a third on top for the encoding. */
export const maxEmailFilesBytes = 20 * MiB;

/** Whether a file may go with an e-mail, and as what: any type, of a size that arrives. */
export function checkEmailFile(file: {
  bytes: Uint8Array;
  declaredMimeType: string;
}): { ok: true; mimeType: string } | { ok: false; sentence: string } {
  if (file.bytes.length === 0) return refuse('The file is empty.');
  if (file.bytes.length > maxEmailFilesBytes)
    return refuse('The file is too large: an e-mail takes 20 MB. Send a link to it instead.');
  return { ok: true, mimeType: receivedMimeType(file.bytes, file.declaredMimeType) };
}

/**
 * The type under which a received file may be stored and served: the sender's word where the bytes agree with it or tell
 * nothing against it, else what the bytes are, else `application/octet-stream`.
 */
export function receivedMimeType(bytes: Uint8Array, declaredMimeType: string): string {
  const declared = baseMimeType(declaredMimeType);
  const actual = trueMimeType(bytes, declared);
  if (actual !== undefined) return actual;
  // nothing recognised: a type that browsers would draw or run must not rest on the sender's word
  return /^(image|audio|video|text)\//.test(declared) || /html|xml|script|svg/.test(declared)
    ? 'application/octet-stream'
    : declared;
}

/** The type by magic bytes; undefined when none is recognised. */
export function sniffMimeType(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes, 0, 64);
  for (const [pattern, mimeType] of magic) if (pattern.test(head)) return mimeType;
  if (head.startsWith('PK\x03\x04')) return zipMimeType(bytes);
  return isPlainText(bytes) ? 'text/plain' : undefined;
}

/** `audio/ogg; codecs=opus` → `audio/ogg`. */
function baseMimeType(mimeType: string): string {
  return (mimeType.split(';')[0] ?? '').trim().toLowerCase();
}

const oldOffice = 'application/x-ole-storage';

const magic: [RegExp, string][] = [
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
  [/^RIFF[^]{4}WAVE/, 'audio/wav'],
  [/^%PDF-/, 'application/pdf'],
  [/^[^]{4}ftyp3g[p2]/, 'video/3gpp'],
  [/^[^]{4}ftypM4[AB] /, 'audio/mp4'],
  [/^[^]{4}ftyp(?:hei[cx]|mif1|avif)/, 'image/heic'],
  [/^[^]{4}ftypqt {2}/, 'video/quicktime'],
  [/^[^]{4}ftyp/, 'video/mp4'],
  [/^OggS/, 'audio/ogg'],
  [/^#!AMR/, 'audio/amr'],
  [/^\x1a\x45\xdf\xa3/, 'video/webm'],
  [/^ID3/, 'audio/mpeg'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'audio/aac'],
  [/^\xff[\xe2\xe3\xf2\xf3\xfa\xfb]/, 'audio/mpeg'],
  [/^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, oldOffice],
];

function trueMimeType(bytes: Uint8Array, declaredMimeType: string): string | undefined {
  const declared = baseMimeType(declaredMimeType);
  const sniffed = sniffMimeType(bytes);
  if (sniffed === oldOffice) return [word, excel, powerpoint].find((mimeType) => mimeType === declared);
  if (sniffed === 'video/mp4' && declared === 'audio/mp4') return declared;
  return sniffed;
}

export function mediaTypeOf(mimeType: string): MediaType | undefined {
  return (Object.keys(whatsAppMedia) as MediaType[]).find((media) =>
    whatsAppMedia[media].mimeTypes.includes(mimeType),
  );
}

/** Office files are ZIPs whose first entries tell which program made them. */
function zipMimeType(bytes: Uint8Array): string {
  const names = latin1(bytes, 0, 8192);
  if (names.includes('word/')) return docx;
  if (names.includes('xl/')) return xlsx;
  if (names.includes('ppt/')) return pptx;
  return 'application/zip';
}

function isPlainText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 4096);
  if (head.length === 0) return false;
  // a cut in the middle of the last character is no fault, hence `stream`
  const text = decodeUtf8(head);

  return (
    text !== undefined &&
    !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) &&
    !/^\s*<(?:!doctype|html|\?xml|svg|script)/i.test(text)
  );
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

const mediaNoun: Record<MediaType, string> = {
  image: 'pictures',
  sticker: 'stickers',
  video: 'videos',
  audio: 'recordings',
  document: 'documents',
};

function sizeText(bytes: number): string {
  return bytes >= MiB ? `${bytes / MiB} MB` : `${bytes / 1024} KB`;
}

function refuse(sentence: string): { ok: false; sentence: string } {
  return { ok: false, sentence };
}
