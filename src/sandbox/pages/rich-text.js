import { h } from './shared.js';

const marks = [
  [/```([\s\S]+?)```/, 'code'],
  [/\*(?=\S)([^*\n]*\S)\*/, 'strong'],
  [/_(?=\S)([^_\n]*\S)_/, 'em'],
  [/~(?=\S)([^~\n]*\S)~/, 's'],
];
const link = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/;

/** WhatsApp's marks (*bold*, _italic_, ~struck~, ```code```) and links, as nodes. */
export function richText(text) {
  const found = [[link, 'a'], ...marks]
    .map(([pattern, name]) => ({ match: pattern.exec(text), name }))
    .filter(({ match, name }) => match && isWholeWord(text, match, name))
    .sort((a, b) => a.match.index - b.match.index)[0];
  if (!found) return [text];
  const { match, name } = found;
  const node =
    name === 'a'
      ? h('a', { href: match[0], target: '_blank', rel: 'noreferrer' }, match[0])
      : h(name, {}, name === 'code' ? match[1] : richText(match[1]));
  return [text.slice(0, match.index), node, ...richText(text.slice(match.index + match[0].length))];
}

function isWholeWord(text, match, name) {
  if (name === 'a') return true;
  const before = text[match.index - 1] ?? ' ';
  const after = text[match.index + match[0].length] ?? ' ';
  return !/\w/.test(before) && !/\w/.test(after);
}
