import sanitizeHtml from 'sanitize-html';

const colours = [/^#[0-9a-f]{3,8}$/i, /^rgba?\([\d\s.,%]+\)$/i, /^[a-z]{3,20}$/i];
const lengths = [/^-?\d+(\.\d+)?(px|pt|em|rem|%|ex|ch)?$/, /^(auto|0)$/];

/** Nobody writes HTML so deep, and what closes an element looks for it through all that are open. */
const depthAtMost = 1_000;

class TooDeep extends Error {}

/**
 * What of a stranger's HTML may be shown, in a sandboxed frame: no scripts, forms, frames, styles that reach out, or addresses but http, https,
 * mailto, tel and cid. Pictures from afar keep their address in `data-remote`: they load when they are asked for. Null: it is too deep.
 */
export function sanitizeMailHtml(html: string): string | null {
  let depth = 0;
  const options = {
    onOpenTag: () => {
      depth += 1;
      if (depth > depthAtMost) throw new TooDeep();
    },
    onCloseTag: () => {
      depth -= 1;
    },
  };
  try {
    return sanitize(html, options);
  } catch (error) {
    if (error instanceof TooDeep) return null;
    throw error;
  }
}

function sanitize(html: string, watching: Pick<sanitizeHtml.IOptions, 'onOpenTag' | 'onCloseTag'>): string {
  return sanitizeHtml(html, {
    ...watching,
    allowedTags: [
      ...[
        'a',
        'abbr',
        'address',
        'b',
        'big',
        'blockquote',
        'br',
        'caption',
        'center',
        'cite',
        'code',
        'col',
        'colgroup',
        'dd',
        'del',
      ],
      ...[
        'div',
        'dl',
        'dt',
        'em',
        'font',
        'h1',
        'h2',
        'h3',
        'h4',
        'h5',
        'h6',
        'hr',
        'i',
        'img',
        'ins',
        'li',
        'ol',
        'p',
        'pre',
        'q',
        's',
      ],
      ...[
        'small',
        'span',
        'strike',
        'strong',
        'sub',
        'sup',
        'table',
        'tbody',
        'td',
        'tfoot',
        'th',
        'thead',
        'tr',
        'u',
        'ul',
      ],
    ],
    allowedAttributes: {
      '*': ['style', 'dir', 'lang', 'align', 'valign', 'title', 'width', 'height', 'bgcolor'],
      a: ['href', 'name', 'target', 'rel'],
      img: ['src', 'alt', 'data-remote'],
      font: ['color', 'face', 'size'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan'],
      table: ['border', 'cellpadding', 'cellspacing'],
      ol: ['start', 'type'],
      blockquote: ['type', 'cite'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowedSchemesByTag: { img: ['cid', 'data'] },
    allowedStyles: {
      '*': {
        color: colours,
        'background-color': colours,
        'font-size': lengths,
        'font-weight': [/^(bold|normal|\d{3})$/],
        'font-style': [/^(italic|normal)$/],
        'font-family': [/^[\w\s"',-]+$/],
        'text-align': [/^(left|right|center|justify)$/],
        'text-decoration': [/^(underline|line-through|none)$/],
        'line-height': lengths,
        width: lengths,
        'max-width': lengths,
        padding: [/^[\d\s.a-z%]+$/],
        margin: [/^-?[\d\s.a-z%]+$/],
        border: [/^[\w\s#.,()%-]+$/],
        'border-left': [/^[\w\s#.,()%-]+$/],
        'white-space': [/^(pre|pre-wrap|normal|nowrap)$/],
      },
    },
    transformTags: {
      // what they say of all of it goes on for what stands in them
      html: (_, { lang = '', dir = '' }) => ({ tagName: 'div', attribs: { lang, dir } }),
      body: (_, { lang = '', dir = '', bgcolor = '', text = '', style = '' }) => {
        const ground = bgcolor === '' ? '' : `background-color:${bgcolor};`;
        const ink = text === '' ? '' : `color:${text};`;
        return { tagName: 'div', attribs: { lang, dir, style: `${ground}${ink}${style}` } };
      },
      a: (tagName, attributes) => ({
        tagName,
        attribs: { ...attributes, target: '_blank', rel: 'noopener noreferrer nofollow' },
      }),
      // without `alt` a screen reader reads out its address
      img: (tagName, { src = '', alt = '', ...rest }) => {
        const attributes = { ...rest, alt };
        // browsers take back slashes for slashes, and control characters for nothing
        const address = src.replace(/[\p{Cc}\s]/gu, '').replace(/^[\\/]{2}/, 'https://');
        if (/^https?:/i.test(address)) return { tagName, attribs: { ...attributes, 'data-remote': address } };
        // a mail has no place from which other addresses could go on
        return { tagName, attribs: /^(cid|data):/i.test(address) ? { ...attributes, src } : attributes };
      },
    },
    disallowedTagsMode: 'discard',
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title'],
    nestingLimit: 200,
  });
}
