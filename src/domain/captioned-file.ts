import type { MediaType } from './media-rules';

const longestCaption = 1024;

/** Over WhatsApp each file is a message. Whose caption a text beside them is: the first that takes one; -1: it is a message of its own. */
export function captionedFile(said: string, files: readonly (MediaType | null | undefined)[]): number {
  if (said === '' || said.length > longestCaption) return -1;
  return files.findIndex((media) => media !== 'audio' && media !== 'sticker');
}
