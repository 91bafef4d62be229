import {
  checkWhatsAppMedia,
  receivedMimeType,
  sniffMimeType,
  whatsAppMedia,
  type MediaType,
} from '../../src/domain/media-rules';

const bytes = (text: string, size = 0) => {
  const head = Buffer.from(text, 'latin1');
  return Buffer.concat([head, Buffer.alloc(Math.max(0, size - head.length), 1)]);
};
const jpeg = '\xff\xd8\xff\xe0';
const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('media rules', () => {
  it.each([
    ['JPEG', jpeg, 'image/jpeg'],
    ['PNG', '\x89PNG\r\n\x1a\n', 'image/png'],
    ['GIF', 'GIF89a', 'image/gif'],
    ['WebP', 'RIFF\x01\x02\x03\x04WEBPVP8 ', 'image/webp'],
    ['PDF', '%PDF-1.7', 'application/pdf'],
    ['MP4', '\0\0\0\x20ftypisom', 'video/mp4'],
    ['3GP', '\0\0\0\x20ftyp3gp4', 'video/3gpp'],
    ['M4A', '\0\0\0\x20ftypM4A ', 'audio/mp4'],
    ['HEIC', '\0\0\0\x20ftypheic', 'image/heic'],
    ['OGG', 'OggS\0\x02', 'audio/ogg'],
    ['AMR', '#!AMR\n', 'audio/amr'],
    ['MP3 with tag', 'ID3\x03', 'audio/mpeg'],
    ['MP3 frame', '\xff\xfb\x90', 'audio/mpeg'],
    ['AAC', '\xff\xf1\x50', 'audio/aac'],
    ['WebM', '\x1a\x45\xdf\xa3', 'video/webm'],
    ['Word', 'PK\x03\x04....[Content_Types].xml...word/document.xml', docx],
    ['ZIP', 'PK\x03\x04....readme', 'application/zip'],
    ['text', 'Dear Ada,\n', 'text/plain'],
    ['a page', '<!DOCTYPE html><p>', undefined],
    ['a program', '\x7fELF\x02\x01\x01\0', undefined],
    ['nothing', '', undefined],
  ])('knows %s by its bytes', (_name, head, expected) => {
    expect(sniffMimeType(bytes(head))).toBe(expected);
  });

  it('takes text that is cut in the middle of a character', () => {
    expect(sniffMimeType(Buffer.from('a' + 'ñ'.repeat(4096)))).toBe('text/plain');
  });

  it.each<[string, string, string, MediaType]>([
    ['a picture', jpeg, 'image/jpeg', 'image'],
    ['a picture with a wrong declared type', jpeg, 'application/pdf', 'image'],
    ['a voice note', 'OggS\0\x02', 'audio/ogg; codecs=opus', 'audio'],
    ['sound in an MP4', '\0\0\0\x20ftypisom', 'audio/mp4', 'audio'],
    ['an old Word file', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/msword', 'document'],
    ['a sticker', 'RIFF\x01\x02\x03\x04WEBPVP8 ', 'image/webp', 'sticker'],
  ])('takes %s', (_name, head, declaredMimeType, media) => {
    expect(checkWhatsAppMedia({ bytes: bytes(head), declaredMimeType })).toMatchObject({ ok: true, media });
  });

  it.each([
    ['GIF89a', 'image/gif'],
    ['MZ\x90\0', 'image/jpeg'],
    ['PK\x03\x04', 'application/zip'],
    ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/octet-stream'],
    ['<html>', 'text/plain'],
  ])('refuses %p declared as %s with what to send instead', (head, declaredMimeType) => {
    expect(checkWhatsAppMedia({ bytes: bytes(head), declaredMimeType })).toEqual({
      ok: false,
      sentence: expect.stringContaining('Send a JPEG') as string,
    });
  });

  it('refuses an empty file', () => {
    expect(checkWhatsAppMedia({ bytes: Buffer.alloc(0), declaredMimeType: 'image/png' }).ok).toBe(false);
  });

  it('takes a file of exactly the largest size and refuses one byte more', () => {
    const { maxBytes } = whatsAppMedia.image;
    expect(checkWhatsAppMedia({ bytes: bytes(jpeg, maxBytes), declaredMimeType: 'image/jpeg' }).ok).toBe(
      true,
    );
    expect(checkWhatsAppMedia({ bytes: bytes(jpeg, maxBytes + 1), declaredMimeType: 'image/jpeg' })).toEqual({
      ok: false,
      sentence: 'The file is too large: WhatsApp takes pictures of up to 5 MB.',
    });
  });

  it.each([
    ['the sender is right', jpeg, 'image/jpeg', 'image/jpeg'],
    ['the bytes say otherwise', '%PDF-1.4', 'image/jpeg', 'application/pdf'],
    ['a page calls itself a picture', '<html><script>', 'image/png', 'application/octet-stream'],
    ['a page says that it is one', '<html><script>', 'text/html', 'application/octet-stream'],
    ['an unknown document', '\x01\x02\x03\0', 'application/x-cv', 'application/x-cv'],
  ])('serves a received file safely when %s', (_name, head, declared, expected) => {
    expect(receivedMimeType(bytes(head), declared)).toBe(expected);
  });
});
