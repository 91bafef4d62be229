import type { MediaKind } from './model';

const megabyte = 1024 * 1024;

/** What Meta takes, by kind: MIME types and the greatest size in bytes. */
export const mediaTypes: Record<MediaKind, { mimeTypes: string[]; maxBytes: number }> = {
  audio: {
    mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/opus'],
    maxBytes: 16 * megabyte,
  },
  document: {
    mimeTypes: [
      'text/plain',
      'application/pdf',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ],
    maxBytes: 100 * megabyte,
  },
  image: { mimeTypes: ['image/jpeg', 'image/png'], maxBytes: 5 * megabyte },
  sticker: { mimeTypes: ['image/webp'], maxBytes: 500 * 1024 },
  video: { mimeTypes: ['video/mp4', 'video/3gpp', 'video/3gp'], maxBytes: 16 * megabyte },
};

export function isMediaKind(type: string): type is MediaKind {
  return type in mediaTypes;
}

/** `audio/ogg; codecs=opus` → `audio/ogg` */
export function bareMimeType(mimeType: string): string {
  return (mimeType.split(';')[0] ?? '').trim().toLowerCase();
}

export function acceptedAsUpload(mimeType: string): { maxBytes: number } | undefined {
  const bare = bareMimeType(mimeType);
  return Object.values(mediaTypes).find((kind) => kind.mimeTypes.includes(bare));
}

export const allMimeTypes = [...new Set(Object.values(mediaTypes).flatMap((kind) => kind.mimeTypes))];

/** Why a file of this type and size cannot go out as this kind of message; undefined when it can. */
export function mediaFault(kind: MediaKind, file: { mimeType: string; size: number }): string | undefined {
  const rule = mediaTypes[kind];
  const bare = bareMimeType(file.mimeType);
  // A document may be anything that can be uploaded at all.
  const accepted = kind === 'document' ? allMimeTypes : rule.mimeTypes;
  if (!accepted.includes(bare)) {
    return `Unsupported ${kind[0]!.toUpperCase()}${kind.slice(1)} mime type ${bare}. Please use one of ${rule.mimeTypes.join(', ')}.`;
  }
  if (file.size > rule.maxBytes) {
    return `Media file size too big. Max file size we currently support: ${rule.maxBytes} bytes; this file has ${file.size}.`;
  }
  return undefined;
}
