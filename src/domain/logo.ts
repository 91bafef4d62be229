import { maxLogoBytes } from './brand';
import { sniffMimeType } from './media-rules';

const maxWidth = 1200;
const maxHeight = 600;

type LogoType = 'image/png' | 'image/jpeg' | 'image/webp';

/** Whether a file may be the company's logo, and as what. The bytes decide: an SVG, which can run scripts, never is one. */
export function checkLogo(bytes: Buffer): { ok: true; mimeType: LogoType } | { ok: false; sentence: string } {
  const mimeType = sniffMimeType(bytes);
  if (mimeType !== 'image/png' && mimeType !== 'image/jpeg' && mimeType !== 'image/webp')
    return refuse('This is no picture of a kind that can be a logo. Choose a PNG, JPEG or WebP file.');
  if (bytes.length > maxLogoBytes)
    return refuse('The logo is larger than 200 KB. Save it smaller and choose it again.');
  const size = sizeOf(mimeType, bytes);
  if (!size || size.width === 0 || size.height === 0)
    return refuse('The picture is damaged. Save it again, and choose that file.');
  if (size.width > maxWidth || size.height > maxHeight)
    return refuse(
      `The logo is ${size.width} × ${size.height} pixels. Make it at most ${maxWidth} × ${maxHeight}.`,
    );
  return { ok: true, mimeType };
}

type Size = { width: number; height: number };

/** By the file's header; undefined where it is cut or not as it should be. */
function sizeOf(mimeType: LogoType, bytes: Buffer): Size | undefined {
  try {
    if (mimeType === 'image/png') return pngSize(bytes);
    return mimeType === 'image/jpeg' ? jpegSize(bytes) : webpSize(bytes);
  } catch {
    // read beyond the end
    return undefined;
  }
}

const pngSize = (bytes: Buffer): Size | undefined =>
  bytes.toString('latin1', 12, 16) === 'IHDR'
    ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    : undefined;

/** Segment by segment, up to the first that begins a frame (SOF0 to SOF15, without DHT, JPG and DAC). */
function jpegSize(bytes: Buffer): Size | undefined {
  for (let at = 2; bytes[at] === 0xff;) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** The three kinds of WebP: extended, lossless, lossy. */
function webpSize(bytes: Buffer): Size | undefined {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return undefined;
  }
}

const refuse = (sentence: string) => ({ ok: false as const, sentence });
